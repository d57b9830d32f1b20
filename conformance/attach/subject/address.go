package subject

import (
	"ockamtest/conformance/harness"
	"ockamtest/vectors"
)

// asked puts an address of a vector into the words of the adapter protocol. One that those cannot say, which has no type or a value of an
// impossible length, is unsupported.
func asked(a vectors.Address) (harness.Address, error) {
	out := harness.Address{Port: uint16(a.Port)}
	switch {
	case a.Type == "local":
		return harness.Address{Kind: harness.Local, Value: given(a.Local)}, nil
	case a.Port != int(out.Port) || a.Type != "tcp" && a.Type != "udp":
		return out, unsupported("an address that cannot be said")
	case a.Name != "":
		out.Kind, out.Value = harness.AddressKind(a.Type+"n"), []byte(a.Name)
	case len(a.IPv6) == 16:
		out.Kind, out.Value = harness.AddressKind(a.Type+"6"), a.IPv6
	case len(a.IPv4) == 4:
		out.Kind, out.Value = harness.AddressKind(a.Type+"4"), a.IPv4
	default:
		return out, unsupported("an address that cannot be said")
	}
	return out, nil
}

// given is b, present though it be empty.
func given(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func askedRoute(route []vectors.Address) (harness.Route, error) {
	out := harness.Route{}
	for _, a := range route {
		one, err := asked(a)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// answered is the reverse of asked.
func answered(a harness.Address) vectors.Address {
	out := vectors.Address{Type: "tcp", Port: int(a.Port)}
	switch a.Kind {
	case harness.Local:
		return vectors.Address{Type: "local", Local: a.Value}
	case harness.UDP4, harness.UDP6, harness.UDPName:
		out.Type = "udp"
	case harness.TCP4, harness.TCP6, harness.TCPName:
	}
	switch a.Kind {
	case harness.TCP4, harness.UDP4:
		out.IPv4 = a.Value
	case harness.TCP6, harness.UDP6:
		out.IPv6 = a.Value
	case harness.TCPName, harness.UDPName:
		out.Name = string(a.Value)
	case harness.Local:
	}
	return out
}

func answeredRoute(route harness.Route) []vectors.Address {
	out := []vectors.Address{}
	for _, a := range route {
		out = append(out, answered(a))
	}
	return out
}
