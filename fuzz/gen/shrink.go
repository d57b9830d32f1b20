package gen

import (
	"slices"

	"ockamtest/ref/wire"
)

// smaller lists smaller numbers: 0, the half, one less.
func smaller[T int | uint64](n T) []T {
	if n <= 0 {
		return nil
	}
	return slices.Compact([]T{0, n / 2, n - 1})
}

// shrinkAddress lists simpler addresses: those of least weight that still share something with a.
func shrinkAddress(a wire.Address) []wire.Address {
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
	return slices.DeleteFunc(candidates, func(c wire.Address) bool {
		return weight(c) >= weight(a) || a.Validate() == nil && c.Validate() != nil
	})
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
func shrinkRoute(r wire.Route) []wire.Route {
	routes := shorter(r)
	for i, a := range r {
		for _, simpler := range shrinkAddress(a) {
			route := slices.Clone(r)
			route[i] = simpler
			routes = append(routes, route)
		}
	}
	return routes
}

// shrinkBytes lists shorter byte strings, then zeros.
func shrinkBytes(b []byte) [][]byte {
	all := shorter(b)
	if slices.ContainsFunc(b, func(v byte) bool { return v != 0 }) {
		all = append(all, make([]byte, len(b)))
	}
	return all
}

// shorter lists s without everything, without either half, and without each element, as far as s is short.
func shorter[S ~[]E, E any](s S) []S {
	if len(s) == 0 {
		return nil
	}
	half := len(s) / 2
	all := []S{nil}
	if half > 0 {
		all = append(all, slices.Clone(s[:half]), slices.Clone(s[half:]))
	}
	for i := 0; i < len(s) && len(s) <= 2*wire.MaxAddresses; i++ {
		all = append(all, slices.Concat(s[:i], s[i+1:]))
	}
	return all
}

// shrinkMessage lists messages with one simpler part that the dialect still carries.
func shrinkMessage(dialect wire.Dialect, m wire.Message) []wire.Message {
	var all []wire.Message
	add := func(change func(*wire.Message)) {
		next := m
		if change(&next); fits(dialect, &next) {
			all = append(all, next)
		}
	}
	for _, route := range shrinkRoute(m.Onward) {
		add(func(n *wire.Message) { n.Onward = route })
	}
	for _, route := range shrinkRoute(m.Return) {
		add(func(n *wire.Message) { n.Return = route })
	}
	for _, body := range shrinkBytes(m.Body) {
		add(func(n *wire.Message) { n.Body = body })
	}
	if m.Type != wire.Untyped {
		for simpler := wire.Ping; simpler < m.Type; simpler++ {
			add(func(n *wire.Message) { n.Type = simpler })
		}
	}
	return all
}
