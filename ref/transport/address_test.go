package transport_test

import (
	"errors"
	"net/netip"
	"testing"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// WIRE-013: addresses of the system in the form of encoders, and back.
func TestNumericAddresses(t *testing.T) {
	for text, want := range map[string][2]wire.Address{
		"127.0.0.1:4000":      {wire.TCPAddress4([4]byte{127, 0, 0, 1}, 4000), wire.UDPAddress4([4]byte{127, 0, 0, 1}, 4000)},
		"[::ffff:10.0.0.1]:1": {wire.TCPAddress4([4]byte{10, 0, 0, 1}, 1), wire.UDPAddress4([4]byte{10, 0, 0, 1}, 1)},
		"[::1]:65535":         {wire.TCPAddress6([16]byte{15: 1}, 65535), wire.UDPAddress6([16]byte{15: 1}, 65535)},
		"[fe80::1%1]:2":       {wire.TCPAddress6([16]byte{0: 0xfe, 1: 0x80, 15: 1}, 2), wire.UDPAddress6([16]byte{0: 0xfe, 1: 0x80, 15: 1}, 2)},
	} {
		ap := netip.MustParseAddrPort(text)
		plain := netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port())
		for i, kind := range []wire.AddressType{wire.TCP, wire.UDP} {
			got := transport.NumericAddress(kind, ap)
			if got != want[i] {
				t.Errorf("%s: got %v, want %v", text, got, want[i])
			}
			if back, ok := transport.AddrPort(got); !ok || back != plain {
				t.Errorf("%v: got %v, %v, want %v", got, back, ok, plain)
			}
		}
	}
	for _, a := range []wire.Address{{}, wire.UDPAddressDNS("localhost", 1), wire.LocalAddress([]byte("x"))} {
		if ap, ok := transport.AddrPort(a); ok {
			t.Errorf("%v: got %v, want none", a, ap)
		}
	}
}

// HostPort takes addresses of one kind, numeric or named, and writes them as package net reads them.
func TestHostPort(t *testing.T) {
	for _, test := range []struct {
		address wire.Address
		want    string // none: refused
	}{
		{wire.UDPAddress4([4]byte{127, 0, 0, 1}, 4000), "127.0.0.1:4000"},
		{wire.UDPAddress6([16]byte{15: 1}, 4000), "[::1]:4000"},
		{wire.UDPAddress6([16]byte{10: 0xff, 11: 0xff, 12: 10, 15: 1}, 4000), "10.0.0.1:4000"},
		{wire.UDPAddressDNS("Example.ORG.", 4000), "example.org:4000"},
		{wire.UDPAddressDNS("10.0.0.1", 4000), "10.0.0.1:4000"},
		{wire.UDPAddressDNS("not a name", 4000), ""},
		{wire.UDPAddressDNS("", 4000), ""},
		{wire.TCPAddress4([4]byte{127, 0, 0, 1}, 4000), ""},
		{wire.TCPAddressDNS("example.org", 4000), ""},
		{wire.LocalAddress([]byte("x")), ""},
		{wire.Address{}, ""},
	} {
		got, err := transport.HostPort(wire.UDP, test.address)
		if got != test.want || (err == nil) != (test.want != "") || err != nil && !errors.Is(err, transport.ErrAddress) {
			t.Errorf("%v: got %q, %v, want %q", test.address, got, err, test.want)
		}
	}
	if got, err := transport.HostPort(wire.Local, wire.LocalAddress([]byte("x"))); !errors.Is(err, transport.ErrAddress) {
		t.Errorf("a local address: got %q, %v, want ErrAddress", got, err)
	}
}
