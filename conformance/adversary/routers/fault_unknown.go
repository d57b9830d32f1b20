package routers

import (
	"slices"

	"ockamtest/conformance/adversary"
)

// unknownFaults are those of what cannot be delivered (ROUT-001, ROUT-006).
func unknownFaults() []fault {
	return []fault{
		{
			name: "hop-unknown-local-address-crash", title: "dies of a message for a local address that it does not have", class: "unknown address kills the node",
			breaks: ids("ROUT-006"), entails: ids("WIRE-010"),
			alter: func(s *script) {
				s.local = func(n *node, _ origin, _ adversary.Message) { n.out.Crash = "no such address" }
			},
		},
		{
			name: "hop-unknown-local-address-skipped", title: "looks behind a local address that it does not have for a next hop", class: "unknown address kills the node",
			breaks: ids("ROUT-001"),
			alter: func(s *script) {
				s.local = func(n *node, from origin, m adversary.Message) {
					if m.Onward = m.Onward[1:]; len(m.Onward) > 0 && m.Onward[0].Type() != 0 {
						n.relay(n, from, m)
					}
				}
			},
		},
		{
			name: "hop-unknown-local-address-returned", title: "sends a message for a local address that it does not have back", class: "unknown address kills the node",
			breaks: ids("ROUT-001"), entails: ids("WIRE-010"),
			alter: func(s *script) {
				s.local = func(n *node, from origin, m adversary.Message) {
					n.answer(from, adversary.Message{Onward: m.Return, Type: m.Type, Body: m.Body})
				}
			},
		},
		{
			name: "hop-refused-hop-crash", title: "dies when a connection to a next hop is refused", class: "unknown address kills the node",
			transports: streams(), breaks: ids("ROUT-006"),
			alter: func(s *script) {
				s.refused = func(n *node, _ adversary.Address) { n.out.Crash = "connection refused" }
			},
		},
		{
			name: "hop-refused-hop-closes-source", title: "closes the connection of a message whose next hop refuses", class: "unknown address kills the node",
			transports: streams(), breaks: ids("ROUT-006"),
			alter: func(s *script) {
				var last *conn
				s.send = func(n *node, from origin, next adversary.Address, m adversary.Message) {
					last = from.conn
					send(n, from, next, m)
				}
				s.refused = func(n *node, to adversary.Address) {
					delete(n.dials, to)
					if last != nil {
						n.hangUp(last)
					}
				}
			},
		},
		{
			name: "hop-connecting-blocks", title: "forwards nothing while it connects to a next hop", class: "unreachable next hop",
			transports: streams(), breaks: ids("ROUT-006"),
			alter: connectingBlocks,
		},
		{
			name: "hop-resolving-blocks", title: "takes 20 s for a name that nobody has, and forwards nothing meanwhile", class: "unreachable next hop",
			breaks: ids("ROUT-006"),
			alter:  resolvingBlocks,
		},
		{
			name: "hop-unsendable-skipped", title: "goes on to the address behind one that cannot be sent to", class: "unreachable next hop",
			breaks: ids("WIRE-013"), entails: ids("ROUT-005", "ROUT-006"),
			alter: func(s *script) {
				s.relay = func(n *node, from origin, m adversary.Message) {
					if len(m.Onward) > 1 {
						if next, ok := form(m.Onward[0]); ok && !sendable(next) {
							m.Onward = m.Onward[1:]
						}
					}
					relay(n, from, m)
				}
			},
		},
	}
}

// connectingBlocks makes one connection at a time, and handles nothing that comes meanwhile.
func connectingBlocks(s *script) {
	var waiting []func()
	drain := func(n *node) {
		for len(waiting) > 0 && len(n.dials) == 0 {
			next := waiting[0]
			waiting = waiting[1:]
			next()
		}
	}
	s.arrived = func(n *node, from origin, b []byte) {
		waiting = append(waiting, func() { arrived(n, from, b) })
		drain(n)
	}
	s.refused = func(n *node, to adversary.Address) {
		delete(n.dials, to)
		drain(n)
	}
	s.late = func(n *node, to adversary.Address) {
		late(n, to)
		drain(n)
	}
	s.forward = func(n *node, c *conn, next adversary.Address, m adversary.Message) {
		forward(n, c, next, m)
		drain(n)
	}
}

// resolvingBlocks handles nothing for a while after a name.
func resolvingBlocks(s *script) {
	const takes = 20e9
	var waiting []func()
	s.resolve = func(n *node, a adversary.Address) (adversary.Address, bool) {
		next, ok := resolve(n, a)
		if !ok {
			n.wake = n.now + takes
		}
		return next, ok
	}
	s.arrived = func(n *node, from origin, b []byte) {
		if n.wake > 0 {
			b = slices.Clone(b)
			waiting = append(waiting, func() { arrived(n, from, b) })
			return
		}
		arrived(n, from, b)
	}
	s.idle = func(n *node) {
		for len(waiting) > 0 && n.wake == 0 {
			next := waiting[0]
			waiting = waiting[1:]
			next()
		}
	}
}
