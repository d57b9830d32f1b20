package refadapter

import (
	"ockamtest/conformance/harness"
	"ockamtest/ref/wire"
)

// toAddress makes an address of the reference. The zero address stays one.
func toAddress(a harness.Address) wire.Address {
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

// fromAddress makes an address of the protocol.
func fromAddress(a wire.Address) harness.Address {
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

func toRoute(r harness.Route) wire.Route {
	if len(r) == 0 {
		return nil
	}
	out := make(wire.Route, len(r))
	for i, a := range r {
		out[i] = toAddress(a)
	}
	return out
}

// fromRoute returns nil for the empty route.
func fromRoute(r wire.Route) harness.Route {
	if len(r) == 0 {
		return nil
	}
	out := make(harness.Route, len(r))
	for i, a := range r {
		out[i] = fromAddress(a)
	}
	return out
}
