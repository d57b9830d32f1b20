package peers

import (
	"bytes"
	"slices"
)

// ownAddressFaults are those of the local addresses of channels, and of several channels of one source (CHAN-010).
func ownAddressFaults() []fault {
	return onDatagrams(slices.Concat(givenAddressFaults(), oneSourceFaults()))
}

func givenAddressFaults() []fault {
	return []fault{
		{
			name: "no-local-address", title: "gives its channels no local addresses", class: "channels of one node mixed up",
			roles: responder(), profiles: v1(), breaks: ids("CHAN-010"),
			alter: func(s *script) {
				s.addressed = func(*conn) bool { return false }
			},
		},
		{
			name: "local-address-of-2-bytes", title: "gives its channels local addresses of 2 bytes", class: "channels of one node mixed up",
			roles: responder(), profiles: v1(), breaks: ids("CHAN-010"),
			alter: func(s *script) {
				s.newAddress = func(c *conn) []byte { return append([]byte{addressLocal, 2}, c.noise(2)...) }
			},
		},
		{
			name: "local-address-in-records", title: "gives its local address in transport messages too", class: "deployed peers refuse the message",
			profiles: v1(), datagrams: []string{"v1", "e09"}, breaks: ids("CHAN-010"),
			alter: func(s *script) {
				s.addressed = func(*conn) bool { return true }
				s.header = func(c *conn, kind byte) message {
					m := header(c, kind)
					if kind < kindM1 {
						m.back = append(m.back, c.address)
					}
					return m
				}
			},
		},
		{
			name: "local-address-first", title: "gives its local address before its transport address", class: "channels of one node mixed up",
			profiles: v1(), datagrams: []string{"v1", "e09"}, breaks: ids("CHAN-010"),
			alter: func(s *script) {
				s.addressed = func(*conn) bool { return true }
				s.header = func(c *conn, kind byte) message {
					m := header(c, kind)
					slices.Reverse(m.back)
					return m
				}
			},
		},
		{
			name: "learnt-route-cut", title: "sends to the first address of the route that it learnt, and to the last", class: "return route not extended",
			profiles: v1(), datagrams: []string{"v1", "e09", "c010"}, breaks: ids("CHAN-010"), entails: ids("WIRE-011", "WIRE-015", "ROUT-010"),
			alter: func(s *script) {
				s.header = func(c *conn, kind byte) message {
					m := header(c, kind)
					if n := len(m.onward); n > 2 {
						m.onward = route{m.onward[0], m.onward[n-1]}
					}
					return m
				}
			},
		},
	}
}

func oneSourceFaults() []fault {
	return []fault{
		{
			name: "one-channel-per-source", title: "drops an m1 from a source that has a channel", class: "channels of one node mixed up",
			roles: responder(), profiles: v1(), breaks: ids("CHAN-010"),
			alter: func(s *script) {
				s.listen = func(c *conn, m message) (*channel, bool) {
					for _, ch := range c.mine {
						if ch.state != start && !bytes.Equal(ch.m1, m.body) {
							return nil, false
						}
					}
					return listen(c, m)
				}
			},
		},
		{
			name: "m1-ends-channel-of-source", title: "ends the channel that a source has when it begins another", class: "one failing channel disturbs the others",
			roles: responder(), profiles: v1(), breaks: ids("CHAN-010"),
			alter: func(s *script) {
				s.listen = func(c *conn, m message) (*channel, bool) {
					for _, ch := range slices.Clone(c.mine) {
						if ch.state != start && !bytes.Equal(ch.m1, m.body) {
							c.forget(ch)
						}
					}
					return listen(c, m)
				}
			},
		},
	}
}
