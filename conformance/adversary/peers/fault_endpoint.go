package peers

import "bytes"

// endPointFaults are those of what an end point does with routes on datagrams.
func endPointFaults() []fault {
	return []fault{
		{
			name: "leading-address-compared", title: "removes a leading address only if it is its own", class: "self-loop",
			profiles: v1(), datagrams: v1(), breaks: ids("ROUT-002"),
			alter: func(s *script) {
				s.lead = func(c *conn, onward route) route {
					if len(onward) > 0 && bytes.Equal(onward[0], c.local) {
						return onward[1:]
					}
					return onward
				}
			},
		},
		{
			name: "leading-addresses-all-removed", title: "removes all leading transport addresses", class: "self-loop",
			roles: responder(), profiles: v1(), onlyDatagrams: true, breaks: ids("ROUT-002"),
			alter: func(s *script) {
				s.lead = func(_ *conn, onward route) route {
					for len(onward) > 0 && onward[0][0] != addressLocal {
						onward = onward[1:]
					}
					return onward
				}
			},
		},
		{
			name: "open-relay", title: "forwards a message that names a further hop", class: "open relay",
			roles: responder(), profiles: v1(), datagrams: []string{"v1", "e09"}, breaks: ids("ROUT-007"),
			alter: func(s *script) {
				s.find = func(c *conn, m message) (*channel, bool) {
					if len(m.onward) > 0 && m.onward[0][0] != addressLocal {
						c.sendTo(m.onward[0], c.encode(m))
						return nil, false
					}
					return find(c, m)
				}
			},
		},
		{
			name: "return-route-believed", title: "answers a handshake message to the address that its return route names",
			class:    "reply-route hijack by an unauthenticated message",
			profiles: v1(), datagrams: routedProfiles(), breaks: ids("ROUT-003"),
			alter: func(s *script) {
				s.push = func(c *conn, m []byte) {
					if len(c.onward) > 0 && !bytes.Equal(c.onward[0], c.remote) {
						c.sendTo(c.onward[0], m)
						return
					}
					push(c, m)
				}
				s.source = believed
			},
		},
		{
			name: "pong-to-return-route", title: "sends a pong to the address that the ping's return route names",
			class: "reply-route hijack by an unauthenticated message",
			roles: responder(), profiles: v1(), onlyDatagrams: true, breaks: ids("ROUT-003"),
			alter: func(s *script) {
				var named route
				s.source = func(c *conn, back route) route {
					named = back
					return source(c, back)
				}
				s.ping = func(c *conn, m message) {
					if len(named) > 0 && !bytes.Equal(named[0], c.remote) {
						c.sendTo(named[0], c.encode(message{onward: named, kind: kindPong}))
						return
					}
					ping(c, m)
				}
			},
		},
	}
}

// believed takes a first return address of the transport's kind for the source.
func believed(c *conn, back route) route {
	if len(back) > 0 && back[0][0] == c.node.transport() {
		return back
	}
	return source(c, back)
}

// sendTo sends a message to another source than that whose datagram is at hand.
func (c *conn) sendTo(address, m []byte) {
	if other := c.node.sources[string(address)]; other != nil {
		other.pending = append(other.pending, c.frame(m))
	}
}
