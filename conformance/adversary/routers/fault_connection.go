package routers

import (
	"slices"

	"ockamtest/conformance/adversary"
)

// connectionFaults are those of connections to next hops.
func connectionFaults() []fault {
	return []fault{
		{
			name: "hop-reply-on-new-connection", title: "connects to where a message came from in order to answer it", class: "replies over live connections",
			transports: streams(), breaks: ids("ROUT-004"),
			alter: func(s *script) {
				s.live = func(n *node, from origin, next adversary.Address) *conn {
					if c := live(n, from, next); c != nil && c.Dialled {
						return c
					}
					return nil
				}
			},
		},
		{
			name: "hop-connection-for-each-message", title: "connects to a next hop for every message", class: "replies over live connections",
			transports: streams(), breaks: ids("ROUT-004"),
			alter: func(s *script) {
				s.live = func(n *node, from origin, next adversary.Address) *conn {
					if c := live(n, from, next); c != nil && !c.Dialled {
						return c
					}
					return nil
				}
			},
		},
		{
			name: "hop-connection-for-each-source", title: "connects to a next hop for every source", class: "replies over live connections",
			transports: streams(), breaks: ids("ROUT-004"),
			alter: func(s *script) {
				type pair struct{ source, next adversary.Address }
				made := map[pair]bool{}
				s.live = func(n *node, from origin, next adversary.Address) *conn {
					c := live(n, from, next)
					if c == nil || !c.Dialled {
						return c
					}
					if p := (pair{from.remote, next}); !made[p] {
						made[p] = true
						return nil
					}
					return c
				}
				s.dial = func(n *node, next adversary.Address, m adversary.Message) { dial(n, next, m) }
			},
		},
		{
			name: "hop-dialled-connection-deaf", title: "reads nothing from connections that it has made", class: "replies over live connections",
			transports: streams(), breaks: ids("ROUT-004"),
			alter: func(s *script) {
				s.receive = func(n *node, c *conn, p []byte) {
					if !c.Dialled {
						receive(n, c, p)
					}
				}
			},
		},
	}
}

// segmentFaults are those of several frames in a segment, and of mixed transports.
func segmentFaults() []fault {
	return []fault{
		{
			name: "hop-last-in-first-out", title: "forwards the messages of a segment last in, first out", class: "frame across segments",
			transports: streams(), breaks: ids("ROUT-004"),
			alter: func(s *script) {
				s.receive = func(n *node, c *conn, p []byte) {
					var messages [][]byte
					c.in = append(c.in, p...)
					for m, ok := n.deframe(n, c); ok; m, ok = n.deframe(n, c) {
						messages = append(messages, m)
					}
					for _, m := range slices.Backward(messages) {
						n.arrived(n, origin{c.local, c.remote, c}, m)
					}
				}
			},
		},
		{
			name: "hop-second-frame-lost", title: "reads one frame of a segment", class: "frame across segments",
			transports: streams(), breaks: ids("TRAN-003"),
			alter: func(s *script) {
				s.arrived = func(n *node, from origin, b []byte) {
					if from.conn != nil {
						from.conn.in = nil
					}
					arrived(n, from, b)
				}
			},
		},
		{
			name: "hop-mixed-transports-refused", title: "forwards within a transport only", class: "mixed transports",
			breaks: ids("ROUT-010"),
			alter: func(s *script) {
				s.send = func(n *node, from origin, next adversary.Address, m adversary.Message) {
					if next.Type() == from.remote.Type() {
						send(n, from, next, m)
					}
				}
			},
		},
	}
}
