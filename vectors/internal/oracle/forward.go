package oracle

import (
	"net/netip"
	"slices"

	"ockamtest/vectors"
)

// Forward implements vectors.Subject: one hop, of profile v1 (section 8).
func (o Subject) Forward(in vectors.ForwardInput) (out vectors.ForwardOutput, err error) {
	v, err := o.decode(v1, "message", in.Message)
	if err != nil {
		return out, err
	}
	m := v.Message
	check := func(name string, ok bool) {
		if err == nil {
			err = o.check("router/"+name, ok)
		}
	}
	// ROUT-002: the first address names the receiver. ROUT-005: else the message is not forwarded.
	check("not-first", len(m.Onward) > 0 && m.Onward[0].Type != "local")
	check("no-next", len(m.Onward) > 1)
	if err != nil || len(m.Onward) < 2 {
		return out, err
	}
	check("too-many", len(m.Onward)+len(m.Return) <= 16) // ROUT-011
	onward := m.Onward[1:]
	next := onward[0]
	if addr := ip(next); len(next.IPv6) == 16 && addr.Is4() { // WIRE-015
		next.IPv4, next.IPv6 = addr.AsSlice(), nil
	}
	check("unknown", next.Type != "local")                                                                      // ROUT-001
	check("not-allowed", in.Allow)                                                                              // ROUT-007
	check("loop", !slices.ContainsFunc(in.Bound, func(a vectors.Address) bool { return sameAddress(a, next) })) // ROUT-005
	check("unusable", usable(next))                                                                             // WIRE-013
	own := slices.IndexFunc(in.Bound, func(a vectors.Address) bool { return a.Type == next.Type })
	check("unreachable", own >= 0)
	if err != nil || own < 0 {
		return out, err
	}
	m.Onward, m.Return = onward, o.returned(m.Return, in.Source)
	if o.step("router/own") { // ROUT-004
		m.Return = slices.Concat([]vectors.Address{in.Bound[own]}, m.Return)
	}
	check("too-many-return", len(m.Return) <= 255) // REC-010
	if err != nil {
		return out, err
	}
	out.To = &next
	forwarded, err := o.encode(v1, v)
	if err == nil {
		err = o.check("router/too-long", len(forwarded) <= 65535) // REC-010
	}
	out.Forwarded = forwarded
	if err != nil {
		out = vectors.ForwardOutput{}
	}
	return out, err
}

// returned is the return route after ROUT-003: the source is first, in place of an address of its kind.
func (o Subject) returned(route []vectors.Address, source vectors.Address) []vectors.Address {
	if !o.step("router/source") {
		return route
	}
	if len(route) > 0 && route[0].Type == source.Type && o.step("router/in-place") {
		route = route[1:]
	}
	return slices.Concat([]vectors.Address{source}, route)
}

func sameAddress(a, b vectors.Address) bool {
	return a.Type == b.Type && a.Port == b.Port && ip(a) == ip(b) && a.Name == b.Name
}

func ip(a vectors.Address) netip.Addr {
	addr, _ := netip.AddrFromSlice(append(slices.Clone(a.IPv4), a.IPv6...))
	return addr.Unmap()
}

// usable tells of a numeric address that something may be sent to it.
func usable(a vectors.Address) bool {
	addr := ip(a)
	broadcast := addr == netip.AddrFrom4([4]byte{255, 255, 255, 255})
	linkLocal := addr.Is6() && addr.IsLinkLocalUnicast()
	return a.Port != 0 && !addr.IsUnspecified() && !addr.IsMulticast() && !linkLocal && !broadcast
}
