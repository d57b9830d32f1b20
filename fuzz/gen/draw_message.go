package gen

import "ockamtest/ref/wire"

// route draws up to max addresses: mostly as many as a path has hops, at the edges 8 (WIRE-008) and max.
func (d draw) route(max int) wire.Route {
	n := min(max, d.Intn(5))
	if d.edge() {
		n = min(max, pick(d, 0, 1, 7, 8, 9, max))
	}
	if n == 0 {
		return nil
	}
	route := make(wire.Route, n)
	for i := range route {
		route[i] = d.address()
	}
	return route
}

// message draws a message that dialect can carry.
func (d draw) message(dialect wire.Dialect) wire.Message {
	var m wire.Message
	if !dialect.Bare {
		m.Onward = d.route(maxAddresses(dialect.MaxOnward))
		m.Return = d.route(maxAddresses(dialect.MaxReturn))
	}
	for encodedSize(&m) > wire.MaxMessage {
		m.Onward, m.Return = m.Onward[:len(m.Onward)/2], m.Return[:len(m.Return)/2]
	}
	switch {
	case dialect.Bare:
		m.Type = wire.Untyped
	case dialect.Untagged:
		m.Type = pick(d, wire.Ping, wire.Pong, wire.Untyped, wire.Untyped)
	default:
		m.Type = pick(d, wire.Ping, wire.Pong, wire.Payload, wire.M1, wire.M2, wire.M3)
	}
	if m.Type != wire.Ping && m.Type != wire.Pong {
		m.Body = d.bytes(d.length(wire.MaxMessage - encodedSize(&m)))
	}
	if !fits(dialect, &m) {
		m.Body = nil
	}
	return m
}

// fits reports whether the dialect carries m's type and body. Routes are drawn to fit.
func fits(dialect wire.Dialect, m *wire.Message) bool {
	switch {
	case m.Type == wire.Ping || m.Type == wire.Pong:
		return len(m.Body) == 0
	case !dialect.Untagged || len(m.Body) == 0:
		return true
	}
	first := wire.Type(m.Body[0]) // it would be taken for a type byte
	return first != wire.M1 && first != wire.M2 && first != wire.M3 && (len(m.Body) > 1 || first > wire.Pong)
}

// encodedSize is an upper bound of the encoded length.
func encodedSize(m *wire.Message) int {
	size := 4 + len(m.Body) // version, two counts, type
	for _, route := range []wire.Route{m.Onward, m.Return} {
		for _, a := range route {
			size += 5 + a.Len() // address type, host type, length, port
		}
	}
	return size
}

// maxAddresses is the count that a limit of a wire.Dialect allows.
func maxAddresses(limit int) int {
	switch limit {
	case 0:
		return wire.MaxAddresses
	case wire.NoAddresses:
		return 0
	}
	return limit
}
