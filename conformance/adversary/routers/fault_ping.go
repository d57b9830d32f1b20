package routers

import (
	"slices"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// pingFaults are those of WIRE-010.
func pingFaults() []fault {
	pong := func(onward func(from origin, m adversary.Message) adversary.Route) change {
		return func(s *script) {
			s.ping = func(n *node, from origin, m adversary.Message) {
				route, ok := n.formed(onward(from, m))
				if ok {
					n.answer(from, adversary.Message{Onward: route, Type: wire.Pong})
				}
			}
		}
	}
	return []fault{
		{
			name: "hop-ping-unanswered", title: "does not answer a ping", class: "ping without return route", breaks: ids("WIRE-010"), entails: ids("WIRE-015"),
			alter: func(s *script) { s.ping = func(*node, origin, adversary.Message) {} },
		},
		{
			name: "hop-ping-without-return-route-unanswered", title: "does not answer a ping that came without a return route", class: "ping without return route",
			breaks: ids("WIRE-010"),
			alter: func(s *script) {
				s.source = func(from origin, back adversary.Route) adversary.Route {
					if len(back) == 0 {
						return append(source(from, back), adversary.LocalAddress("none"))
					}
					return source(from, back)
				}
				s.ping = func(n *node, from origin, m adversary.Message) {
					if m.Return[len(m.Return)-1] != adversary.LocalAddress("none") {
						ping(n, from, m)
					}
				}
				s.depart = func(n *node, local, next adversary.Address, m adversary.Message) ([]byte, bool) {
					m.Return = slices.DeleteFunc(slices.Clone(m.Return), func(a adversary.Address) bool { return a == adversary.LocalAddress("none") })
					return depart(n, local, next, m)
				}
			},
		},
		{
			name: "hop-pong-to-source-alone", title: "answers a ping to its source alone", class: "ping without return route", breaks: ids("WIRE-010"),
			entails: ids("WIRE-015"),
			alter:   pong(func(from origin, _ adversary.Message) adversary.Route { return adversary.Route{from.remote} }),
		},
		{
			name: "hop-pong-by-written-route", title: "answers a ping by the return route that the sender wrote", class: "ping without return route",
			breaks: ids("ROUT-003"),
			alter: func(s *script) {
				var written adversary.Route
				s.source = func(from origin, back adversary.Route) adversary.Route {
					written = back
					return source(from, back)
				}
				pong(func(origin, adversary.Message) adversary.Route { return written })(s)
			},
		},
		{
			name: "hop-pong-without-own-address", title: "writes no return route in a pong", class: "ping without return route", breaks: ids("ROUT-004"),
			alter: func(s *script) {
				s.encode = func(m adversary.Message) []byte {
					if m.Type == wire.Pong && len(m.Return) == 1 {
						m.Return = nil
					}
					return m.Bytes()
				}
			},
		},
	}
}

// pongFaults are those of pongs, and of pings that are for others.
func pongFaults() []fault {
	return []fault{
		{
			name: "hop-pong-twice", title: "answers a ping with two pongs", class: "ping without return route", breaks: ids("WIRE-010"), entails: ids("WIRE-015"),
			alter: func(s *script) {
				s.ping = func(n *node, from origin, m adversary.Message) {
					ping(n, from, m)
					ping(n, from, m)
				}
			},
		},
		{
			name: "hop-pong-answered", title: "answers a pong with a pong", class: "ping without return route", breaks: ids("WIRE-010"),
			alter: func(s *script) {
				s.forNode = func(n *node, from origin, m adversary.Message) {
					if m.Type <= wire.Pong {
						n.ping(n, from, m)
					}
				}
			},
		},
		{
			name: "hop-ping-for-others-answered", title: "answers pings that are for other nodes", class: "ping without return route", breaks: ids("WIRE-010"),
			alter: func(s *script) {
				s.relay = func(n *node, from origin, m adversary.Message) {
					if m.Type == wire.Ping {
						n.ping(n, from, m)
						return
					}
					relay(n, from, m)
				}
			},
		},
		{
			name: "hop-ping-for-local-answered", title: "answers pings for local addresses that it does not have", class: "ping without return route",
			breaks: ids("WIRE-010"),
			alter: func(s *script) {
				s.local = func(n *node, from origin, m adversary.Message) {
					if m.Type == wire.Ping {
						n.ping(n, from, m)
					}
				}
			},
		},
		{
			name: "hop-pongs-not-forwarded", title: "takes pongs for other nodes for its own", class: "ping without return route", breaks: ids("WIRE-010"),
			alter: func(s *script) {
				s.relay = func(n *node, from origin, m adversary.Message) {
					if m.Type != wire.Pong {
						relay(n, from, m)
					}
				}
			},
		},
	}
}
