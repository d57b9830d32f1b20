package peers

// pingFaults are those of pings and pongs.
func pingFaults() []fault {
	return []fault{
		{
			name: "ping-with-body-answered", title: "answers a ping that has a body", class: "trailing bytes",
			profiles: v1(), datagrams: []string{"v1", "c010"}, breaks: ids("WIRE-009"),
			alter: func(s *script) {
				s.outer.kind = func(b []byte) (byte, []byte, bool) {
					if len(b) > 0 && b[0] == kindPing {
						return b[0], b[1:], true
					}
					return readKind(b)
				}
			},
		},
		{
			name: "ping-answered-twice", title: "answers a ping with two pongs", class: "ping without return route",
			roles: responder(), profiles: v1(), datagrams: routedProfiles(), breaks: ids("WIRE-010"),
			alter: func(s *script) {
				s.ping = func(c *conn, m message) {
					ping(c, m)
					ping(c, m)
				}
			},
		},
		{
			name: "pong-answered", title: "answers a pong with a pong", class: "self-loop",
			profiles: v1(), datagrams: routedProfiles(), breaks: ids("WIRE-010"),
			alter: func(s *script) {
				s.routed = func(c *conn, m message) (message, bool) {
					if m.kind == kindPong {
						m.kind = kindPing
					}
					return routed(c, m)
				}
			},
		},
	}
}
