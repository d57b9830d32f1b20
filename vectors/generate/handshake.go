package generate

import (
	"fmt"
	"math/big"
	"slices"

	"ockamtest/vectors"
)

func handshakeScenarios() []func(*builder) {
	return []func(*builder){knownHandshakes, otherKeys, payloadsOfNoise, prologues, clampedKeys, topBit, aboveP, payloadsRefused, lowOrderKeys, sharedKeys}
}

// suites with the words for comments.
func suites() []string { return []string{vectors.SuiteX25519, vectors.SuiteP256} }

const whole = "NOISE-001 NOISE-002 NOISE-003 NOISE-004 NOISE-010 NOISE-014"

func knownHandshakes(b *builder) {
	for _, suite := range suites() {
		b.handshake(whole, "the keys of section 12", known(suite))
	}
	s := known(vectors.SuiteX25519)
	s.version1, s.payloads = false, [3]vectors.Hex{vectors.Hex("test_msg_0"), vectors.Hex("test_msg_1"), vectors.Hex("test_msg_2")}
	b.handshake(whole, "the keys and payloads of section 12", s)
}

func otherKeys(b *builder) {
	for _, suite := range suites() {
		for i := range 8 {
			b.handshake(whole, fmt.Sprintf("other keys, %d", i), newSession(suite, fmt.Sprint("handshake ", i)))
		}
	}
}

func payloadsOfNoise(b *builder) {
	for _, suite := range suites() {
		for i, lengths := range [][3]int{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {16, 16, 16}, {0, 15, 17}, {64, 128, 255}, {4, 4, 4}} {
			s := newSession(suite, fmt.Sprint("payload ", i))
			s.version1 = false
			for n, length := range lengths {
				s.payloads[n] = pattern(length)
			}
			b.handshake("NOISE-002 NOISE-003", fmt.Sprintf("payloads of %d bytes: Noise takes them, version 1 does not", lengths), s)
		}
	}
}

func prologues(b *builder) {
	for _, suite := range suites() {
		for _, n := range []int{1, 9, 32, 100} {
			s := newSession(suite, fmt.Sprint("prologue ", n))
			s.version1, s.iPrologue, s.rPrologue = false, pattern(n), pattern(n)
			b.handshake("NOISE-001", fmt.Sprintf("a prologue of %d bytes, which version 1 has not", n), s)
		}
	}
}

func clampedKeys(b *builder) {
	for i, mask := range [][2]byte{{0x00, 0x00}, {0xff, 0xff}, {0x07, 0x80}} {
		s := newSession(vectors.SuiteX25519, fmt.Sprint("clamp ", i))
		for _, k := range []*vectors.Hex{&s.is, &s.ie, &s.rs, &s.re} {
			c := slices.Clone(*k)
			c[0], c[31] = c[0]&^7|mask[0]&7, c[31]&0x3f|mask[1]&0xc0
			*k = c
		}
		b.handshake("NOISE-018", fmt.Sprintf("private keys with other bits where clamping is: %02x", mask), s)
	}
}

// topBit has an m1 whose e has the top bit set: X25519 ignores it, h does not.
func topBit(b *builder) {
	for i := range 4 {
		s := newSession(vectors.SuiteX25519, fmt.Sprint("top bit ", i))
		b.asWritten("the top bit of m1's e is set", s, flip(s.m1(), 255))
	}
}

// aboveP has an m1 whose e is p+9 for the base point 9. Its private key is -1 modulo the order of the group, as clamping leaves it.
func aboveP(b *builder) {
	order, _ := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
	order.Add(order, new(big.Int).Lsh(big.NewInt(1), 252))
	scalar := new(big.Int).Mul(order, big.NewInt(5))
	scalar.Sub(scalar, big.NewInt(1))
	for i := range 4 {
		s := newSession(vectors.SuiteX25519, fmt.Sprint("above p ", i))
		s.ie = reversed(scalar.FillBytes(make([]byte, 32)))
		if canonical := s.m1(); canonical[0] != 9 {
			b.fail("the private key of the base point: public key %x", canonical)
			return
		}
		e := plus(9)
		if i%2 == 1 {
			e = flip(e, 255)
		}
		b.asWritten("m1's e is p+9, another form of the base point", s, e)
	}
}

// asWritten adds a handshake in which m1 is e, another form of the initiator's public key. Only the responder is tested.
func (b *builder) asWritten(comment string, s session, e vectors.Hex) {
	s.unlike.Alter = func(name string, value []byte) []byte {
		if name == "noise/m1-e" {
			return e
		}
		return value
	}
	v := s.transcript()
	v.Ockam.Role = vectors.Responder
	b.accept("NOISE-018", comment, v)
}

// payloadsRefused are authentic payloads, which version 1 refuses.
func payloadsRefused(b *builder) {
	for _, suite := range suites() {
		for at := 1; at <= 3; at++ {
			for _, n := range []int{1, 4, 16, 64} {
				s := newSession(suite, fmt.Sprint("payload refused ", at, n))
				control := b.handshake("NOISE-006", "without a payload", s)
				sender := s
				sender.version1 = false
				sender.payloads[at-1] = pattern(n)
				b.refuse(control, "noise/payload", "NOISE-006", fmt.Sprintf("m%d with an authentic payload of %d bytes", at, n), until(sender, s, at))
			}
		}
	}
}

// until is the vector of s, whose peer is the sender, up to message at, which s refuses.
func until(sender, s session, at int) *vectors.Handshake {
	v := s
	v.payloads[at-1] = sender.payloads[at-1]
	switch m1 := sender.m1(); at {
	case 1:
		return v.vector(vectors.Responder, 1, m1)
	case 2:
		return v.vector(vectors.Initiator, 2, m1, sender.m2(m1))
	default:
		m2 := s.m2(m1)
		return v.vector(vectors.Responder, 3, m1, m2, sender.m3(m2))
	}
}

// lowOrderKeys make a DH result of zero, with which everybody can compute the keys.
func lowOrderKeys(b *builder) {
	for _, name := range sortedNames(lowOrder()) {
		point := lowOrder()[name]
		s := newSession(vectors.SuiteX25519, "low order "+name)
		b.accept("NOISE-009 NOISE-018", "control: a key of full order", s.transcript())
		lenient := s
		lenient.unlike.Skip = func(check string) bool { return check == "noise/zero" }
		// At the responder: m1's e.
		b.allow("noise/zero", "NOISE-009", "m1's e is of low order: "+name, s.vector(vectors.Responder, 1, point, lenient.m2(point)))
		// At the initiator: m2's e, and m2's s.
		m1 := s.m1()
		for _, what := range []string{"e", "s"} {
			wrong := lenient
			wrong.unlike.Alter = func(value string, b []byte) []byte {
				switch value {
				case "noise/m2-" + what:
					return point
				case "noise/dh/" + map[string]string{"e": "ee", "s": "es"}[what]:
					return make([]byte, 32)
				}
				return b
			}
			m2 := wrong.m2(m1)
			b.allow("noise/zero", "NOISE-009", "m2's "+what+" is of low order: "+name, s.vector(vectors.Initiator, 2, m1, m2, lenient.m3(m2)))
		}
	}
}

// sharedKeys are equal keys in places where nothing forbids it.
func sharedKeys(b *builder) {
	for _, suite := range suites() {
		s := newSession(suite, "shared static")
		s.rs = s.is
		b.handshake("NOISE-002", "both have the same static key: this is for the policy", s)
	}
}
