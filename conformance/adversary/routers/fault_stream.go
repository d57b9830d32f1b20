package routers

import (
	"ockamtest/conformance/adversary"
)

// streamFaults are those of section 3 that a router shows.
func streamFaults() []fault {
	return []fault{
		{
			name: "hop-frame-in-segments-lost", title: "takes a segment for a whole number of frames", class: "frame across segments",
			transports: streams(), breaks: ids("TRAN-002"), entails: ids("TRAN-023"),
			alter: func(s *script) {
				s.receive = func(n *node, c *conn, p []byte) {
					receive(n, c, p)
					c.in = nil
				}
			},
		},
		{
			name: "hop-zero-frame-crash", title: "reads the first byte of a message that has none", class: "zero-length frame",
			breaks: ids("TRAN-006", "TRAN-013"),
			alter: func(s *script) {
				s.arrived = func(n *node, from origin, b []byte) {
					_ = b[0]
					arrived(n, from, b)
				}
			},
		},
		{
			name: "hop-datagrams-off-after-junk", title: "closes its socket to a source that sends junk", class: "junk datagrams",
			transports: datagrams(), breaks: ids("TRAN-013"), entails: ids("TRAN-010", "WIRE-001", "WIRE-003", "WIRE-004", "WIRE-005", "WIRE-006", "WIRE-009", "WIRE-012", "WIRE-013"),
			alter: func(s *script) {
				silenced := map[adversary.Address]bool{}
				s.malformed = func(_ *node, from origin) { silenced[from.remote] = true }
				s.datagram = func(n *node, from origin, p []byte) {
					if !silenced[from.remote] {
						n.arrived(n, from, p)
					}
				}
			},
		},
	}
}

// endFaults are those of the end of a stream inside a frame.
func endFaults() []fault {
	return []fault{
		{
			name: "hop-close-in-frame-forwarded", title: "takes what is there of a frame for the whole one at the end of the stream", class: "close inside a frame",
			transports: streams(), breaks: ids("TRAN-004"),
			alter: func(s *script) {
				s.ended = func(n *node, c *conn, _ bool) {
					if len(c.in) > 2 {
						n.arrived(n, origin{c.local, c.remote, c}, c.in[2:])
					}
					n.hangUp(c)
				}
			},
		},
		{
			name: "hop-close-in-frame-crash", title: "reads the rest of a frame that does not come", class: "close inside a frame",
			transports: streams(), breaks: ids("TRAN-004"),
			alter: func(s *script) {
				s.ended = func(n *node, c *conn, _ bool) {
					if len(c.in) > 2 {
						_ = c.in[1+int(c.in[0])<<8+int(c.in[1])]
					}
					n.hangUp(c)
				}
			},
		},
	}
}

// slowFaults are those in which one connection harms others.
func slowFaults() []fault {
	return []fault{
		{
			name: "hop-half-frame-blocks", title: "reads a frame to its end before it looks at another connection", class: "idle connection blocks others",
			transports: streams(), breaks: ids("TRAN-023"),
			alter: func(s *script) {
				var busy *conn
				var others []*conn
				s.receive = func(n *node, c *conn, p []byte) {
					if busy != nil && busy != c && n.conns[busy.Number] == busy {
						c.in = append(c.in, p...)
						others = append(others, c)
						return
					}
					receive(n, c, p)
					if busy = nil; len(c.in) > 0 {
						busy = c
						return
					}
					for _, waiting := range others {
						receive(n, waiting, nil)
					}
					others = nil
				}
			},
		},
		{
			name: "hop-idle-connection-blocks", title: "serves the first two connections that it gets, and others when those have ended", class: "idle connection blocks others",
			transports: streams(), breaks: ids("TRAN-023"), entails: ids("ROUT-010", "ROUT-004"),
			alter: func(s *script) {
				s.receive = func(n *node, c *conn, p []byte) {
					earlier := 0
					for _, other := range n.conns {
						if other.Number < c.Number && !other.Dialled {
							earlier++
						}
					}
					if earlier < 4 {
						receive(n, c, p)
					}
				}
			},
		},
		{
			name: "hop-slow-reader-blocks", title: "waits for a next hop that does not read, and forwards nothing meanwhile", class: "idle connection blocks others",
			transports: streams(), breaks: ids("TRAN-023"),
			alter: func(s *script) {
				blocked := func(n *node) bool {
					for _, c := range n.conns {
						if c.Unsent() > maxUnsent {
							return true
						}
					}
					return false
				}
				s.receive = func(n *node, c *conn, p []byte) {
					if blocked(n) {
						c.in = append(c.in, p...)
						return
					}
					receive(n, c, p)
				}
			},
		},
		{
			name: "hop-slow-reader-cut", title: "cuts a message short when the next hop is slow", class: "frame across segments",
			transports: streams(), breaks: ids("TRAN-001"),
			alter: func(s *script) {
				s.room = func(*conn) bool { return true }
				s.forward = func(n *node, c *conn, next adversary.Address, m adversary.Message) {
					over := c.Unsent() > maxUnsent
					forward(n, c, next, m)
					if last := len(n.out.Actions) - 1; over && last >= 0 && n.out.Actions[last].Conn == c.Number {
						n.out.Actions[last].Data = n.out.Actions[last].Data[:100]
					}
				}
			},
		},
	}
}
