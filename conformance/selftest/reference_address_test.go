package selftest_test

import (
	"errors"
	"net/netip"
	"testing"

	"ockamtest/ref/wire"
	"ockamtest/vectors"
)

// What the vectors of the codec say of the reference's addresses beyond bytes: what they mean.

// addresses are all that stand in the vectors, each with what a vector says of it.
func addresses(t *testing.T) map[wire.Address]vectors.Address {
	t.Helper()
	all := map[wire.Address]vectors.Address{}
	add := func(list ...vectors.Address) {
		for _, a := range list {
			all[addressOf(a)] = a
		}
	}
	for _, op := range []string{"decode", "encode"} {
		codecs(t, op, func(v *vectors.Codec, _ wire.Dialect) {
			switch x := v.Value; {
			case x == nil:
			case x.Address != nil:
				add(*x.Address)
			case x.Route != nil:
				add(*x.Route...)
			case x.Message != nil:
				add(x.Message.Onward...)
				add(x.Message.Return...)
			}
		})
	}
	if len(all) < 100 {
		t.Errorf("%d addresses, want 100 at least", len(all))
	}
	return all
}

// An address is one of four kinds, and tells which, and what it was made of.
func TestReferenceOfAddresses(t *testing.T) {
	for a, v := range addresses(t) {
		ip4, is4 := a.IP4()
		ip6, is6 := a.IP6()
		name, named := a.Name()
		local := v.Type == "local"
		if is4 != (len(v.IPv4) > 0) || is6 != (len(v.IPv6) > 0) || a.IsLocal() != local || a.IsTransport() == local || named != (!local && !is4 && !is6) {
			t.Errorf("%+v: local %v, IPv4 %v, IPv6 %v, name %v", v, a.IsLocal(), is4, is6, named)
		}
		if is4 && string(ip4[:]) != string(v.IPv4) || is6 && string(ip6[:]) != string(v.IPv6) || name != v.Name || int(a.Port()) != v.Port {
			t.Errorf("%+v: %v %v %q %d", v, ip4, ip6, name, a.Port())
		}
		if want := len(v.Local) + len(v.IPv4) + len(v.IPv6) + len(v.Name); a.Len() != want || len(a.AppendValue(nil)) != want {
			t.Errorf("%+v: %d bytes, want %d", v, a.Len(), want)
		}
		if want := v.Port ^ 1; local == (int(a.WithPort(uint16(want)).Port()) == want) {
			t.Errorf("%+v with another port is %v", v, a.WithPort(uint16(want)))
		}
		if a.Sendable() != sendable(v) {
			t.Errorf("%+v: sendable is %v", v, a.Sendable())
		}
	}
}

// sendable is what net/netip makes of WIRE-013.
func sendable(v vectors.Address) bool {
	if v.Type == "local" || v.Port == 0 {
		return false
	}
	var ip netip.Addr
	switch {
	case len(v.IPv4) == 4:
		ip = netip.AddrFrom4([4]byte(v.IPv4))
	case len(v.IPv6) == 16:
		ip = netip.AddrFrom16([16]byte(v.IPv6)).Unmap()
	default:
		var err error
		if ip, err = netip.ParseAddr(v.Name); err != nil {
			return true
		}
		ip = ip.Unmap()
	}
	if ip.Is4() {
		return ip.As4()[0] != 0 && ip.As4()[0] < 224
	}
	return !ip.IsUnspecified() && !ip.IsMulticast() && !ip.IsLinkLocalUnicast()
}

// Two addresses mean the same if their encoding is the same; their texts are those of net/netip, and are read as what they mean.
func TestReferenceOfMeanings(t *testing.T) {
	all := addresses(t)
	encoded := map[wire.Address]string{}
	for a := range all {
		b, err := wire.AppendAddress(nil, wire.Dialect{}, a.Canonical())
		if err != nil {
			b = nil
		}
		encoded[a] = string(b)
		back, err := wire.ParseAddressString(a.Canonical().String())
		if valid := len(b) > 0; valid && (err != nil || back != a.Canonical()) || !valid && err == nil {
			t.Errorf("%v is read as %v: %v", a.Canonical(), back, err)
		}
		if ip, ok := a.IP6(); ok && a.String() != "tcp://"+netip.AddrPortFrom(netip.AddrFrom16(ip), a.Port()).String() && a.Type() == wire.TCP {
			t.Errorf("%v is written otherwise", netip.AddrFrom16(ip))
		}
	}
	for a := range all {
		for b := range all {
			if encoded[a] == "" || encoded[b] == "" {
				continue
			}
			if a.Equal(b) != (encoded[a] == encoded[b]) {
				t.Errorf("%v and %v: equal is %v", a, b, a.Equal(b))
			}
		}
	}
}

func messageOf(v *vectors.Message) wire.Message {
	m := wire.Message{Onward: routeOf(v.Onward), Return: routeOf(v.Return), Type: wire.Untyped, Body: v.Body}
	if v.Type != nil {
		m.Type = wire.Type(*v.Type)
	}
	return m
}

func routeOf(all []vectors.Address) (r wire.Route) {
	for _, a := range all {
		r = append(r, addressOf(a))
	}
	return r
}

func addressOf(a vectors.Address) wire.Address {
	port, udp := uint16(a.Port), a.Type == "udp"
	switch {
	case a.Type == "local":
		return wire.LocalAddress(a.Local)
	case len(a.IPv4) == 4 && udp:
		return wire.UDPAddress4([4]byte(a.IPv4), port)
	case len(a.IPv4) == 4:
		return wire.TCPAddress4([4]byte(a.IPv4), port)
	case len(a.IPv6) == 16 && udp:
		return wire.UDPAddress6([16]byte(a.IPv6), port)
	case len(a.IPv6) == 16:
		return wire.TCPAddress6([16]byte(a.IPv6), port)
	case udp:
		return wire.UDPAddressDNS(a.Name, port)
	}
	return wire.TCPAddressDNS(a.Name, port)
}

// What is no text of an address is refused at no place of it, and what is one of an address that there is not, as that address.
func TestReferenceOfTexts(t *testing.T) {
	for text, want := range map[string]error{
		"":                  wire.ErrSyntax,
		"local":             wire.ErrSyntax,
		"local:x":           wire.ErrSyntax,
		"local:abc":         wire.ErrSyntax,
		"sctp://host:1":     wire.ErrSyntax,
		"tcp:host:1":        wire.ErrSyntax,
		"tcp://host":        wire.ErrSyntax,
		"tcp://host:":       wire.ErrSyntax,
		"tcp://host:65536":  wire.ErrSyntax,
		"tcp://host:x":      wire.ErrSyntax,
		"tcp://a:b:1":       wire.ErrSyntax,
		"tcp://[::1:1":      wire.ErrSyntax,
		"tcp://[host]:1":    wire.ErrSyntax,
		"tcp://[]:1":        wire.ErrSyntax,
		"tcp://:1":          wire.ErrLength,
		"local:":            wire.ErrLength,
		"udp://host:65535":  nil,
		"udp://[::1]:1":     nil,
		"udp://127.0.0.1:0": nil,
	} {
		a, err := wire.ParseAddressString(text)
		var e *wire.Error
		if !errors.Is(err, want) || (err == nil) != (want == nil) || err != nil && !errors.As(err, &e) || want == nil && a.String() != text {
			t.Errorf("%q: got %v, %v, want %v", text, a, err, want)
		}
		if errors.Is(err, wire.ErrSyntax) && (e.Index != -1 || e.Field != "text") {
			t.Errorf("%q: %+v, want no place", text, *e)
		}
	}
}

// WIRE-013: which names mean the same, which are none, and which addresses are not sent to.
func TestReferenceOfNames(t *testing.T) {
	name := func(s string) wire.Address { return wire.TCPAddressDNS(s, 80) }
	for _, same := range [][2]string{{"a.b", "A.b."}, {"zZ", "Zz"}, {"127.0.0.1", "127.0.0.1."}, {"::1", "0:0:0:0:0:0:0:1"}} {
		if !name(same[0]).Equal(name(same[1])) {
			t.Errorf("%q and %q do not mean the same", same[0], same[1])
		}
	}
	for _, different := range [][2]string{{"a", "a.."}, {"", "."}, {".", ".."}, {"a.", "a..."}, {"[", "{"}, {"@", "`"}} {
		if name(different[0]).Equal(name(different[1])) {
			t.Errorf("%q and %q mean the same", different[0], different[1])
		}
	}
	for s, valid := range map[string]bool{
		"a": true, "z": true, "0a": true, "a-b.c": true, "a.0x": false, "a.0xg": true, "a.0xa": false, "a.0xf": false, "a.f0": true, "a.1": false, "a.0": false, "a.9": false, "a.09": false, "a.9-": true,
		"`": false, "{": false, "A": false, "a.": false, ".": false, "a..": false, "a b": false, "1.2.3": false, "1.2.3.4": false,
	} {
		if err := name(s).Validate(); (err == nil) != valid {
			t.Errorf("%q: %v, want valid: %v", s, err, valid)
		}
	}
	for first, sent := range map[[2]byte]bool{
		{0xfe, 0x7f}: true, {0xfe, 0x80}: false, {0xfe, 0xbf}: false, {0xfe, 0xc0}: true, {0xfd, 0x80}: true, {0xff, 2}: false, {0x20, 1}: true, {0, 0}: true,
	} {
		if a := wire.UDPAddress6([16]byte{first[0], first[1], 15: 1}, 80); a.Sendable() != sent {
			t.Errorf("%v: sent to: %v, want %v", a, a.Sendable(), sent)
		}
	}
	for first, sent := range map[byte]bool{0: false, 1: true, 127: true, 223: true, 224: false, 240: false, 255: false} {
		if a := wire.UDPAddress4([4]byte{first, 0, 0, 1}, 80); a.Sendable() != sent {
			t.Errorf("%v: sent to: %v, want %v", a, a.Sendable(), sent)
		}
	}
}

// IPv6 addresses are written and read as net/netip does, wherever groups are zero.
func TestReferenceOfGroups(t *testing.T) {
	for mask := range 256 {
		for _, group := range [][2]byte{{0, 1}, {0x0a, 0xbc}, {0x10, 0}} {
			var ip [16]byte
			for i := range 8 {
				if mask>>i&1 != 0 {
					copy(ip[2*i:], group[:])
				}
			}
			want := "tcp://" + netip.AddrPortFrom(netip.AddrFrom16(ip), 80).String()
			a := wire.TCPAddress6(ip, 80)
			if back, err := wire.ParseAddressString(want); a.String() != want || err != nil || back != a {
				t.Errorf("got %v, read as %v, %v, want %s", a, back, err, want)
			}
		}
	}
}
