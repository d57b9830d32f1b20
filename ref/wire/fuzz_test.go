package wire_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/wire"
)

// FuzzParse: what parses is encoded again as the same bytes (WIRE-011), or refused for an address form that only decoders know
// (WIRE-013); memory is bounded by the input.
func FuzzParse(f *testing.F) {
	dialects := gen.Dialects()
	for _, k := range knownAnswers() {
		f.Add(uint8(slices.Index(dialects, k.dialect)), unhex(k.hex))
	}
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		d := dialects[int(which)%len(dialects)]
		input := bytes.Clone(b)
		m, err := wire.Parse(d, b)
		if !bytes.Equal(b, input) {
			t.Fatal("the input was changed")
		}
		var e *wire.Error
		if err != nil {
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(b) || e.Requirement == "" {
				t.Fatalf("error %+v without a place in %d bytes", err, len(b))
			}
			return
		}
		if size := 3 * max(cap(m.Onward), cap(m.Return)); size > len(b)+64 { // 64: what slices.Grow rounds up by
			t.Fatalf("room for %d and %d addresses after %d bytes", cap(m.Onward), cap(m.Return), len(b))
		}
		assertCanonical(t, d, &m, b)
	})
}

// assertCanonical fails unless m, which was parsed from b, is encoded as b. If b is not canonical, its canonical form has to mean
// the same.
func assertCanonical(t *testing.T, d wire.Dialect, m *wire.Message, b []byte) {
	t.Helper()
	again, err := wire.AppendMessage(nil, d, m)
	if err == nil {
		if !bytes.Equal(again, b) {
			t.Fatalf("encoded again %x, was %x", again, b)
		}
		return
	}
	if !errors.Is(err, wire.ErrForm) || !slices.ContainsFunc(slices.Concat(m.Onward, m.Return), isLoose) {
		t.Fatalf("%v is not encoded again: %v", m, err)
	}
	for _, a := range slices.Concat(m.Onward, m.Return) {
		assertSameMeaning(t, a)
	}
}

func assertSameMeaning(t *testing.T, a wire.Address) {
	t.Helper()
	if c := a.Canonical(); !c.Equal(a) || !a.Equal(c) || c != c.Canonical() {
		t.Fatalf("%v and its canonical form %v differ", a, c)
	}
}

func isLoose(a wire.Address) bool { return a.Validate() != nil }

// FuzzParseU2LE: one form for each value (WIRE-002).
func FuzzParseU2LE(f *testing.F) {
	for _, s := range []string{"", "00", "01", "7f", "80", "8001", "8100", "8180", "ff7f", "ffff", "ff7fff"} {
		f.Add(unhex(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, n, err := wire.ParseU2LE(b)
		if err != nil {
			return
		}
		again, err := wire.AppendU2LE(nil, v)
		if err != nil || !bytes.Equal(again, b[:n]) {
			t.Fatalf("%d read from %x is written %x, %v", v, b[:n], again, err)
		}
	})
}

// FuzzParseAddress: as FuzzParse; and the text form of a canonical address is read back.
func FuzzParseAddress(f *testing.F) {
	for _, k := range knownAnswers() {
		for _, a := range slices.Concat(k.want.Onward, k.want.Return) {
			b, err := wire.AppendAddress(nil, k.dialect, a)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(k.dialect.IPv6LittleEndian, b)
		}
	}
	for _, s := range []string{"0000", "00ff", "010200", "010201410000", "0202022e2e0000", "0103", "03"} {
		f.Add(false, unhex(s))
	}
	f.Fuzz(func(t *testing.T, littleEndian bool, b []byte) {
		d := wire.Dialect{IPv6LittleEndian: littleEndian}
		a, n, err := wire.ParseAddress(d, b)
		if err != nil {
			return
		}
		if isLoose(a) {
			assertSameMeaning(t, a)
			return
		}
		if again, err := wire.AppendAddress(nil, d, a); err != nil || !bytes.Equal(again, b[:n]) {
			t.Fatalf("%v read from %x is written %x, %v", a, b[:n], again, err)
		}
		if again, err := wire.ParseAddressString(a.String()); err != nil || again != a {
			t.Fatalf("%v is read back from its text as %v, %v", a, again, err)
		}
	})
}

// FuzzRoundTrip: what a dialect can carry arrives as it was, also in a message that was used before.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte{})
	for _, k := range knownAnswers() {
		f.Add(unhex(k.hex))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		filler := gen.FromBytes(data)
		d := filler.Dialect()
		sent, received := filler.Message(d), filler.Message(wire.Dialect{})
		encoded, err := wire.AppendMessage(nil, d, &sent)
		if err != nil {
			t.Fatalf("%v is not encoded in %+v: %v", &sent, d, err)
		}
		if err := received.Parse(d, encoded); err != nil || !received.Equal(&sent) {
			t.Fatalf("%v arrives as %v, %v", &sent, &received, err)
		}
	})
}
