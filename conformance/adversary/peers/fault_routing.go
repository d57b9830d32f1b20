package peers

// routingFaults are those of what an end point does with routes.
func routingFaults() []fault {
	return []fault{
		{
			name: "unknown-address-crash", title: "dies of a message for an address that it does not have",
			class:    "unknown address kills the node",
			profiles: v1(), datagrams: []string{"v1", "e09"}, breaks: ids("ROUT-006"), entails: ids("NOISE-013", "ROUT-007", "CHAN-002", "CHAN-014", "ROUT-001", "ROUT-009"),
			alter: func(s *script) {
				s.find = func(c *conn, m message) (*channel, bool) {
					ch, ok := find(c, m)
					if !ok && len(m.onward) > 0 {
						c.out.Crash = "no such address"
					}
					return ch, ok
				}
			},
		},
		{
			name: "reply-route-changed", title: "sends to the return route of what arrived last",
			class:    "reply-route hijack by an unauthenticated message",
			profiles: v1(), datagrams: []string{"v1", "e09"}, breaks: ids("ROUT-008"), entails: ids("TRAN-012", "CHAN-010", "ROUT-010"),
			alter: func(s *script) {
				s.next = func(c *conn, kind byte) func(*conn, message) {
					take := next(c, kind)
					if c.state != isOpen || take == nil {
						return take
					}
					return func(c *conn, m message) {
						c.learn(m.back)
						take(c, m)
					}
				}
			},
		},
	}
}
