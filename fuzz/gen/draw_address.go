package gen

import (
	"strings"

	"ockamtest/ref/wire"
)

// address draws a canonical address of any form.
func (d draw) address() wire.Address {
	kind := pick(d, wire.Local, wire.TCP, wire.UDP)
	if kind == wire.Local {
		n := 1 + d.Intn(8)
		if d.edge() {
			n = pick(d, 1, 4, 15, 16, 17, wire.MaxLocalAddress-1, wire.MaxLocalAddress) // 16: what an Address holds in place
		}
		return wire.LocalAddress(d.bytes(n))
	}
	switch pick(d, wire.IPv4, wire.IPv6, wire.DNS) {
	case wire.IPv4:
		return transport4(kind, d.ip4(), d.port())
	case wire.IPv6:
		return transport6(kind, d.ip6(), d.port()).Canonical()
	default:
		return transportDNS(kind, d.name(), d.port())
	}
}

func (d draw) ip4() [4]byte {
	if !d.edge() {
		return [4]byte(d.bytes(4))
	}
	return pick(d, [4]byte{}, [4]byte{127, 0, 0, 1}, [4]byte{1, 2, 3, 4}, [4]byte{255, 255, 255, 255}, [4]byte{169, 254, 0, 1})
}

func (d draw) ip6() [16]byte {
	if !d.edge() {
		return [16]byte(d.bytes(16))
	}
	return pick(d, [16]byte{}, [16]byte{15: 1}, [16]byte{0: 0x20, 1: 0x01, 2: 0x0d, 3: 0xb8, 15: 1}, [16]byte{0: 0xfe, 1: 0x80, 15: 1},
		[16]byte{0: 0xff, 1: 0x02, 15: 1}, [16]byte{10: 0xff, 11: 0xfe}, [16]byte{0: 0x01, 7: 0x01, 15: 0x01})
}

// name draws a DNS name as encoders write it.
func (d draw) name() string {
	if d.edge() {
		return pick(d, "a", "localhost", "example.com", "xn--bcher-kva.example", "1.a", "0x.b", strings.Repeat("a", wire.MaxDNSName),
			strings.Repeat("a.", wire.MaxDNSName/2)+"a")
	}
	labels := make([]string, 1+d.Intn(3))
	for i := range labels {
		labels[i] = d.label()
	}
	return strings.Join(labels, ".")
}

// label draws a label that begins with a letter, so that no name ends in a number.
func (d draw) label() string {
	const letters, others = "abcdefghijklmnopqrstuvwyz", "abcxyz0189-"
	label := []byte{letters[d.Intn(len(letters))]}
	for range d.Intn(8) {
		label = append(label, others[d.Intn(len(others))])
	}
	return string(label)
}

// spelling draws an address that means what a canonical address means: a form that decoders accept and encoders do not write, where
// there is one (WIRE-013).
func (d draw) spelling(a wire.Address) wire.Address {
	if ip, ok := a.IP4(); ok {
		mapped := [16]byte{10: 0xff, 11: 0xff, 12: ip[0], 13: ip[1], 14: ip[2], 15: ip[3]}
		return pick(d, a, transport6(a.Type(), mapped, a.Port()), transportDNS(a.Type(), host(a), a.Port()))
	}
	if _, ok := a.IP6(); ok {
		return pick(d, a, transportDNS(a.Type(), host(a), a.Port()), transportDNS(a.Type(), strings.ToUpper(host(a)), a.Port()))
	}
	name, ok := a.Name()
	if !ok {
		return a
	}
	spellings := []string{name, strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:]}
	if len(name) < wire.MaxDNSName {
		spellings = append(spellings, name+".", strings.ToUpper(name)+".")
	}
	return transportDNS(a.Type(), pick(d, spellings...), a.Port())
}

// host is the IP address of a as text.
func host(a wire.Address) string {
	text := a.String()
	text = text[len("tcp://"):strings.LastIndexByte(text, ':')]
	return strings.Trim(text, "[]")
}

func transport4(kind wire.AddressType, ip [4]byte, port uint16) wire.Address {
	if kind == wire.UDP {
		return wire.UDPAddress4(ip, port)
	}
	return wire.TCPAddress4(ip, port)
}

func transport6(kind wire.AddressType, ip [16]byte, port uint16) wire.Address {
	if kind == wire.UDP {
		return wire.UDPAddress6(ip, port)
	}
	return wire.TCPAddress6(ip, port)
}

func transportDNS(kind wire.AddressType, name string, port uint16) wire.Address {
	if kind == wire.UDP {
		return wire.UDPAddressDNS(name, port)
	}
	return wire.TCPAddressDNS(name, port)
}
