package adversary

import (
	"errors"
	"testing"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

func pairs() (iS, iE, rS, rE KeyPair) {
	suite := profile.X25519AES256()
	pair := func(first byte) KeyPair { return NewKeyPair(suite, ascending(first)) }
	return pair(0x00), pair(0x20), pair(0x01), pair(0x41)
}

func requirement(t *testing.T, err error) string {
	t.Helper()
	var f *conformance.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a Failure", err)
	}
	return f.Requirement
}

// An m2 made with a quirk is blamed on the rule that the quirk breaks.
func TestDiagnoseM2(t *testing.T) {
	iS, iE, rS, rE := pairs()
	suite := profile.X25519AES256()
	tried := 0
	for _, q := range quirks() {
		i := NewHandshake(suite, iS, iE)
		m1 := i.WriteM1(nil)
		m2 := newTrial(NewHandshake(suite, rS, rE), q, false).answer(m1)
		genuine := i
		if _, ok := genuine.ReadM2(m2); ok {
			continue // this one does not show in m2
		}
		tried++
		s := Session{profile: profile.V1(), Noise: i, before: i}
		if got := requirement(t, s.diagnoseHandshake(wire.M2, m2)); got != q.requirement {
			t.Errorf("%s: got %s, want %s", q.words, got, q.requirement)
		}
	}
	if tried < 10 {
		t.Errorf("%d quirks showed in m2, want at least 10", tried)
	}
}

func TestDiagnoseTags(t *testing.T) {
	iS, iE, rS, rE := pairs()
	suite := profile.X25519AES256()
	i, r := NewHandshake(suite, iS, iE), NewHandshake(suite, rS, rE)
	r.ReadM1(i.WriteM1(nil))
	m2 := r.WriteM2(nil)
	for at, want := range map[int]string{40: "NOISE-003", 70: "NOISE-003", 95: "NOISE-005"} {
		wrong := append([]byte(nil), m2...)
		wrong[at] ^= 1
		s := Session{profile: profile.V1(), Noise: i, before: i}
		if got := requirement(t, s.diagnoseHandshake(wire.M2, wrong)); got != want {
			t.Errorf("byte %d changed: got %s, want %s", at, got, want)
		}
	}
}

// m3 whose static key is encrypted under n=0, and one with a little-endian nonce.
func TestDiagnoseM3(t *testing.T) {
	iS, iE, rS, rE := pairs()
	suite := profile.X25519AES256()
	for _, tt := range []struct {
		quirk quirk
		want  string
	}{
		{quirk{restartN: true}, "NOISE-004"},
		{quirk{nonce: littleEndianNonce}, "NOISE-003"},
		{quirk{nonce: leadingNonce}, "NOISE-003"},
		{quirk{noData: true}, "NOISE-003"},
		{quirk{keepN: true}, "NOISE-004"},
	} {
		i, r := NewHandshake(suite, iS, iE), NewHandshake(suite, rS, rE)
		r.ReadM1(i.WriteM1(nil))
		i.ReadM2(r.WriteM2(nil))
		w := newTrial(i, tt.quirk, false)
		if w.restartN {
			w.N = 0
		}
		m3 := w.encrypt(w.S.Public)
		w.mixDH(w.S, w.RE)
		m3 = append(m3, w.encrypt(nil)...)
		s := Session{profile: profile.V1(), Noise: r, before: r}
		if got := requirement(t, s.diagnoseHandshake(wire.M3, m3)); got != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.quirk, got, tt.want)
		}
	}
}

func TestDiagnoseRecord(t *testing.T) {
	h := [32]byte{1}
	s := Session{
		profile:   profile.V1(),
		Receiving: Direction{Key: ascending(1), AD: h[:], N: 7},
		Sending:   Direction{Key: ascending(2), AD: h[:], N: 300},
		unmixed:   [32]byte{2},
	}
	s.Noise.H = h
	s.Noise.Suite = profile.X25519AES256()
	inner := Inner([]byte("hello"))
	d := s.Receiving
	seal := func(nonce []byte) []byte { return gcm(d.Key).Seal(nil, nonce, inner, d.AD) }
	tests := []struct {
		name, want string
		record     []byte
	}{
		{"split swapped", "NOISE-010", Seal(s.Sending.Key, 7, d.AD, inner)},
		{"split swapped, empty data", "NOISE-010", Seal(s.Sending.Key, 7, nil, inner)},
		{"empty data", "REC-001", Seal(d.Key, 7, nil, inner)},
		{"h without the last payload", "NOISE-014", Seal(d.Key, 7, s.unmixed[:], inner)},
		{"little-endian nonce", "REC-002", seal(littleEndianNonce(7))},
		{"one ahead", "REC-002", d.SealAt(8, inner)},
		{"the other direction's counter", "REC-002", d.SealAt(300, inner)},
		{"counter reused", "REC-003", d.SealAt(6, inner)},
		{"counter 0 reused", "REC-003", d.SealAt(0, inner)},
		{"in the clear", "REC-001", inner},
		{"anything", "REC-001", make([]byte, 40)},
	}
	for _, tt := range tests {
		if got := requirement(t, s.diagnoseRecord(tt.record)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestBasePoint(t *testing.T) {
	suite := profile.X25519AES256()
	nine := make([]byte, 32)
	nine[0] = 9
	peer := NewKeyPair(suite, ascending(1))
	own := BasePoint(suite, nine)
	mine, _ := own.DH(peer.Public)
	theirs, ok := peer.DH(nine)
	if !ok || string(mine) != string(theirs) {
		t.Errorf("got %x and %x, want one secret", mine, theirs)
	}
}
