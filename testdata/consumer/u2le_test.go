package implementer

import (
	"bytes"
	"testing"

	"github.com/leanovate/gopter/prop"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/wire"
)

// What is written is read again, whatever comes behind. About three numbers in ten are at a limit, or next to one. The seed is printed;
// OCKAMTEST_SEED sets it.
func TestU2LERoundTrip(t *testing.T) {
	calls := 0
	gen.Check(t, prop.ForAll(func(n int, rest []byte) bool {
		calls++
		b, err := appendU2LE(nil, n)
		if n > maxU2LE {
			return err != nil && len(b) == 0
		}
		got, size, parseErr := parseU2LE(append(b, rest...))
		return err == nil && parseErr == nil && got == n && size == len(b)
	}, gen.Length(1<<16), gen.Bytes(3)))
	if calls < 300 {
		t.Errorf("%d values, want 300 or more", calls)
	}
}

// The reference is a second opinion: on generated messages, whose first field is a u2le and whose second is the number of addresses.
func TestVersionOfMessages(t *testing.T) {
	dialect := wire.Dialect{} // version 1
	gen.Check(t, prop.ForAll(func(m wire.Message) bool {
		b, err := wire.AppendMessage(nil, dialect, &m)
		if err != nil {
			return false // what is generated can be encoded
		}
		version, size, err := parseU2LE(b)
		return err == nil && version == wire.Version && int(b[size]) == len(m.Onward)
	}, gen.Message(dialect)))
}

// FuzzU2LE reads any bytes as the reference does: the same number of the same size, or both refuse.
func FuzzU2LE(f *testing.F) {
	for _, seed := range []string{"", "\x00", "\x7f", "\x80\x01", "\xff\x7f", "\x80", "\x80\x00", "\x80\x80"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, size, err := parseU2LE(data)
		want, wantSize, wantErr := wire.ParseU2LE(data)
		if n != int(want) || size != wantSize || (err == nil) != (wantErr == nil) {
			t.Errorf("got %d of %d bytes, %v, want %d of %d, %v", n, size, err, want, wantSize, wantErr)
		}
	})
}

// FuzzVersion makes values of the fuzzer's bytes, by gofuzz, where a parser would refuse nearly all bytes: here messages in any dialect.
func FuzzVersion(f *testing.F) {
	for i := range 16 {
		f.Add(bytes.Repeat([]byte{byte(i * 17)}, i*8))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		filler := gen.FromBytes(data)
		dialect := filler.Dialect()
		m := filler.Message(dialect)
		b, err := wire.AppendMessage(nil, dialect, &m)
		if err != nil {
			t.Fatalf("%v: %v", m, err)
		}
		if dialect.Bare {
			return // no header
		}
		if version, size, err := parseU2LE(b); err != nil || version != wire.Version || int(b[size]) != len(m.Onward) {
			t.Errorf("version %d, %d addresses, %v, want %d, %d", version, b[size], err, wire.Version, len(m.Onward))
		}
	})
}
