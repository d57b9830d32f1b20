package wire_test

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"ockamtest/ref/wire"
)

func TestAddressText(t *testing.T) {
	for _, tc := range []struct {
		text string
		want wire.Address
	}{
		{"tcp://127.0.0.1:4000", tcpR()},
		{"udp://10.0.0.1:4001", udpI()},
		{"tcp://0.0.0.0:0", wire.TCPAddress4([4]byte{}, 0)},
		{"tcp://255.255.255.255:1", wire.TCPAddress4([4]byte{255, 255, 255, 255}, 1)},
		{"udp://[::1]:9", wire.UDPAddress6([16]byte{15: 1}, 9)},
		{"tcp://[::]:65535", wire.TCPAddress6([16]byte{}, 65535)},
		{"tcp://example.com:80", wire.TCPAddressDNS("example.com", 80)},
		{"udp://localhost:1", wire.UDPAddressDNS("localhost", 1)},
		{"local:0a0b0c0d", locI()},
		{"local:" + strings.Repeat("ab", 255), wire.LocalAddress([]byte(strings.Repeat("\xab", 255)))},
	} {
		got, err := wire.ParseAddressString(tc.text)
		if err != nil || got != tc.want {
			t.Errorf("ParseAddressString(%q) = %v, %v", tc.text, got, err)
		}
		if got := tc.want.String(); got != tc.text {
			t.Errorf("String = %q, want %q", got, tc.text)
		}
	}
}

// What people write becomes canonical.
func TestParseAddressStringIsCanonical(t *testing.T) {
	for text, want := range map[string]string{
		"local:0A0B":                "local:0a0b",
		"tcp://Example.COM.:80":     "tcp://example.com:80",
		"tcp://[::FFFF:1.2.3.4]:80": "tcp://1.2.3.4:80",
		"udp://[2001:DB8:0::01]:9":  "udp://[2001:db8::1]:9",
		"tcp://127.0.0.1:00080":     "tcp://127.0.0.1:80",
	} {
		got, err := wire.ParseAddressString(text)
		if err != nil || got.String() != want {
			t.Errorf("ParseAddressString(%q) = %v, %v, want %s", text, got, err, want)
		}
	}
}

func TestParseAddressStringRefuses(t *testing.T) {
	for text, want := range map[string]error{
		"": wire.ErrSyntax, "tcp": wire.ErrSyntax, "tcp://": wire.ErrSyntax, "127.0.0.1:80": wire.ErrSyntax, "http://a:80": wire.ErrSyntax,
		"TCP://a:80": wire.ErrSyntax, "tcp://a": wire.ErrSyntax, "tcp://a:": wire.ErrSyntax, "tcp://a:-1": wire.ErrSyntax,
		"tcp://a:+1": wire.ErrSyntax, "tcp://a:65536": wire.ErrSyntax, "tcp://a:99999999999": wire.ErrSyntax, "tcp://a:0x10": wire.ErrSyntax,
		"tcp://::1:80": wire.ErrSyntax, "tcp://[::1:80": wire.ErrSyntax, "tcp://::1]:80": wire.ErrSyntax, "tcp://[::1]80": wire.ErrSyntax,
		"tcp://[1.2.3.4]:80": wire.ErrSyntax, "tcp://[]:80": wire.ErrSyntax, "tcp://[fe80::1%eth0]:80": wire.ErrSyntax,
		"local:0": wire.ErrSyntax, "local:0g": wire.ErrSyntax, "local:0x00": wire.ErrSyntax,
		"local:": wire.ErrLength, "local:" + strings.Repeat("00", 256): wire.ErrLength, "tcp://:80": wire.ErrLength,
		"tcp://" + strings.Repeat("a", 254) + ":80": wire.ErrLength,
		"tcp://a b:80": wire.ErrForm, "tcp://1.2.3:80": wire.ErrForm, "tcp://1.2.3.256:80": wire.ErrForm, "tcp://01.2.3.4:80": wire.ErrForm,
		"tcp://\"a\":80": wire.ErrForm, "tcp://user@a/:80": wire.ErrForm,
	} {
		got, err := wire.ParseAddressString(text)
		if !errors.Is(err, want) || got != (wire.Address{}) {
			t.Errorf("ParseAddressString(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

// A name that no encoder writes is printed so that it can neither be taken for another address nor do harm on a terminal.
func TestAddressTextOfAnyName(t *testing.T) {
	for name, want := range map[string]string{
		"Foo.":       `tcp://"Foo.":80`,
		"127.0.0.1":  `tcp://"127.0.0.1":80`,
		"a:1 b":      `tcp://"a:1 b":80`,
		"\x1b[2J\"":  `tcp://"\x1b[2J\"":80`,
		"\xff\u202e": `tcp://"\xff\u202e":80`,
	} {
		if got := wire.TCPAddressDNS(name, 80).String(); got != want {
			t.Errorf("String = %s, want %s", got, want)
		}
	}
	if got, want := mapped4(wire.UDPAddress6, 1, 2, 3, 4, 9).String(), "udp://[::ffff:1.2.3.4]:9"; got != want {
		t.Errorf("String = %s, want %s", got, want)
	}
}

// The text forms of IP addresses against the standard library, which sans-IO code does not import.
func TestIPTextAgainstNetip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	t.Log("seed 1, 2; repeat with go test -run TestIPTextAgainstNetip")
	for range 20_000 {
		var ip [16]byte
		for i := range ip {
			if r.IntN(3) == 0 { // many zeros, so that runs are shortened
				ip[i] = byte(r.Uint32())
			}
		}
		want := netip.AddrPortFrom(netip.AddrFrom16(ip), 9)
		got := wire.TCPAddress6(ip, 9)
		if got.String() != "tcp://"+want.String() {
			t.Fatalf("String = %v, want %v", got, want)
		}
		for _, text := range []string{want.String(), "[" + want.Addr().StringExpanded() + "]:9", strings.ToUpper(want.String())} {
			if again, err := wire.ParseAddressString("tcp://" + text); err != nil || again != got.Canonical() {
				t.Fatalf("ParseAddressString(%s) = %v, %v", text, again, err)
			}
		}
	}
}

// FuzzIPText: what this package takes for an IP address is what the standard library does.
func FuzzIPText(f *testing.F) {
	for _, s := range []string{"::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "::1.2.3.4",
		"1.2.3.4", "1.2.3.4::", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", ":1", "1:", "", "01.2.3.4",
		"1.2.3.4.5", "::1.2.3", "::1.2.3.4:5", "::ffff:1.2.3.4", "fe80::1%a", "+1::", "1_0::", "1:2:3:4:5:6:7:1.2.3.4", "::1:2:3:4:5:6:7:8"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 100 {
			return
		}
		want, err := netip.ParseAddr(s)
		valid := err == nil && want.Zone() == ""
		got := wire.TCPAddressDNS(s, 9).Canonical()
		_, isName := got.Name()
		// A name may have capitals and a final dot, a literal too.
		if trimmed, err := netip.ParseAddr(strings.TrimSuffix(s, ".")); !valid && err == nil && trimmed.Zone() == "" {
			want, valid = trimmed, true
		}
		if valid == isName {
			t.Fatalf("%q: taken for a name: %v; netip: %v", s, isName, err)
		}
		if text := netip.AddrPortFrom(want.Unmap(), 9).String(); valid && got.String() != "tcp://"+text {
			t.Fatalf("%q is %v, want %v", s, got, text)
		}
	})
}

func TestMessageText(t *testing.T) {
	for _, tc := range []struct {
		dialect   wire.Dialect
		hex, want string
	}{
		{wire.Dialect{}, "01 01 01007f000001a00f 01 01007f00000131d4 03" + m1Hex,
			"v1 m1 onward=[tcp://127.0.0.1:4000] return=[tcp://127.0.0.1:54321] body=32 bytes"},
		{wire.Dialect{}, "01 02 0001ff 00040a0b0c0d 00 00", "v1 ping onward=[local:ff local:0a0b0c0d] return=[] body=0 bytes"},
		{wire.Dialect{}, "01 00 00 01", "v1 pong onward=[] return=[] body=0 bytes"},
		{wire.Dialect{}, "01 00 00 02", "v1 payload onward=[] return=[] body=0 bytes"},
		{wire.Dialect{}, "01 00 00 04", "v1 m2 onward=[] return=[] body=0 bytes"},
		{wire.Dialect{}, "01 00 00 05", "v1 m3 onward=[] return=[] body=0 bytes"},
		{untagged, "01 00 00 aabb", "v1 untyped onward=[] return=[] body=2 bytes"},
		{bare, "aabbcc", "bare body=3 bytes"},
		{wire.Dialect{}, "01 01 03", "malformed, 3 bytes: wire: onward route, address 0, address type at byte 2: unknown type (WIRE-006)"},
		{wire.Dialect{}, "02", "malformed, 1 bytes: wire: version at byte 0: wrong version (WIRE-001)"},
	} {
		if got := wire.Describe(tc.dialect, unhex(tc.hex)); got != tc.want {
			t.Errorf("Describe(%s) = %q, want %q", tc.hex, got, tc.want)
		}
	}
	if got, want := wire.Type(9).String(), "type 9"; got != want {
		t.Errorf("Type(9) = %q, want %q", got, want)
	}
}
