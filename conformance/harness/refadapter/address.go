package refadapter

import (
	"ockamtest/conformance/harness"
	"ockamtest/ref/wire"
)

// ToAddress makes an address of the reference. The zero Address stays one.
func ToAddress(a harness.Address) wire.Address {
	switch a.Kind {
	case harness.Local:
		return wire.LocalAddress(a.Value)
	case harness.TCP4:
		return wire.TCPAddress4([4]byte(a.Value), a.Port)
	case harness.TCP6:
		return wire.TCPAddress6([16]byte(a.Value), a.Port)
	case harness.TCPName:
		return wire.TCPAddressDNS(string(a.Value), a.Port)
	case harness.UDP4:
		return wire.UDPAddress4([4]byte(a.Value), a.Port)
	case harness.UDP6:
		return wire.UDPAddress6([16]byte(a.Value), a.Port)
	case harness.UDPName:
		return wire.UDPAddressDNS(string(a.Value), a.Port)
	}
	return wire.Address{}
}

// FromAddress makes an address of the adapter protocol. The zero Address is not one.
func FromAddress(a wire.Address) harness.Address {
	out := harness.Address{Kind: harness.Local, Value: a.AppendValue([]byte{})}
	if a.IsLocal() {
		return out
	}
	kinds := map[wire.HostType]harness.AddressKind{wire.IPv4: harness.TCP4, wire.IPv6: harness.TCP6, wire.DNS: harness.TCPName}
	if a.Type() == wire.UDP {
		kinds = map[wire.HostType]harness.AddressKind{wire.IPv4: harness.UDP4, wire.IPv6: harness.UDP6, wire.DNS: harness.UDPName}
	}
	out.Kind, out.Port = kinds[a.Host()], a.Port()
	return out
}

// ToRoute makes a route of the reference; nil for the empty route.
func ToRoute(r harness.Route) wire.Route {
	if len(r) == 0 {
		return nil
	}
	out := make(wire.Route, len(r))
	for i, a := range r {
		out[i] = ToAddress(a)
	}
	return out
}

// FromRoute makes a route of the adapter protocol; nil for the empty route.
func FromRoute(r wire.Route) harness.Route {
	if len(r) == 0 {
		return nil
	}
	out := make(harness.Route, len(r))
	for i, a := range r {
		out[i] = FromAddress(a)
	}
	return out
}
