package wire_test

import (
	"bytes"
	"strings"
	"testing"

	"ockamtest/ref/wire"
)

// Every address form, byte for byte in both directions; what follows is not touched, and each strict prefix is refused (WIRE-005).
func TestAddressCodec(t *testing.T) {
	v6 := [16]byte{0x20, 0x01, 0x0d, 0xb8, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c}
	const network, swapped = "20010db80102030405060708090a0b0c", "0120b80d020104030605080 70a090c0b"
	for _, tc := range []struct {
		name    string
		dialect wire.Dialect
		a       wire.Address
		hex     string
	}{
		{"local", wire.Dialect{}, wire.LocalAddress([]byte{7}), "00 01 07"},
		{"local of 16", wire.Dialect{}, wire.LocalAddress(bytes.Repeat([]byte{7}, 16)), "00 10" + strings.Repeat("07", 16)},
		{"local of 255", wire.Dialect{}, wire.LocalAddress(bytes.Repeat([]byte{7}, 255)), "00 ff" + strings.Repeat("07", 255)},
		{"tcp4", wire.Dialect{}, wire.TCPAddress4([4]byte{1, 2, 3, 4}, 0x0a0b), "01 00 01020304 0b0a"}, // WIRE-007
		{"udp4", wire.Dialect{}, wire.UDPAddress4([4]byte{1, 2, 3, 4}, 0x0a0b), "02 00 01020304 0b0a"},
		{"tcp6", wire.Dialect{}, wire.TCPAddress6(v6, 0x0a0b), "01 01" + network + "0b0a"},
		{"udp6", wire.Dialect{}, wire.UDPAddress6(v6, 0x0a0b), "02 01" + network + "0b0a"},
		{"e09 udp4", untagged, wire.UDPAddress4([4]byte{1, 2, 3, 4}, 0x0a0b), "02 00 01020304 0b0a"},
		{"e09 udp6", untagged, wire.UDPAddress6(v6, 0x0a0b), "02 01" + swapped + "0b0a"},
		{"tcp name", wire.Dialect{}, wire.TCPAddressDNS("a.b", 0x0a0b), "01 02 03 612e62 0b0a"},
		{"udp name", wire.Dialect{}, wire.UDPAddressDNS("a.b", 0x0a0b), "02 02 03 612e62 0b0a"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			encoded := unhex(tc.hex)
			out, err := wire.AppendAddress([]byte("before"), tc.dialect, tc.a)
			if want := "before" + string(encoded); err != nil || string(out) != want {
				t.Errorf("AppendAddress = %x, %v, want %x", out, err, want)
			}
			got, n, err := wire.ParseAddress(tc.dialect, append(bytes.Clone(encoded), 0xff))
			if err != nil || got != tc.a || n != len(encoded) {
				t.Errorf("ParseAddress = %v, %d, %v, want %v, %d", got, n, err, tc.a, len(encoded))
			}
			for short := range encoded {
				got, n, err := wire.ParseAddress(tc.dialect, encoded[:short])
				if err == nil || got != (wire.Address{}) || n != 0 {
					t.Errorf("ParseAddress of the first %d bytes = %v, %d, %v", short, got, n, err)
				}
			}
		})
	}
}

// ParseAddress gives the place in what it was given.
func TestParseAddressRefuses(t *testing.T) {
	for hex, want := range map[string]wire.Error{
		"03":         {"WIRE-006", "", -1, "address type", 0, wire.ErrUnknownType},
		"0000":       {"WIRE-012", "", -1, "length", 1, wire.ErrLength},
		"0103":       {"WIRE-006", "", -1, "host type", 1, wire.ErrUnknownType},
		"010200aaaa": {"WIRE-013", "", -1, "length", 2, wire.ErrLength},
		"0202fe":     {"WIRE-013", "", -1, "length", 2, wire.ErrLength},
	} {
		_, _, err := wire.ParseAddress(wire.Dialect{}, unhex(hex))
		assertError(t, err, want)
	}
}

// MEM-003: IP addresses and local addresses of up to 16 bytes are parsed in place.
func TestParseAddressAllocatesNothing(t *testing.T) {
	for _, tc := range []struct {
		hex    string
		allocs float64
	}{
		{"00 10" + strings.Repeat("07", 16), 0},
		{"00 11" + strings.Repeat("07", 17), 1},
		{"01 01 20010db80102030405060708090a0b0c 0b0a", 0},
		{"02 02 03 612e62 0b0a", 1},
	} {
		b := unhex(tc.hex)
		if n := testing.AllocsPerRun(100, func() {
			if _, _, err := wire.ParseAddress(wire.Dialect{}, b); err != nil {
				t.Error(err)
			}
		}); n != tc.allocs {
			t.Errorf("%s: %v allocations, want %v", tc.hex, n, tc.allocs)
		}
	}
}
