package wire_test

import (
	"strings"
	"testing"

	"ockamtest/ref/wire"
)

const onward, back = "onward route", "return route"

// The dialects of the profiles, apart from version 1's, which is the zero value.
var (
	noRoutes = wire.Dialect{MaxOnward: wire.NoAddresses, MaxReturn: wire.NoAddresses}
	fewer    = wire.Dialect{MaxOnward: 5, MaxReturn: 1}
	untagged = wire.Dialect{Untagged: true, IPv6LittleEndian: true}
	bare     = wire.Dialect{Bare: true}
)

func TestParseRefuses(t *testing.T) {
	many := func(n int) string { return strings.Repeat(" 0001aa", n) }
	for _, tc := range []struct {
		name    string
		dialect wire.Dialect
		hex     string
		want    wire.Error
	}{
		{"empty", wire.Dialect{}, "", wire.Error{"WIRE-005", "", -1, "version", 0, wire.ErrTruncated}},
		{"half a version", wire.Dialect{}, "81", wire.Error{"WIRE-005", "", -1, "version", 1, wire.ErrTruncated}},
		{"version 0", wire.Dialect{}, "00 00 00 02", wire.Error{"WIRE-001", "", -1, "version", 0, wire.ErrVersion}},
		{"version 2", wire.Dialect{}, "02 00 00 02", wire.Error{"WIRE-001", "", -1, "version", 0, wire.ErrVersion}},
		{"version 2 and nothing else", wire.Dialect{}, "02", wire.Error{"WIRE-001", "", -1, "version", 0, wire.ErrVersion}},
		{"version 129", wire.Dialect{}, "8101 00 00 02", wire.Error{"WIRE-001", "", -1, "version", 0, wire.ErrVersion}},
		{"version 1 overlong", wire.Dialect{}, "8100 00 00 02", wire.Error{"WIRE-004", "", -1, "version", 0, wire.ErrU2LE}},
		{"version with a third byte", wire.Dialect{}, "8180 00 00 02", wire.Error{"WIRE-003", "", -1, "version", 0, wire.ErrU2LE}},
		{"count lies", wire.Dialect{}, "01 02 0001aa", wire.Error{"WIRE-005", onward, 1, "address type", 5, wire.ErrTruncated}},
		{"255 claimed", wire.Dialect{}, "01 00 ff", wire.Error{"WIRE-005", back, 0, "address type", 3, wire.ErrTruncated}},
		{"address type 3", wire.Dialect{}, "01 01 0301aa 00 02", wire.Error{"WIRE-006", onward, 0, "address type", 2, wire.ErrUnknownType}},
		{"address type 129", wire.Dialect{}, "01 00 01 8101aa 02", wire.Error{"WIRE-006", back, 0, "address type", 3, wire.ErrUnknownType}},
		{"host type 3", wire.Dialect{}, "01 01 010301020304a00f 00 02", wire.Error{"WIRE-006", onward, 0, "host type", 3, wire.ErrUnknownType}},
		{"local of length 0", wire.Dialect{}, "01 02 0001aa 0000 00 02", wire.Error{"WIRE-012", onward, 1, "length", 6, wire.ErrLength}},
		{"local longer than the message", wire.Dialect{}, "01 00 01 00ff aa", wire.Error{"WIRE-005", back, 0, "value", 5, wire.ErrTruncated}},
		{"name of length 0", wire.Dialect{}, "01 01 010200 a00f 00 02", wire.Error{"WIRE-013", onward, 0, "length", 4, wire.ErrLength}},
		{"name of 254", wire.Dialect{}, "01 01 0202fe" + strings.Repeat("61", 254) + "a00f 00 02",
			wire.Error{"WIRE-013", onward, 0, "length", 4, wire.ErrLength}},
		{"name longer than the message", wire.Dialect{}, "01 01 0202fd61", wire.Error{"WIRE-005", onward, 0, "value", 5, wire.ErrTruncated}},
		{"half a port", wire.Dialect{}, "01 01 01007f000001a0", wire.Error{"WIRE-005", onward, 0, "port", 8, wire.ErrTruncated}},
		{"no type", wire.Dialect{}, "01 00 00", wire.Error{"WIRE-005", "", -1, "type", 3, wire.ErrTruncated}},
		{"type 6", wire.Dialect{}, "01 00 00 06", wire.Error{"WIRE-006", "", -1, "type", 3, wire.ErrUnknownType}},
		{"type 255", wire.Dialect{}, "01 00 00 ff", wire.Error{"WIRE-006", "", -1, "type", 3, wire.ErrUnknownType}},
		{"ping with a body", wire.Dialect{}, "01 00 00 00 00", wire.Error{"WIRE-009", "", -1, "body", 4, wire.ErrBody}},
		{"pong with a body", wire.Dialect{}, "01 00 00 01 aa", wire.Error{"WIRE-009", "", -1, "body", 4, wire.ErrBody}},
		{"longer than any message", wire.Dialect{}, "01 00 00 02" + strings.Repeat("00", wire.MaxMessage-3),
			wire.Error{"REC-010", "", -1, "body", 0, wire.ErrTooLong}},

		{"c09 onward", noRoutes, "01 01 0001aa 00 02", wire.Error{"WIRE-008", onward, -1, "count", 1, wire.ErrTooMany}},
		{"c09 return", noRoutes, "01 00 01 0001aa 02", wire.Error{"WIRE-008", back, -1, "count", 2, wire.ErrTooMany}},
		{"c010 six onward", fewer, "01 06" + many(6) + " 00 02", wire.Error{"WIRE-008", onward, -1, "count", 1, wire.ErrTooMany}},
		{"c010 two return", fewer, "01 00 02" + many(2) + " 02", wire.Error{"WIRE-008", back, -1, "count", 2, wire.ErrTooMany}},
		{"e09 body that begins with 03", untagged, "01 00 00 03aa", wire.Error{"WIRE-006", "", -1, "type", 3, wire.ErrUnknownType}},
		{"e09 body 05", untagged, "01 00 00 05", wire.Error{"WIRE-006", "", -1, "type", 3, wire.ErrUnknownType}},
		{"bare and too long", bare, strings.Repeat("00", wire.MaxMessage+1), wire.Error{"REC-010", "", -1, "body", 0, wire.ErrTooLong}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := wire.Message{Onward: wire.Route{tcpR()}, Type: wire.M1, Body: []byte{1}}
			assertError(t, m.Parse(tc.dialect, unhex(tc.hex)), tc.want)
			if !m.Equal(&wire.Message{}) {
				t.Errorf("a refused message left %v", &m)
			}
		})
	}
}

func TestParseAccepts(t *testing.T) {
	aa := wire.LocalAddress([]byte{0xaa})
	repeat := func(n int) (r wire.Route) {
		for range n {
			r = append(r, aa)
		}
		return r
	}
	long := strings.Repeat("a", wire.MaxDNSName)
	for _, tc := range []struct {
		name    string
		dialect wire.Dialect
		hex     string
		want    wire.Message
	}{
		{"8 addresses", wire.Dialect{}, "01 08" + strings.Repeat("0001aa", 8) + "00 02", wire.Message{Onward: repeat(8), Type: wire.Payload}},
		{"255 addresses", wire.Dialect{}, "01 00 ff" + strings.Repeat("0001aa", 255) + "02", wire.Message{Return: repeat(255), Type: wire.Payload}},
		{"c010 five onward, one return", fewer, "01 05" + strings.Repeat("0001aa", 5) + "01 0001aa 02",
			wire.Message{Onward: repeat(5), Return: repeat(1), Type: wire.Payload}},
		{"local of 16, 17, and 255", wire.Dialect{}, "01 03 0010" + strings.Repeat("ab", 16) + "0011" + strings.Repeat("ab", 17) + "00ff" +
			strings.Repeat("ab", 255) + "00 02", wire.Message{Type: wire.Payload, Onward: wire.Route{
			wire.LocalAddress([]byte(strings.Repeat("\xab", 16))), wire.LocalAddress([]byte(strings.Repeat("\xab", 17))),
			wire.LocalAddress([]byte(strings.Repeat("\xab", 255)))}}},
		{"names of 1 and 253", wire.Dialect{}, "01 02 010201 61 0100 0202fd" + strings.Repeat("61", 253) + "ffff 00 02",
			wire.Message{Onward: wire.Route{wire.TCPAddressDNS("a", 1), wire.UDPAddressDNS(long, 65535)}, Type: wire.Payload}},
		{"a name that no encoder writes", wire.Dialect{}, "01 01 010202 412e 0100 00 02",
			wire.Message{Onward: wire.Route{wire.TCPAddressDNS("A.", 1)}, Type: wire.Payload}},
		{"IPv4-mapped", wire.Dialect{}, "01 01 0201 00000000000000000000ffff01020304 0100 00 02",
			wire.Message{Onward: wire.Route{wire.UDPAddress6([16]byte{10: 0xff, 11: 0xff, 12: 1, 13: 2, 14: 3, 15: 4}, 1)}, Type: wire.Payload}},
		{"empty payload", wire.Dialect{}, "01 00 00 02", wire.Message{Type: wire.Payload}},
		{"empty m3", wire.Dialect{}, "01 00 00 05", wire.Message{Type: wire.M3}},
		{"longest", wire.Dialect{}, "01 00 00 02" + strings.Repeat("00", wire.MaxMessage-4),
			wire.Message{Type: wire.Payload, Body: make([]byte, wire.MaxMessage-4)}},
		{"e09 empty body", untagged, "01 00 00", wire.Message{Type: wire.Untyped}},
		{"e09 ping", untagged, "01 00 00 00", wire.Message{Type: wire.Ping}},
		{"e09 pong", untagged, "01 00 00 01", wire.Message{Type: wire.Pong}},
		{"e09 body 02", untagged, "01 00 00 02", wire.Message{Type: wire.Untyped, Body: []byte{2}}},
		{"e09 body 06", untagged, "01 00 00 06", wire.Message{Type: wire.Untyped, Body: []byte{6}}},
		{"e09 body that begins with 00", untagged, "01 00 00 00aa", wire.Message{Type: wire.Untyped, Body: []byte{0, 0xaa}}},
		{"bare and empty", bare, "", wire.Message{Type: wire.Untyped}},
		{"bare", bare, "03", wire.Message{Type: wire.Untyped, Body: []byte{3}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := wire.Parse(tc.dialect, unhex(tc.hex))
			if err != nil || !got.Equal(&tc.want) {
				t.Errorf("Parse = %v, %v, want %v", &got, err, &tc.want)
			}
		})
	}
}

// A Message that is parsed into again shows nothing of its past, and its body aliases the input.
func TestParseAgain(t *testing.T) {
	var m wire.Message
	for _, k := range knownAnswers() {
		encoded := unhex(k.hex)
		if err := m.Parse(k.dialect, encoded); err != nil || !m.Equal(&k.want) {
			t.Errorf("%s: Parse = %v, %v, want %v", k.name, &m, err, &k.want)
		}
		if len(m.Body) > 0 && &m.Body[len(m.Body)-1] != &encoded[len(encoded)-1] {
			t.Errorf("%s: the body is a copy", k.name)
		}
	}
}
