package peers

// routingFaults are those of what an end point does with routes.
func routingFaults() []fault {
	return []fault{
		{
			name: "unknown-address-crash", title: "dies of a message for an address that it does not have",
			class:    "unknown address kills the node",
			profiles: v1(), breaks: ids("ROUT-006"),
			alter: func(s *script) {
				s.routed = func(c *conn, m message) (message, bool) {
					m, ok := routed(c, m)
					if !ok && len(m.onward) > 0 {
						c.out.Crash = "no such address"
					}
					return m, ok
				}
			},
		},
		{
			name: "reply-route-changed", title: "sends to the return route of what arrived last",
			class:    "reply-route hijack by an unauthenticated message",
			profiles: v1(), breaks: ids("ROUT-008"),
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
