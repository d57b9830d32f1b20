package wire_test

import (
	"bytes"
	"strings"
	"testing"

	"ockamtest/ref/wire"
)

func TestAddressParts(t *testing.T) {
	v6 := [16]byte{0: 0xfe, 1: 0x80, 15: 7}
	for _, tc := range []struct {
		name  string
		a     wire.Address
		kind  wire.AddressType
		host  wire.HostType
		port  uint16
		value string
	}{
		{"local", wire.LocalAddress([]byte("app")), wire.Local, 0, 0, "app"},
		{"local of 17", wire.LocalAddress([]byte("0123456789abcdefg")), wire.Local, 0, 0, "0123456789abcdefg"},
		{"zero", wire.Address{}, wire.Local, 0, 0, ""},
		{"tcp4", wire.TCPAddress4([4]byte{1, 2, 3, 4}, 9), wire.TCP, wire.IPv4, 9, "\x01\x02\x03\x04"},
		{"udp4", wire.UDPAddress4([4]byte{1, 2, 3, 4}, 9), wire.UDP, wire.IPv4, 9, "\x01\x02\x03\x04"},
		{"tcp6", wire.TCPAddress6(v6, 9), wire.TCP, wire.IPv6, 9, string(v6[:])},
		{"udp6", wire.UDPAddress6(v6, 9), wire.UDP, wire.IPv6, 9, string(v6[:])},
		{"tcp name", wire.TCPAddressDNS("a.b", 9), wire.TCP, wire.DNS, 9, "a.b"},
		{"udp name", wire.UDPAddressDNS("a.b", 9), wire.UDP, wire.DNS, 9, "a.b"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.a.Type() != tc.kind || tc.a.Host() != tc.host || tc.a.Port() != tc.port {
				t.Errorf("type %d, host type %d, port %d", tc.a.Type(), tc.a.Host(), tc.a.Port())
			}
			if got := tc.a.AppendValue([]byte("x")); string(got) != "x"+tc.value || tc.a.Len() != len(tc.value) {
				t.Errorf("value %q of %d bytes, want %q", got, tc.a.Len(), tc.value)
			}
			if tc.a.IsLocal() != (tc.kind == wire.Local) || tc.a.IsTransport() == tc.a.IsLocal() {
				t.Errorf("IsLocal %v, IsTransport %v", tc.a.IsLocal(), tc.a.IsTransport())
			}
			ip4, is4 := tc.a.IP4()
			ip6, is6 := tc.a.IP6()
			name, isName := tc.a.Name()
			transport := tc.kind != wire.Local
			if is4 != (transport && tc.host == wire.IPv4) || is4 && string(ip4[:]) != tc.value {
				t.Errorf("IP4 = %v, %v", ip4, is4)
			}
			if is6 != (transport && tc.host == wire.IPv6) || is6 && string(ip6[:]) != tc.value {
				t.Errorf("IP6 = %v, %v", ip6, is6)
			}
			if isName != (transport && tc.host == wire.DNS) || name != "" && name != tc.value {
				t.Errorf("Name = %q, %v", name, isName)
			}
		})
	}
}

// LocalAddress copies: an address does not change when the buffer that it was read from is used again.
func TestLocalAddressCopies(t *testing.T) {
	for _, n := range []int{1, 16, 17, 255} {
		b := bytes.Repeat([]byte{1}, n)
		a := wire.LocalAddress(b)
		clear(b)
		if want := wire.LocalAddress(bytes.Repeat([]byte{1}, n)); a != want {
			t.Errorf("local address of %d bytes changed to %v", n, a)
		}
	}
}

func TestWithPort(t *testing.T) {
	if got, want := tcpR().WithPort(9), wire.TCPAddress4([4]byte{127, 0, 0, 1}, 9); got != want {
		t.Errorf("WithPort = %v, want %v", got, want)
	}
	if got := locI().WithPort(9); got != locI() {
		t.Errorf("WithPort made %v of a local address", got)
	}
}

func mapped4(kind func([16]byte, uint16) wire.Address, a, b, c, d byte, port uint16) wire.Address {
	return kind([16]byte{10: 0xff, 11: 0xff, 12: a, 13: b, 14: c, 15: d}, port)
}

// WIRE-013: what means the same, and what does not.
func TestEqual(t *testing.T) {
	v6 := wire.TCPAddress6([16]byte{0: 0x20, 1: 0x01, 2: 0x0d, 3: 0xb8, 15: 1}, 80)
	v4 := wire.TCPAddress4([4]byte{1, 2, 3, 4}, 80)
	for _, tc := range []struct {
		name string
		a, b wire.Address
		want bool
	}{
		{"itself", v4, v4, true},
		{"IPv4 and IPv4-mapped", v4, mapped4(wire.TCPAddress6, 1, 2, 3, 4, 80), true},
		{"IPv4 and its literal", v4, wire.TCPAddressDNS("1.2.3.4", 80), true},
		{"IPv4 and its mapped literal", v4, wire.TCPAddressDNS("::FFFF:1.2.3.4", 80), true},
		{"IPv6 and its literal", v6, wire.TCPAddressDNS("2001:DB8::1", 80), true},
		{"capitals", wire.TCPAddressDNS("Foo.AZ", 80), wire.TCPAddressDNS("foo.az", 80), true},
		{"not capitals", wire.TCPAddressDNS("@[", 80), wire.TCPAddressDNS("`{", 80), false},
		{"final dot", wire.TCPAddressDNS("foo.com.", 80), wire.TCPAddressDNS("foo.com", 80), true},
		{"two final dots", wire.TCPAddressDNS("foo.com..", 80), wire.TCPAddressDNS("foo.com", 80), false},
		{"names", wire.TCPAddressDNS("foo.com", 80), wire.TCPAddressDNS("foo.org", 80), false},
		{"bytes that are no text", wire.TCPAddressDNS("\xff", 80), wire.TCPAddressDNS("\xfe", 80), false},
		{"capitals beyond ASCII", wire.TCPAddressDNS("Ä", 80), wire.TCPAddressDNS("ä", 80), false},
		{"ports", v4, v4.WithPort(81), false},
		{"tcp and udp", v4, wire.UDPAddress4([4]byte{1, 2, 3, 4}, 80), false},
		{"hosts", v4, wire.TCPAddress4([4]byte{1, 2, 3, 5}, 80), false},
		{"IPv4 and IPv4-compatible", v4, wire.TCPAddress6([16]byte{12: 1, 13: 2, 14: 3, 15: 4}, 80), false},
		{"local", locI(), wire.LocalAddress([]byte{0x0a, 0x0b, 0x0c, 0x0d}), true},
		{"locals", locI(), locR(), false},
		{"locals are case-sensitive", wire.LocalAddress([]byte("app")), wire.LocalAddress([]byte("APP")), false},
		{"local and IPv4 of the same bytes", wire.LocalAddress([]byte{1, 2, 3, 4}), wire.TCPAddress4([4]byte{1, 2, 3, 4}, 0), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.a.Equal(tc.b); got != tc.want {
				t.Errorf("%v Equal %v = %v", tc.a, tc.b, got)
			}
			if got := (wire.Route{locI(), tc.a}).Equal(wire.Route{locI(), tc.b}); got != tc.want {
				t.Errorf("routes Equal = %v", got)
			}
		})
	}
	if (wire.Route{v4}).Equal(wire.Route{v4, v4}) {
		t.Error("a route equals a longer one")
	}
}

// WIRE-012, WIRE-013: what encoders refuse, what they write instead, and that dst is left as it was.
func TestAppendAddressRefuses(t *testing.T) {
	name := func(s string) wire.Address { return wire.UDPAddressDNS(s, 80) }
	for _, tc := range []struct {
		name                 string
		a                    wire.Address
		requirement, field   string
		err                  error
		canonicalIsEncodable bool
	}{
		{"zero", wire.Address{}, "WIRE-012", "length", wire.ErrLength, false},
		{"empty local", wire.LocalAddress(nil), "WIRE-012", "length", wire.ErrLength, false},
		{"local of 256", wire.LocalAddress(make([]byte, 256)), "WIRE-012", "length", wire.ErrLength, false},
		{"mapped tcp", mapped4(wire.TCPAddress6, 1, 2, 3, 4, 80), "WIRE-013", "host", wire.ErrForm, true},
		{"mapped udp", mapped4(wire.UDPAddress6, 0, 0, 0, 0, 80), "WIRE-013", "host", wire.ErrForm, true},
		{"empty name", name(""), "WIRE-013", "length", wire.ErrLength, false},
		{"name of 254", name(strings.Repeat("a", 254)), "WIRE-013", "length", wire.ErrLength, false},
		{"capital", name("a.B.c"), "WIRE-013", "value", wire.ErrForm, true},
		{"final dot", name("example.com."), "WIRE-013", "value", wire.ErrForm, true},
		{"only a dot", name("."), "WIRE-013", "value", wire.ErrForm, false},
		{"underscore", name("a_b"), "WIRE-013", "value", wire.ErrForm, false},
		{"space", name("a b"), "WIRE-013", "value", wire.ErrForm, false},
		{"zero byte", name("a\x00"), "WIRE-013", "value", wire.ErrForm, false},
		{"not ASCII", name("bücher"), "WIRE-013", "value", wire.ErrForm, false},
		{"IPv4 literal", name("127.0.0.1"), "WIRE-013", "value", wire.ErrForm, true},
		{"IPv4 literal with a final dot", name("127.0.0.1."), "WIRE-013", "value", wire.ErrForm, true},
		{"IPv4 literal of two numbers", name("127.1"), "WIRE-013", "value", wire.ErrForm, false},
		{"IPv4 literal of one number", name("2130706433"), "WIRE-013", "value", wire.ErrForm, false},
		{"IPv4 literal in hex", name("0x7f000001"), "WIRE-013", "value", wire.ErrForm, false},
		{"IPv4 literal that ends in hex", name("127.0.0.0xaf"), "WIRE-013", "value", wire.ErrForm, false},
		{"IPv4 literal that ends in empty hex", name("127.0.0.0x"), "WIRE-013", "value", wire.ErrForm, false},
		{"IPv6 literal", name("::1"), "WIRE-013", "value", wire.ErrForm, true},
		{"IPv6 literal in brackets", name("[::1]"), "WIRE-013", "value", wire.ErrForm, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			want := wire.Error{Requirement: tc.requirement, Index: -1, Field: tc.field, Err: tc.err}
			got, err := wire.AppendAddress([]byte("before"), wire.Dialect{}, tc.a)
			assertError(t, err, want)
			assertError(t, tc.a.Validate(), want)
			if string(got) != "before" {
				t.Errorf("a refused address left %x", got)
			}
			if c := tc.a.Canonical(); (c.Validate() == nil) != tc.canonicalIsEncodable || !c.Equal(tc.a) {
				t.Errorf("Canonical = %v, %v", c, c.Validate())
			}
		})
	}
}

func TestAppendAddressAccepts(t *testing.T) {
	for _, name := range []string{"a", "localhost", "a.b", "1.a", "0x.example", "a-b", "xn--bcher-kva.example", "face", "127.0.0.0xfg",
		strings.Repeat("a", 253)} {
		a := wire.TCPAddressDNS(name, 80)
		if _, err := wire.AppendAddress(nil, wire.Dialect{}, a); err != nil || a.Canonical() != a {
			t.Errorf("%v: %v, canonical %v", a, err, a.Canonical())
		}
	}
}

// WIRE-013: what is never sent to.
func TestSendable(t *testing.T) {
	for _, tc := range []struct {
		name string
		a    wire.Address
		want bool
	}{
		{"IPv4", wire.TCPAddress4([4]byte{127, 0, 0, 1}, 1), true},
		{"port 0", wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0), false},
		{"IPv6", wire.UDPAddress6([16]byte{15: 1}, 1), true},
		{"fe80::1", wire.UDPAddress6([16]byte{0: 0xfe, 1: 0x80, 15: 1}, 1), false},
		{"febf::1", wire.UDPAddress6([16]byte{0: 0xfe, 1: 0xbf, 15: 1}, 1), false},
		{"fec0::1", wire.UDPAddress6([16]byte{0: 0xfe, 1: 0xc0, 15: 1}, 1), true},
		{"link-local literal", wire.UDPAddressDNS("fe80::1", 1), false},
		{"0.0.0.0", wire.UDPAddress4([4]byte{}, 1), false},
		{"::", wire.UDPAddress6([16]byte{}, 1), false},
		{"IPv4-mapped 0.0.0.0", wire.UDPAddress6([16]byte{10: 0xff, 11: 0xff}, 1), false},
		{"0.0.0.0 literal", wire.TCPAddressDNS("0.0.0.0", 1), false},
		{"1.0.0.0", wire.UDPAddress4([4]byte{1}, 1), true},
		{"223.255.255.255", wire.UDPAddress4([4]byte{223, 255, 255, 255}, 1), true},
		{"multicast", wire.UDPAddress4([4]byte{224, 0, 0, 1}, 1), false},
		{"multicast IPv6", wire.UDPAddress6([16]byte{0: 0xff, 1: 2, 15: 1}, 1), false},
		{"broadcast", wire.UDPAddress4([4]byte{255, 255, 255, 255}, 1), false},
		{"name", wire.UDPAddressDNS("a", 1), true},
		{"local", locI(), false},
	} {
		if got := tc.a.Sendable(); got != tc.want {
			t.Errorf("%s: Sendable = %v, want %v", tc.name, got, tc.want)
		}
	}
}

// REC-010: what fits a message to an address.
func TestMaxMessage(t *testing.T) {
	for _, tc := range []struct {
		name string
		a    wire.Address
		want int
	}{
		{"nowhere", wire.Address{}, 65535},
		{"TCP, IPv4", wire.TCPAddress4([4]byte{10, 0, 0, 1}, 1), 65535},
		{"TCP, IPv6", wire.TCPAddress6([16]byte{15: 1}, 1), 65535},
		{"UDP, IPv4", wire.UDPAddress4([4]byte{10, 0, 0, 1}, 1), 65507},
		{"UDP, IPv6", wire.UDPAddress6([16]byte{15: 1}, 1), 65527},
	} {
		if got := tc.a.MaxMessage(); got != tc.want {
			t.Errorf("%s: got %d, want %d", tc.name, got, tc.want)
		}
	}
}
