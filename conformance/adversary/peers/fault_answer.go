package peers

import (
	"bytes"
	"slices"
)

// answerFaults are those of the routes that an end point writes, and of addresses that are not its own.
func answerFaults() []fault {
	const routes = "return route"
	return []fault{
		{
			name: "answer-port-turned", title: "turns the ports of the addresses behind the first one of the route that it learnt", class: "IPv6 and port byte order",
			profiles: v1(), datagrams: routedProfiles(), breaks: ids("WIRE-011"), entails: ids("CHAN-010", "ROUT-010", "WIRE-015"),
			alter: sendingTo(func(onward route) route {
				for i, a := range onward {
					if n := len(a); i > 0 && a[0] != addressLocal {
						a = bytes.Clone(a)
						a[n-1], a[n-2] = a[n-2], a[n-1]
						onward[i] = a
					}
				}
				return onward
			}),
		},
		{
			name: "answer-as-spelt", title: "answers along a route as it was spelt", class: "non-canonical addresses",
			profiles: v1(), datagrams: v1(), breaks: ids("WIRE-015"),
			alter: func(s *script) { s.form = func(back route) (route, bool) { return back, true } },
		},
		{
			name: "far-route-cut", title: "keeps five addresses of the route that it learns", class: routes,
			profiles: v1(), datagrams: []string{"v1", "e09"}, breaks: ids("ROUT-010"),
			alter: sendingTo(func(onward route) route { return onward[:min(len(onward), 5)] }),
		},
		{
			name: "destination-by-name", title: "gives the destination of its messages a name", class: "names",
			profiles: v1(), datagrams: routedProfiles(), breaks: ids("ROUT-004"),
			alter: sendingTo(func(onward route) route {
				if len(onward) > 0 {
					name := append([]byte{onward[0][0], hostDNS, 9}, "localhost"...)
					onward[0] = append(name, onward[0][len(onward[0])-2:]...)
				}
				return onward
			}),
		},
		{
			name: "any-local-address", title: "takes a handshake message for any local address as its own", class: "channels of one node mixed up",
			profiles: v1(), datagrams: []string{"v1", "e09"}, onlyDatagrams: true, breaks: ids("ROUT-001"),
			alter: func(s *script) {
				s.find = func(c *conn, m message) (*channel, bool) {
					ch, ok := find(c, m)
					switch {
					case ok || len(m.onward) == 0 || m.onward[0][0] != addressLocal:
						return ch, ok
					case c.initiator() && len(c.mine) > 0:
						return c.mine[len(c.mine)-1], true
					case m.kind < kindM1 || m.kind == kindUntyped && len(m.body) != c.node.profile.Suite.PublicKeySize:
						return nil, false
					}
					return c.listen(c, m)
				}
			},
		},
		{
			name: "any-application", title: "hands payloads that name no application to the only one", class: "onward route",
			profiles: e09(), onlyDatagrams: true, breaks: ids("REC-011"), entails: ids("REC-009"),
			alter: func(s *script) { s.deliver = func(c *conn, m message) { c.say(c, m.back, m.body) } },
		},
		{
			name: "plaintext-address-beside", title: "encrypts what comes from outside for the address next to a channel's", class: "plaintext address reachable from outside",
			profiles: v1(), datagrams: []string{"v1", "e09"}, onlyDatagrams: true, breaks: ids("ROUT-009"),
			alter: func(s *script) {
				s.addressed = func(*conn) bool { return true }
				s.find = func(c *conn, m message) (*channel, bool) {
					for _, ch := range c.mine {
						if len(m.onward) > 0 && ch.state == isOpen && bytes.Equal(m.onward[0], beside(ch.address)) {
							c.channel = ch
							c.say(c, nil, m.body)
							return nil, false
						}
					}
					return find(c, m)
				}
			},
		},
	}
}

// beside is a local address with its last byte counted up.
func beside(address []byte) []byte {
	next := bytes.Clone(address)
	if len(next) > 0 {
		next[len(next)-1]++
	}
	return next
}

// sendingTo alters the onward route of what is sent.
func sendingTo(alter func(onward route) route) change {
	return func(s *script) {
		s.header = func(c *conn, kind byte) message {
			m := header(c, kind)
			m.onward = alter(slices.Clone(m.onward))
			return m
		}
	}
}
