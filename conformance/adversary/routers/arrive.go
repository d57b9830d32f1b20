package routers

import (
	"encoding/binary"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// receive cuts the stream into messages, however it was segmented (TRAN-002, TRAN-003).
func receive(n *node, c *conn, p []byte) {
	c.in = append(c.in, p...)
	for n.conns[c.Number] == c {
		m, ok := n.deframe(n, c)
		if !ok {
			return
		}
		n.arrived(n, origin{c.local, c.remote, c}, m)
	}
}

// deframe takes the next whole frame (TRAN-001).
func deframe(_ *node, c *conn) (message []byte, ok bool) {
	if len(c.in) < 2 {
		return nil, false
	}
	end := 2 + int(binary.BigEndian.Uint16(c.in))
	if len(c.in) < end {
		return nil, false
	}
	message, c.in = c.in[2:end:end], c.in[end:]
	return message, true
}

// arrived hands a message to the first address of its onward route (ROUT-001).
func arrived(n *node, from origin, b []byte) {
	m, ok := n.outer.parse(b)
	if !ok {
		n.malformed(n, from)
		return
	}
	m.Onward = n.leading(n, from, m.Onward)
	m.Return = n.source(from, m.Return)
	switch {
	case len(m.Onward) == 0:
		n.forNode(n, from, m)
	case m.Onward[0].Type() == wire.Local:
		n.local(n, from, m)
	default:
		n.relay(n, from, m)
	}
}

// leading removes a leading transport address, whatever it says, and no second one (ROUT-002).
func leading(_ *node, _ origin, onward adversary.Route) adversary.Route {
	if len(onward) > 0 && onward[0].Type() != wire.Local {
		return onward[1:]
	}
	return onward
}

// source makes the source the first return address (ROUT-003).
func source(from origin, back adversary.Route) adversary.Route {
	if len(back) > 0 && back[0].Type() == from.remote.Type() {
		back = back[1:]
	}
	return append(adversary.Route{from.remote}, back...)
}

// forNode answers pings. Nobody waits for anything else (ROUT-001).
func forNode(n *node, from origin, m adversary.Message) {
	if m.Type == wire.Ping {
		n.ping(n, from, m)
	}
}

// ping answers with one pong by the ping's return route (WIRE-010).
func ping(n *node, from origin, m adversary.Message) {
	onward, ok := n.formed(m.Return)
	if !ok {
		return
	}
	n.answer(from, adversary.Message{Onward: onward, Type: wire.Pong})
}

// answer sends a message back to where another one came from.
func (n *node) answer(from origin, m adversary.Message) {
	if from.conn == nil {
		n.post(n, from.remote, m)
		return
	}
	n.forward(n, from.conn, from.remote, m)
}

// formed is a route in the form in which a node writes it.
func (n *node) formed(r adversary.Route) (out adversary.Route, ok bool) {
	for _, a := range r {
		if a, ok = n.form(a); !ok {
			return nil, false
		}
		out = append(out, a)
	}
	return out, true
}
