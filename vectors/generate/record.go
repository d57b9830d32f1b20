package generate

import (
	"fmt"
	"slices"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

func recordScenarios() []func(*builder) {
	return []func(*builder){
		knownRecords, counters, lengths, innerRoutes, limitsOfV1, limitsOfDialects, countersSpent, tagsOfRecords, changedRecords, otherCounters,
		shortRecords, innerMalformed, innerTypes, leadingBytesOfE09, associatedData,
	}
}

// profiles of section 11.
func profiles() []string { return []string{"v1", "c09", "e09", "c010"} }

// keysOf are h and the initiator's sending key of the handshake of section 12.
func keysOf(profile string) (h, key vectors.Hex) {
	s := known(vectors.SuiteX25519)
	if profile == "c010" {
		s = known(vectors.SuiteP256)
	}
	m1, _, m3 := s.all()
	out := s.run(vectors.Responder, m1, m3)
	return out.H, out.K2
}

// header is the length of the outer header with empty routes.
func header(profile string) int {
	return map[string]int{"v1": 4, "c09": 0, "e09": 3, "c010": 4}[profile]
}

func sealing(profile string, counter int, payload []byte) *vectors.Record {
	h, key := keysOf(profile)
	in := vectors.RecordInput{Op: "seal", Profile: profile, Key: key, Counter: counter, H: h, Header: header(profile)}
	in.Payload = payload
	if profile == "e09" { // section 11: onward names the application
		in.Onward = []vectors.Address{local([]byte("app")...)}
	}
	return &vectors.Record{RecordInput: in}
}

// opening is the other side of a sealing, with what arrives.
func opening(sealed *vectors.Record, ciphertext []byte) *vectors.Record {
	in := sealed.RecordInput
	in.Op, in.RecordOutput = "open", vectors.RecordOutput{Ciphertext: ciphertext}
	return &vectors.Record{RecordInput: in}
}

// both adds a sealing and its opening, and returns the opening's tcId.
func (b *builder) both(requirements, comment string, v *vectors.Record) int {
	b.accept(requirements, comment+", sealed", v)
	o := opening(v, v.Ciphertext)
	o.Inner = v.Inner
	return b.accept(requirements, comment+", opened", o)
}

// madeOf seals a plaintext as it is, that need not be a message.
func madeOf(v *vectors.Record, inner []byte) *vectors.Record {
	var forger oracle.Subject
	forger.Alter = saying("record/inner", inner)
	out, err := forger.Record(v.RecordInput)
	if err != nil {
		panic(err) // a scenario's mistake
	}
	o := opening(v, out.Ciphertext)
	o.Inner = inner
	return o
}

func knownRecords(b *builder) {
	b.group(vectors.KindRecord, "the records of section 12")
	h, k2 := keysOf("v1")
	s := known(vectors.SuiteX25519)
	m1, _, m3 := s.all()
	k1 := s.run(vectors.Responder, m1, m3).K1
	for _, key := range []vectors.Hex{k1, k2} {
		for _, counter := range []int{0, 1, 65535} {
			in := vectors.RecordInput{Op: "seal", Profile: "v1", Key: key, Counter: counter, H: h, Header: 36}
			in.Payload = vectors.Hex("hello")
			b.both("REC-001 REC-002 NOISE-010", fmt.Sprintf("hello, n=%d", counter), &vectors.Record{RecordInput: in})
		}
	}
}

func counters(b *builder) {
	b.group(vectors.KindRecord, "counters: 4 zero bytes, then n as 8 bytes, big-endian")
	for _, profile := range profiles() {
		for _, n := range []int{0, 1, 2, 127, 128, 255, 256, 257, 32767, 32768, 65279, 65534, 65535} {
			if v := sealing(profile, n, []byte("counter")); travels(v) {
				b.both("REC-002 NOISE-003", fmt.Sprintf("%s, n=%d", profile, n), v)
			}
		}
	}
}

// travels tells of a record that it is none of those that e09 cannot send.
func travels(v *vectors.Record) bool {
	_, err := oracle.Subject{}.Record(v.RecordInput)
	return err == nil
}

func lengths(b *builder) {
	b.group(vectors.KindRecord, "payloads of each kind of length: what was sent is what arrives")
	for _, profile := range profiles() {
		for _, n := range []int{0, 1, 11, 12, 13, 15, 16, 17, 127, 255, 256, 1000, 1004} {
			if v := sealing(profile, 7, pattern(n)); travels(v) {
				b.both("CHAN-005 REC-001", fmt.Sprintf("%s, %d bytes", profile, n), v)
			}
		}
	}
}

func innerRoutes(b *builder) {
	b.group(vectors.KindRecord, "inner routes are the applications'")
	for _, profile := range []string{"v1", "e09"} {
		for _, r := range [][2][]vectors.Address{
			{{local([]byte("app")...)}, {local([]byte("me")...)}}, {{local(1)}, {}}, {{}, {local(1, 2, 3, 4)}},
			{{local([]byte("app")...), local(2)}, {local(3), local(4)}}, {{ipv6("tcp", 9)}, {udp(80, 10, 0, 0, 1)}},
		} {
			v := sealing(profile, 3, []byte("hello"))
			v.Onward, v.Return = r[0], r[1]
			if profile == "e09" && len(v.Onward) == 0 {
				b.unnamed(v)
				continue
			}
			b.both("REC-011", fmt.Sprintf("%s, %d onward, %d return", profile, len(r[0]), len(r[1])), v)
		}
	}
	v := sealing("c010", 3, []byte("hello"))
	v.Return = []vectors.Address{udp(80, 10, 0, 0, 1)}
	control := b.both("REC-011", "c010, one return address", v)
	misread := sealing("c010", 3, []byte("hello"))
	misread.Return = []vectors.Address{local(1, 2, 3, 4)}
	b.allow("record/routes", "REC-011", "c010, a local return address, which peers read wrongly", misread)
	for _, r := range [][2][]vectors.Address{{{local(1)}, {}}, {{}, {local(1), local(2)}}, {{local(1)}, {local(2)}}} {
		v := sealing("c010", 3, []byte("hello"))
		v.Onward, v.Return = r[0], r[1]
		b.refuse(control, "record/routes", "REC-011", "c010 has at most one address, and that return", v)
	}
}

// unnamed adds a record of e09 that names no application: nobody gets it there.
func (b *builder) unnamed(v *vectors.Record) {
	b.allow("record/application", "REC-011", "e09, no application is named, sealed", v)
	o := opening(v, v.Ciphertext)
	o.Inner = v.Inner
	b.allow("record/application", "REC-011", "e09, no application is named, opened", o)
}

func limitsOfV1(b *builder) {
	b.group(vectors.KindRecord, "v1: an outer message is at most 65,535 bytes")
	// inner header 4 bytes, tag 16
	control := b.both("REC-010", "exactly 65,535, a header of 4 bytes", sealing("v1", 1, pattern(65535-4-4-16)))
	for _, over := range []int{1, 16} {
		b.refuse(control, "record/too-long", "REC-010", fmt.Sprintf("%d bytes too many", over), sealing("v1", 1, pattern(65535-4-4-16+over)))
	}
	for _, more := range []int{16, 36} {
		v := sealing("v1", 1, pattern(65535-4-16-more+1))
		v.Header = more
		b.refuse(control, "record/too-long", "REC-010", fmt.Sprintf("a byte too many, a header of %d bytes", more), v)
	}
}

func limitsOfDialects(b *builder) {
	b.group(vectors.KindRecord, "limits of the dialects")
	for _, l := range []struct {
		profile string
		most    int
	}{{"c09", 1008}, {"e09", 8192 - 3 - 8 - 16}, {"c010", 32767 - 4 - 4 - 16}} {
		for _, n := range []int{l.most - 1, l.most} {
			b.both("REC-010 REC-013", fmt.Sprintf("%s, %d bytes", l.profile, n), sealing(l.profile, 2, pattern(n)))
		}
		control := b.next - 1
		for _, n := range []int{l.most + 1, l.most + 17} {
			b.refuse(control, "record/too-long", "REC-010", fmt.Sprintf("%s, %d bytes", l.profile, n), sealing(l.profile, 2, pattern(n)))
		}
	}
	for _, n := range []int{1009, 1020, 1024} {
		v := sealing("c09", 2, nil)
		b.accept("REC-013", fmt.Sprintf("c09 receives %d bytes", n), madeOf(v, slices.Concat(bytesOf("01000002"), pattern(n))))
	}
	for _, n := range []int{1025, 2048} {
		v := sealing("c09", 2, nil)
		b.allow("record/too-long", "REC-013", fmt.Sprintf("c09 receives %d bytes", n), madeOf(v, slices.Concat(bytesOf("01000002"), pattern(n))))
	}
}

func countersSpent(b *builder) {
	b.group(vectors.KindRecord, "65,536 messages in a direction, no more")
	for _, profile := range profiles() {
		last := sealing(profile, 65535, []byte("last!"))
		control := b.both("REC-003 REC-014", profile+", the last", last)
		for _, n := range []int{65536, 65537, 65792, 131072} {
			b.refuse(control, "record/spent", "REC-003", fmt.Sprintf("%s, sealing n=%d", profile, n), sealing(profile, n, []byte("last!")))
			o := opening(last, last.Ciphertext)
			o.Counter = n
			b.refuse(control, "record/spent", "REC-003 REC-014", fmt.Sprintf("%s, opening at n=%d", profile, n), o)
		}
	}
}

func tagsOfRecords(b *builder) {
	b.group(vectors.KindRecord, "each byte of the tag counts")
	for _, profile := range profiles() {
		v := sealing(profile, 5, []byte("hello"))
		control := b.both("REC-004", profile+", the right tag", v)
		for i := range 16 {
			at := len(v.Ciphertext) - 16 + i
			b.refuse(control, "record/tag", "REC-004", fmt.Sprintf("%s, byte %d of the tag", profile, i), opening(v, flip(v.Ciphertext, 8*at+i%8)))
		}
		zeros := slices.Concat(v.Ciphertext[:len(v.Ciphertext)-16], make([]byte, 16))
		b.refuse(control, "record/tag", "REC-004", profile+", a tag of zeros", opening(v, zeros))
	}
}

func changedRecords(b *builder) {
	b.group(vectors.KindRecord, "ciphertexts that are cut, longer, changed, or somebody else's")
	for _, profile := range profiles() {
		v := sealing(profile, 6, pattern(40))
		control := b.both("REC-004", profile+", as it was sent", v)
		c := v.Ciphertext
		bad := func(comment string, b2 []byte) {
			b.refuse(control, "record/tag", "REC-004", profile+", "+comment, opening(v, b2))
		}
		for _, i := range []int{0, 1, 3, 4, len(c) - 17} {
			bad(fmt.Sprintf("byte %d changed", i), flip(c, 8*i))
		}
		for _, n := range []int{16, 17, 32, len(c) - 16, len(c) - 1} {
			bad(fmt.Sprintf("the first %d bytes", n), c[:n])
		}
		bad("the first byte missing", c[1:])
		bad("a zero behind it", append(slices.Clone(c), 0))
		bad("twice", slices.Concat(c, c))
		bad("the tag in front", slices.Concat(c[len(c)-16:], c[:len(c)-16]))
		bad("the plaintext and a tag of zeros", slices.Concat(v.Inner, make([]byte, 16)))
	}
}

// otherCounters are genuine records at the wrong place: replays, what is early, and other ways to count.
func otherCounters(b *builder) {
	b.group(vectors.KindRecord, "a record opens at its own counter alone")
	for _, profile := range profiles() {
		for _, p := range [][2]int{{0, 1}, {1, 0}, {255, 256}, {1, 256}, {256, 1}, {65535, 0}, {0, 65535}, {65534, 65535}, {2, 512}} {
			v := sealing(profile, p[0], []byte("counter"))
			if !travels(v) {
				continue
			}
			control := b.both("REC-002", fmt.Sprintf("%s, n=%d", profile, p[0]), v)
			o := opening(v, v.Ciphertext)
			o.Counter = p[1]
			b.refuse(control, "record/tag", "REC-002 REC-007", fmt.Sprintf("%s, sealed with n=%d, opened with %d", profile, p[0], p[1]), o)
		}
	}
}

func shortRecords(b *builder) {
	b.group(vectors.KindRecord, "less than a tag")
	for _, profile := range profiles() {
		v := sealing(profile, 8, nil)
		control := b.both("REC-006", profile+", an empty payload", v)
		for _, n := range []int{0, 1, 2, 8, 12, 14, 15} {
			b.refuse(control, "record/short", "REC-006", fmt.Sprintf("%s, %d bytes", profile, n), opening(v, v.Ciphertext[:n]))
		}
	}
}

// innerMalformed are authentic records whose plaintext is no message.
func innerMalformed(b *builder) {
	b.group(vectors.KindRecord, "authentic, and no message inside")
	for _, profile := range profiles() {
		v := sealing(profile, 9, []byte("hello"))
		control := b.both("REC-009", profile+", a message", v)
		for _, inner := range []string{"", "01", "0100", "02000002 68", "00000002 68", "01 01 0302 00 02 68", "01 01 0000 00 02 68", "01ff0002 68", "8180 00 00 02 68", "01 00 01 01"} {
			b.refuse(control, "record/inner", "REC-009", profile+", inner "+inner, madeOf(v, bytesOf(inner)))
		}
	}
	for _, profile := range []string{"v1", "c09", "c010"} {
		control := b.both("REC-009", profile+", a message", sealing(profile, 10, []byte("hello")))
		b.refuse(control, "record/inner", "REC-009", profile+", inner without a type", madeOf(sealing(profile, 10, nil), bytesOf("010000")))
	}
	control := b.both("REC-009", "c09, a message", sealing("c09", 11, nil))
	for _, inner := range []string{"01 01 000101 00 02 68", "01 00 01 000101 02 68"} {
		b.refuse(control, "record/inner", "REC-009", "c09, inner with an address", madeOf(sealing("c09", 11, nil), bytesOf(inner)))
	}
}

func innerTypes(b *builder) {
	b.group(vectors.KindRecord, "authentic, and of another type than 2")
	for _, profile := range []string{"v1", "c09", "c010"} {
		control := b.both("REC-009", profile+", a payload", sealing(profile, 12, nil))
		for _, inner := range []string{"01000000", "01000001", "01000003 0102", "01000004 0102", "01000005 0102", "01000006 0102", "010000ff"} {
			b.refuse(control, "record/inner", "REC-009", profile+", inner "+inner, madeOf(sealing(profile, 12, nil), bytesOf(inner)))
		}
	}
	control := b.both("REC-009", "e09, a payload", sealing("e09", 12, nil))
	for _, inner := range []string{"01000000", "01000001"} {
		b.refuse(control, "record/inner", "REC-009", "e09, inner "+inner, madeOf(sealing("e09", 12, nil), bytesOf(inner)))
	}
}

// leadingBytesOfE09 are the counters at which the ciphertext would begin with a message type, and the payloads that would.
func leadingBytesOfE09(b *builder) {
	b.group(vectors.KindRecord, "e09: what would be taken for a handshake message is not sent")
	control := b.both("REC-009", "another counter", sealing("e09", 0, []byte("hello")))
	found := 0
	for n := 0; found < 6 && n < 65536; n++ {
		if v := sealing("e09", n, []byte("hello")); !travels(v) {
			b.refuse(control, "record/cannot-travel", "REC-003", fmt.Sprintf("n=%d", n), v)
			found++
		}
	}
	for _, payload := range []string{"03", "04", "05", "0301", "00", "01"} {
		b.refuse(control, "codec/cannot-travel", "REC-009", "the payload "+payload, sealing("e09", 0, bytesOf(payload)))
	}
}

func associatedData(b *builder) {
	b.group(vectors.KindRecord, "associated data is h, in c09 empty")
	for _, profile := range profiles() {
		v := sealing(profile, 13, []byte("hello"))
		control := b.both("REC-001", profile, v)
		other := opening(v, v.Ciphertext)
		if profile == "c09" {
			other.Profile = "v1"
			b.refuse(control, "record/tag", "REC-001", "a record of c09 in v1", other)
			continue
		}
		other.H = flip(v.H, 100)
		b.refuse(control, "record/tag", "REC-001", profile+", another h", other)
		other = opening(v, v.Ciphertext)
		other.H = vectors.Hex{}
		b.refuse(control, "record/tag", "REC-001", profile+", no h", other)
	}
	v := sealing("v1", 13, []byte("hello"))
	control := b.both("REC-001", "v1, once more", v)
	other := opening(v, v.Ciphertext)
	other.Profile = "c09"
	b.refuse(control, "record/tag", "REC-001", "a record of v1 in c09", other)
	h, key := keysOf("v1")
	other = opening(v, v.Ciphertext)
	other.Key = flip(key, 9)
	b.refuse(control, "record/tag", "NOISE-010", "another key", other)
	s := known(vectors.SuiteX25519)
	m1, _, m3 := s.all()
	other = opening(v, v.Ciphertext)
	other.Key, other.H = s.run(vectors.Responder, m1, m3).K1, h
	b.refuse(control, "record/tag", "NOISE-010", "the key of the other direction", other)
}
