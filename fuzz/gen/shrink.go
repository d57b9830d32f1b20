package gen

import (
	"slices"

	"ockamtest/ref/wire"
)

// shrinkNumber lists smaller numbers: 0, the half, one less.
func shrinkNumber[T int | uint64](n T) []func() T {
	if n <= 0 {
		return nil
	}
	return []func() T{func() T { return 0 }, func() T { return n / 2 }, func() T { return n - 1 }}
}

// shrinkAddress lists addresses that weigh less and still share something with a.
func shrinkAddress(a wire.Address) []func() wire.Address {
	candidates := []wire.Address{wire.LocalAddress([]byte{0}), a.Canonical()}
	value := a.AppendValue(nil)
	if a.IsLocal() {
		candidates = append(candidates, wire.LocalAddress(value[:(len(value)+1)/2]), wire.LocalAddress(make([]byte, len(value))))
	} else {
		candidates = append(candidates,
			transport4(wire.TCP, [4]byte{}, a.Port()),
			transport4(a.Type(), [4]byte{}, a.Port()),
			a.WithPort(0), a.WithPort(1), a.WithPort(a.Port()&0xff), a.WithPort(a.Port()&^0xff))
	}
	switch name, _ := a.Name(); {
	case len(name) > 1:
		candidates = append(candidates, transportDNS(a.Type(), "a", a.Port()), transportDNS(a.Type(), name[len(name)/2:], a.Port()))
	case a.Host() == wire.IPv6:
		candidates = append(candidates, transport6(a.Type(), [16]byte{}, a.Port()), transport6(a.Type(), [16]byte{15: 1}, a.Port()))
	}
	var all []func() wire.Address
	for _, c := range candidates {
		if weight(c) < weight(a) {
			all = append(all, func() wire.Address { return c })
		}
	}
	return all
}

// weight measures how far an address is from the simplest, the local address 00.
func weight(a wire.Address) int {
	const aForm = 1000 // more than any value of a simpler form weighs
	total := 0
	for _, v := range a.AppendValue(nil) {
		total++
		if v != 0 {
			total++
		}
	}
	if a.IsTransport() {
		total += aForm * (int(a.Type()) + 2*int(a.Host()))
	}
	if a.Validate() != nil {
		total += 10 * aForm
	}
	for port := a.Port(); port != 0; port &= port - 1 {
		total++
	}
	return total
}

// shrinkRoute lists shorter routes, then those with one simpler address.
func shrinkRoute(r wire.Route) []func() wire.Route {
	all := shorter(r)
	for i, a := range r {
		for _, simpler := range shrinkAddress(a) {
			all = append(all, func() wire.Route { return slices.Concat(r[:i], wire.Route{simpler()}, r[i+1:]) })
		}
	}
	return all
}

// shrinkBytes lists shorter byte strings, then zeros.
func shrinkBytes(b []byte) []func() []byte {
	all := shorter(b)
	if slices.ContainsFunc(b, func(v byte) bool { return v != 0 }) {
		all = append(all, func() []byte { return make([]byte, len(b)) })
	}
	return all
}

// shorter lists nothing, either half, and s without each element, as far as s is short.
func shorter[S ~[]E, E any](s S) []func() S {
	if len(s) == 0 {
		return nil
	}
	all := []func() S{func() S { return nil }}
	if half := len(s) / 2; half > 0 {
		all = append(all, func() S { return slices.Clone(s[:half]) }, func() S { return slices.Clone(s[half:]) })
	}
	for i := 0; i < len(s) && len(s) <= wire.MaxAddresses; i++ {
		all = append(all, func() S { return slices.Concat(s[:i], s[i+1:]) })
	}
	return all
}

// shrinkMessage lists messages with one simpler part.
func shrinkMessage(m wire.Message) []func() wire.Message {
	var all []func() wire.Message
	add := func(change func(*wire.Message)) {
		all = append(all, func() wire.Message {
			next := m
			change(&next)
			return next
		})
	}
	for _, route := range shrinkRoute(m.Onward) {
		add(func(n *wire.Message) { n.Onward = route() })
	}
	for _, route := range shrinkRoute(m.Return) {
		add(func(n *wire.Message) { n.Return = route() })
	}
	for _, body := range shrinkBytes(m.Body) {
		add(func(n *wire.Message) { n.Body = body() })
	}
	if m.Type != wire.Untyped {
		for simpler := wire.Ping; simpler < m.Type; simpler++ {
			add(func(n *wire.Message) { n.Type = simpler })
		}
	}
	return all
}
