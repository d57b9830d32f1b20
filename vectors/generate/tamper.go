package generate

import (
	"fmt"
	"slices"

	"ockamtest/vectors"
)

func tamperScenarios() []func(*builder) {
	return []func(*builder){truncated, extended, flippedInFlight, flippedM2, flippedM3, zeroed, swapped, replayed, reflected, impersonated, offTheCurve, otherDerivations}
}

// A field is a part of a message.
type field struct {
	name     string
	from, to int
}

// fields of m2 and m3, whose first part m1 is like.
func fieldsOf(at, dhLen int) []field {
	switch at {
	case 1:
		return []field{{"e", 0, dhLen}}
	case 2:
		return []field{{"e", 0, dhLen}, {"s", dhLen, 2 * dhLen}, {"tag of s", 2 * dhLen, 2*dhLen + 16}, {"tag of the payload", 2*dhLen + 16, 2*dhLen + 32}}
	default:
		return []field{{"s", 0, dhLen}, {"tag of s", dhLen, dhLen + 16}, {"tag of the payload", dhLen + 16, dhLen + 32}}
	}
}

func dhLen(suite string) int {
	if suite == vectors.SuiteP256 {
		return 65
	}
	return 32
}

// tampered adds s in which message at arrives as got, beside its control.
func (b *builder) tampered(control int, class, requirements, comment string, s session, at int, got vectors.Hex) {
	m1, m2, _ := s.all()
	v := s.vector(vectors.Responder, 1, got)
	switch at {
	case 2:
		v = s.vector(vectors.Initiator, 2, m1, got)
	case 3:
		v = s.vector(vectors.Responder, 3, m1, m2, got)
	}
	b.refuse(control, class, requirements, fmt.Sprintf("m%d: %s", at, comment), v)
}

// message returns one of a session's messages.
func (s session) message(at int) vectors.Hex {
	m1, m2, m3 := s.all()
	return []vectors.Hex{m1, m2, m3}[at-1]
}

// eachMessage calls f for each message of a session in each suite, after its control.
func (b *builder) eachMessage(label string, f func(control int, s session, at int)) {
	for _, suite := range suites() {
		for at := 1; at <= 3; at++ {
			s := newSession(suite, fmt.Sprint(label, " ", at))
			f(b.handshake("NOISE-002", "as it should be", s), s, at)
		}
	}
}

// Shorter than its fixed parts, a message is no message (NOISE-006).
func truncated(b *builder) {
	b.eachMessage("truncated", func(control int, s session, at int) {
		m := s.message(at)
		lengths := []int{0, 1, 15, 16, len(m) / 2, len(m) - 17, len(m) - 16, len(m) - 15, len(m) - 2, len(m) - 1}
		for _, f := range fieldsOf(at, dhLen(s.suite)) {
			lengths = append(lengths, f.from)
		}
		slices.Sort(lengths)
		for _, n := range slices.Compact(lengths) {
			b.tampered(control, "noise/length", "NOISE-006", fmt.Sprintf("the first %d of %d bytes", n, len(m)), s, at, m[:n])
		}
	})
}

// Longer, the rest is payload: m1's is refused, in m2 and m3 it fails the tag (NOISE-006).
func extended(b *builder) {
	b.eachMessage("extended", func(control int, s session, at int) {
		class := "noise/tag"
		if at == 1 {
			class = "noise/payload"
		}
		m := s.message(at)
		for _, n := range []int{1, 2, 16, 32} {
			b.tampered(control, class, "NOISE-006", fmt.Sprintf("%d zeros behind it", n), s, at, slices.Concat(m, make([]byte, n)))
		}
		b.tampered(control, class, "NOISE-006", "itself behind it", s, at, slices.Concat(m, m))
		b.tampered(control, class, "NOISE-006", "its last 16 bytes twice", s, at, slices.Concat(m, m[len(m)-16:]))
	})
}

// A changed m1 is accepted by the responder, for nothing in it is authenticated; the initiator notices at m2.
func flippedInFlight(b *builder) {
	s := newSession(vectors.SuiteX25519, "flipped in flight")
	control := b.handshake("NOISE-005", "as it should be", s)
	m1 := s.m1()
	for _, bit := range []int{0, 7, 100, 200, 254, 255} {
		b.tampered(control, "noise/tag", "NOISE-005", fmt.Sprintf("the answer to an m1 with bit %d flipped", bit), s, 2, s.m2(flip(m1, bit)))
	}
	for _, suite := range suites() {
		s := newSession(suite, "replaced in flight")
		control := b.handshake("NOISE-005", "as it should be", s)
		other := newSession(suite, "somebody else")
		b.tampered(control, "noise/tag", "NOISE-005", "the answer to somebody else's m1", s, 2, s.m2(other.m1()))
	}
}

func flippedM2(b *builder) { flipped(b, 2) }
func flippedM3(b *builder) { flipped(b, 3) }

// flipped has one bit of each field changed, in several places. Each tag counts, in all its bytes (NOISE-005).
func flipped(b *builder, at int) {
	for _, suite := range suites() {
		s := newSession(suite, fmt.Sprint("flipped ", at))
		control := b.handshake("NOISE-005", "as it should be", s)
		m := s.message(at)
		for _, f := range fieldsOf(at, dhLen(suite)) {
			class, step := "noise/tag", 1
			if f.to-f.from > 16 {
				step = (f.to - f.from) / 5
			}
			if f.name == "e" && suite == vectors.SuiteP256 {
				class = "noise/point"
			}
			for i := f.from; i < f.to; i += step {
				b.tampered(control, class, "NOISE-005", fmt.Sprintf("byte %d of %s changed", i-f.from, f.name), s, at, flip(m, 8*i+i%8))
			}
		}
		if suite == vectors.SuiteX25519 && at == 2 {
			b.tampered(control, "noise/tag", "NOISE-018", "the top bit of e changed: h differs", s, at, flip(m, 255))
		}
	}
}

// zeroed has zeros or ones in place of a field.
func zeroed(b *builder) {
	for at := 2; at <= 3; at++ {
		s := newSession(vectors.SuiteX25519, fmt.Sprint("zeroed ", at))
		control := b.handshake("NOISE-005", "as it should be", s)
		for _, f := range fieldsOf(at, 32) {
			for _, c := range []byte{0, 255} {
				m := slices.Clone(s.message(at))
				copy(m[f.from:f.to], slices.Repeat([]byte{c}, f.to-f.from))
				class := "noise/tag"
				if f.name == "e" && c == 0 {
					class = "noise/zero"
				}
				b.tampered(control, class, "NOISE-005", fmt.Sprintf("%s is all %02x", f.name, c), s, at, m)
			}
		}
	}
}

// swapped has parts in the wrong place, or of another message.
func swapped(b *builder) {
	for _, suite := range suites() {
		n := dhLen(suite)
		s := newSession(suite, "swapped")
		control := b.handshake("NOISE-005", "as it should be", s)
		m1, m2, m3 := s.all()
		b.tampered(control, "noise/tag", "NOISE-005", "the tags are swapped", s, 2, slices.Concat(m2[:2*n], m2[2*n+16:], m2[2*n:2*n+16]))
		b.tampered(control, "noise/tag", "NOISE-005", "the tags are swapped", s, 3, slices.Concat(m3[:n], m3[n+16:], m3[n:n+16]))
		b.tampered(control, "noise/tag", "NOISE-005", "the payload's tag comes first", s, 3, slices.Concat(m3[n+16:], m3[:n+16]))
		b.tampered(control, "noise/tag", "NOISE-005", "s is that of m3", s, 2, slices.Concat(m2[:n], m3[:n+16], m2[2*n+16:]))
		b.tampered(control, "noise/tag", "NOISE-005", "s is that of m2", s, 3, slices.Concat(m2[n:2*n+16], m3[n+16:]))
		b.tampered(control, "noise/tag", "NOISE-005", "the payload's tag is that of m2", s, 3, slices.Concat(m3[:n+16], m2[2*n+16:]))
		b.tampered(control, "noise/tag", "NOISE-004", "s in clear, as if there were no key", s, 3, slices.Concat(publicOf(suite, s.is), m3[n:]))
		b.tampered(control, "noise/length", "CHAN-001", "it is m1", s, 2, m1)
		b.tampered(control, "noise/tag", "CHAN-001", "it is m2", s, 3, m2)
	}
	s := newSession(vectors.SuiteX25519, "type swapped")
	control := b.handshake("NOISE-006", "as it should be", s)
	_, m2, m3 := s.all()
	b.tampered(control, "noise/payload", "NOISE-006", "it is m2", s, 1, m2)
	b.tampered(control, "noise/payload", "NOISE-006", "it is m3", s, 1, m3)
	b.tampered(control, "noise/length", "NOISE-006", "it is m3", s, 2, m3)
}

func publicOf(suite string, private []byte) vectors.Hex {
	if suite == vectors.SuiteP256 {
		return publicP(private)
	}
	return publicX(private)
}

// replayed has messages of other handshakes of the same two ends.
func replayed(b *builder) {
	for _, suite := range suites() {
		s, before := newSession(suite, "replayed"), newSession(suite, "replayed")
		before.ie, before.re = key("replayed, initiator before"), key("replayed, responder before")
		control := b.handshake("NOISE-005 NOISE-007", "as it should be", s)
		_, m2, m3 := before.all()
		b.tampered(control, "noise/tag", "NOISE-005", "that of an earlier handshake", s, 2, m2)
		b.tampered(control, "noise/tag", "NOISE-005", "that of an earlier handshake", s, 3, m3)
		sameI, sameR := s, s
		sameI.re, sameR.ie = before.re, before.ie
		b.tampered(control, "noise/tag", "NOISE-005", "that of a handshake with the same m1", s, 3, sameI.message(3))
		b.tampered(control, "noise/tag", "NOISE-005", "that of a handshake with the same e in m2", s, 3, sameR.message(3))
		b.tampered(control, "noise/tag", "NOISE-005", "that of a handshake with the same e", s, 2, sameR.message(2))
		n := dhLen(suite)
		b.tampered(control, "noise/tag", "NOISE-005", "e of this, the rest of an earlier handshake", s, 2, slices.Concat(s.message(2)[:n], m2[n:]))
		b.tampered(control, "noise/tag", "NOISE-005", "s of an earlier handshake", s, 3, slices.Concat(m3[:n+16], s.message(3)[n+16:]))
		b.tampered(control, "noise/tag", "NOISE-005", "the payload of an earlier handshake", s, 3, slices.Concat(s.message(3)[:n+16], m3[n+16:]))
	}
}

// reflected gives an initiator its own ephemeral key, by one who does not know it and by one who does.
func reflected(b *builder) {
	for _, suite := range suites() {
		n := dhLen(suite)
		s := newSession(suite, "reflected")
		control := b.handshake("NOISE-016", "as it should be", s)
		m1, m2, _ := s.all()
		b.tampered(control, "noise/length", "NOISE-016", "m1 comes back", s, 2, m1)
		b.tampered(control, "noise/reflection", "NOISE-016", "its own e, and what was meant for another", s, 2, slices.Concat(m1, m2[n:]))
		both := s
		both.re = s.ie
		b.tampered(control, "noise/reflection", "NOISE-016", "its own e, and all is authentic", s, 2, both.m2(m1))
	}
}

// impersonated is by peers who do not have the private key of the static key that they send.
func impersonated(b *builder) {
	for _, suite := range suites() {
		s := newSession(suite, "impersonated")
		control := b.handshake("NOISE-005 NOISE-011", "as it should be", s)
		m1, m2, _ := s.all()
		liar := s
		liar.rs = key("the liar's own")
		liar.unlike.Alter = saying("noise/m2-s", publicOf(suite, s.rs))
		b.tampered(control, "noise/tag", "NOISE-005", "the static key of another, without its private key", s, 2, liar.m2(m1))
		liar = s
		liar.is = key("the liar's own")
		liar.unlike.Alter = saying("noise/m3-s", publicOf(suite, s.is))
		b.tampered(control, "noise/tag", "NOISE-005", "the static key of another, without its private key", s, 3, liar.m3(m2))
	}
}

// saying is what a peer says in place of a value.
func saying(name string, said []byte) func(string, []byte) []byte {
	return func(value string, b []byte) []byte {
		if value == name {
			return said
		}
		return b
	}
}

// offTheCurve are P-256 keys that are no points: refused before anything is computed with them.
func offTheCurve(b *builder) {
	s := newSession(vectors.SuiteP256, "off the curve")
	control := b.handshake("VAULT-002 NOISE-005", "as it should be", s)
	m1, m2, _ := s.all()
	for name, change := range []func([]byte){
		func(e []byte) { e[0] = 2 }, func(e []byte) { e[0] = 0 }, func(e []byte) { e[64] ^= 1 }, func(e []byte) { e[1] ^= 1 },
		func(e []byte) { copy(e[1:], make([]byte, 64)) }, func(e []byte) { copy(e, make([]byte, 65)) },
	} {
		what := []string{"begins with 02", "begins with 00", "y is another", "x is another", "x and y are zero", "all zero"}[name]
		e := slices.Clone(m1)
		change(e)
		b.tampered(control, "noise/point", "VAULT-002", "e "+what, s, 1, e)
		m := slices.Clone(m2)
		change(m[:65])
		b.tampered(control, "noise/point", "VAULT-002", "e "+what, s, 2, m)
	}
	off := publicP(s.rs)
	off[64] ^= 1
	liar := s
	liar.unlike.Alter = saying("noise/m2-s", off)
	b.tampered(control, "noise/point", "VAULT-002", "an authentic s off the curve", s, 2, liar.m2(m1))
	liar.unlike.Alter = saying("noise/m3-s", off)
	b.tampered(control, "noise/point", "VAULT-002", "an authentic s off the curve", s, 3, liar.m3(m2))
}

// otherDerivations are peers that derive otherwise: each would complete a handshake with a twin of its own alone.
func otherDerivations(b *builder) {
	for _, suite := range suites() {
		s := newSession(suite, "other derivation")
		control := b.handshake("NOISE-001 NOISE-003 NOISE-004", "as it should be", s)
		m1 := s.m1()
		for _, peer := range []struct {
			requirement, comment string
			skip, alter          string
			to                   func([]byte) []byte
		}{
			{"NOISE-001", "a peer that does not mix the prologue", "noise/mix-prologue", "", nil},
			{"NOISE-001", "a peer with another protocol name", "", "noise/name", func([]byte) []byte { return []byte("Noise_XX_25519_AESGCM_SHA512") }},
			{"NOISE-003", "a peer that counts little-endian, and from 1", "", "noise/nonce", func(n []byte) []byte { return slices.Concat(n[:4], []byte{n[11] + 1}, n[5:]) }},
			{"NOISE-003", "a peer without associated data", "", "noise/ad", func([]byte) []byte { return nil }},
			{"NOISE-003", "a peer whose ck and k are the other way round", "", "noise/okm", func(b []byte) []byte { return slices.Concat(b[32:], b[:32]) }},
			{"NOISE-003", "a peer that leaves salt out", "", "noise/salt", func([]byte) []byte { return nil }},
		} {
			liar := s
			liar.unlike.Skip = func(name string) bool { return name == peer.skip }
			liar.unlike.Alter = func(name string, b []byte) []byte {
				if name == peer.alter {
					return peer.to(b)
				}
				return b
			}
			b.tampered(control, "noise/tag", peer.requirement, peer.comment, s, 2, liar.m2(m1))
		}
	}
}
