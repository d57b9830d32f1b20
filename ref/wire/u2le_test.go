package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"ockamtest/ref/wire"
)

func TestU2LE(t *testing.T) {
	for _, tc := range []struct {
		v   uint16
		hex string
	}{{0, "00"}, {1, "01"}, {127, "7f"}, {128, "8001"}, {129, "8101"}, {255, "ff01"}, {256, "8002"}, {16383, "ff7f"}} {
		got, err := wire.AppendU2LE(nil, tc.v)
		if want := unhex(tc.hex); err != nil || !bytes.Equal(got, want) {
			t.Errorf("AppendU2LE(%d) = %x, %v, want %x", tc.v, got, err, want)
		}
	}
}

// WIRE-002, WIRE-011: every value has one form, which is read back whatever follows it, and whose prefixes are refused.
func TestU2LERoundTrip(t *testing.T) {
	for v := range uint16(wire.MaxU2LE + 1) {
		encoded, err := wire.AppendU2LE(nil, v)
		if err != nil {
			t.Fatalf("AppendU2LE(%d): %v", v, err)
		}
		got, n, err := wire.ParseU2LE(append(encoded, 0xff))
		if err != nil || got != v || n != len(encoded) {
			t.Fatalf("ParseU2LE(%x) = %d, %d, %v, want %d, %d", encoded, got, n, err, v, len(encoded))
		}
		for n := range encoded {
			if _, _, err := wire.ParseU2LE(encoded[:n]); !errors.Is(err, wire.ErrTruncated) {
				t.Fatalf("ParseU2LE of the first %d bytes of %x: %v", n, encoded, err)
			}
		}
	}
}

func TestAppendU2LERefuses(t *testing.T) {
	for _, v := range []uint16{wire.MaxU2LE + 1, 32767, 32768, 65535} {
		got, err := wire.AppendU2LE([]byte{7}, v)
		assertError(t, err, wire.Error{Requirement: "WIRE-002", Index: -1, Field: "number", Err: wire.ErrTooLong})
		if !bytes.Equal(got, []byte{7}) {
			t.Errorf("AppendU2LE(%d) left %x", v, got)
		}
	}
}

func TestParseU2LERefuses(t *testing.T) {
	for _, tc := range []struct{ hex, requirement string }{
		{"8080", "WIRE-003"}, {"81ff", "WIRE-003"}, {"ff80", "WIRE-003"}, {"ffff01", "WIRE-003"},
		{"8000", "WIRE-004"}, {"8100", "WIRE-004"}, {"ff00", "WIRE-004"},
	} {
		v, n, err := wire.ParseU2LE(unhex(tc.hex))
		assertError(t, err, wire.Error{Requirement: tc.requirement, Index: -1, Field: "number", Err: wire.ErrU2LE})
		if v != 0 || n != 0 {
			t.Errorf("ParseU2LE(%s) = %d, %d beside an error", tc.hex, v, n)
		}
	}
}

// assertError fails the test unless err is the *wire.Error want.
func assertError(t *testing.T, err error, want wire.Error) {
	t.Helper()
	var got *wire.Error
	if !errors.As(err, &got) {
		t.Errorf("error %v, want %v", err, &want)
		return
	}
	if *got != want || !errors.Is(err, want.Err) {
		t.Errorf("error %+v, want %+v", *got, want)
	}
}
