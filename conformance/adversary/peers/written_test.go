package peers

import (
	"bytes"
	"slices"
	"testing"
)

func TestWritten(t *testing.T) {
	dns := func(name string) []byte {
		return slices.Concat([]byte{addressTCP, hostDNS, byte(len(name))}, []byte(name), []byte{1, 2})
	}
	mapped := slices.Concat([]byte{addressUDP, hostIPv6}, make([]byte, 10), []byte{0xff, 0xff, 192, 0, 2, 1, 1, 2})
	tests := []struct {
		name     string
		in, want []byte
	}{
		{"local", []byte{addressLocal, 1, 'X'}, []byte{addressLocal, 1, 'X'}},
		{"IPv4", []byte{addressTCP, hostIPv4, 192, 0, 2, 1, 1, 2}, []byte{addressTCP, hostIPv4, 192, 0, 2, 1, 1, 2}},
		{"mapped IPv4", mapped, []byte{addressUDP, hostIPv4, 192, 0, 2, 1, 1, 2}},
		{"name", dns("a-1.example"), dns("a-1.example")},
		{"capitals and a final dot", dns("EXAMPLE.org."), dns("example.org")},
		{"IPv4 literal", dns("192.0.2.1"), nil},
		{"last label of digits", dns("example.7"), nil},
		{"last label of hex digits", dns("example.0xAF"), nil},
		{"0x and no number", dns("example.0xyz"), dns("example.0xyz")},
		{"only a dot", dns("."), nil},
		{"empty label", dns("a..b"), nil},
		{"underscore", dns("a_b"), nil},
		{"zero byte", dns("a\x00b"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := route{tt.in}.written()
			if ok != (tt.want != nil) {
				t.Fatalf("ok: got %v, want %v", ok, tt.want != nil)
			}
			if ok && !bytes.Equal(got[0], tt.want) {
				t.Errorf("got %x, want %x", got[0], tt.want)
			}
		})
	}
}
