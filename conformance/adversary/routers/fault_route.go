package routers

import (
	"encoding/binary"
	"slices"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// leadingFaults are those of ROUT-002.
func leadingFaults() []fault {
	return []fault{
		{
			name: "hop-leading-address-compared", title: "removes a leading address only if it is its own", class: "leading address",
			breaks: ids("ROUT-002"), entails: ids("ROUT-007"),
			alter: func(s *script) {
				s.leading = func(n *node, from origin, onward adversary.Route) adversary.Route {
					if len(onward) > 0 && !isOwn(n, from, onward[0]) {
						return onward
					}
					return leading(n, from, onward)
				}
			},
		},
		{
			name: "hop-leading-address-of-other-kind-kept", title: "removes a leading address only if it is of the transport that it came over",
			class: "leading address", breaks: ids("ROUT-002"),
			alter: func(s *script) {
				s.leading = func(n *node, from origin, onward adversary.Route) adversary.Route {
					if len(onward) > 0 && onward[0].Type() != from.local.Type() {
						return onward
					}
					return leading(n, from, onward)
				}
			},
		},
		{
			name: "hop-leading-name-kept", title: "removes a leading address only if it is numeric", class: "leading address", breaks: ids("ROUT-002"),
			entails: ids("ROUT-007"),
			alter: func(s *script) {
				s.leading = func(n *node, from origin, onward adversary.Route) adversary.Route {
					if len(onward) > 0 && onward[0].Type() != wire.Local && wire.HostType(onward[0][1]) == wire.DNS {
						return onward
					}
					return leading(n, from, onward)
				}
			},
		},
		{
			name: "hop-own-addresses-removed", title: "removes leading addresses as long as they are its own", class: "second leading address removed",
			breaks: ids("ROUT-005"),
			alter: func(s *script) {
				s.leading = func(n *node, from origin, onward adversary.Route) adversary.Route {
					onward = leading(n, from, onward)
					for len(onward) > 0 && isOwn(n, from, onward[0]) {
						onward = onward[1:]
					}
					return onward
				}
			},
		},
		{
			name: "hop-two-addresses-removed", title: "removes a second transport address if a third one follows", class: "second leading address removed",
			breaks: ids("ROUT-002"), entails: ids("ROUT-010", "ROUT-005", "ROUT-006", "ROUT-007", "WIRE-008", "WIRE-011", "WIRE-013", "WIRE-014", "WIRE-015"),
			alter: func(s *script) {
				s.leading = func(n *node, from origin, onward adversary.Route) adversary.Route {
					onward = leading(n, from, onward)
					if len(onward) > 1 && onward[0].Type() != wire.Local && onward[1].Type() != wire.Local {
						onward = onward[1:]
					}
					return onward
				}
			},
		},
	}
}

// sourceFaults are those of ROUT-003.
func sourceFaults() []fault {
	return []fault{
		{
			name: "hop-source-believed", title: "takes a first return address of the transport's kind for the source", class: "reply-route hijack by an unauthenticated message",
			breaks: ids("ROUT-003"),
			alter: func(s *script) {
				s.source = func(from origin, back adversary.Route) adversary.Route {
					if len(back) > 0 && back[0].Type() == from.remote.Type() {
						return back
					}
					return source(from, back)
				}
			},
		},
		{
			name: "hop-source-always-in-front", title: "puts the source in front of whatever stands first", class: "return route",
			breaks: ids("ROUT-003"),
			alter: func(s *script) {
				s.source = func(from origin, back adversary.Route) adversary.Route {
					return append(adversary.Route{from.remote}, back...)
				}
			},
		},
		{
			name: "hop-source-replaces-any", title: "puts the source in place of a first address of either transport", class: "return route",
			breaks: ids("ROUT-003"), entails: ids("WIRE-010"),
			alter: func(s *script) {
				s.source = func(from origin, back adversary.Route) adversary.Route {
					if len(back) > 0 && back[0].Type() != wire.Local {
						back = back[1:]
					}
					return append(adversary.Route{from.remote}, back...)
				}
			},
		},
		{
			name: "hop-source-only-replaced", title: "puts the source in place of a first address, and nowhere else", class: "return route not extended",
			breaks: ids("ROUT-003"), entails: ids("REC-010"),
			alter: func(s *script) {
				s.source = func(from origin, back adversary.Route) adversary.Route {
					if len(back) == 0 || back[0].Type() != from.remote.Type() {
						return back
					}
					return source(from, back)
				}
			},
		},
	}
}

// departureFaults are those of ROUT-004 and ROUT-005: what the routes are when the message leaves.
func departureFaults() []fault {
	return []fault{
		{
			name: "hop-own-address-missing", title: "does not put its own address in front", class: "return route not extended",
			breaks: ids("ROUT-004"),
			alter: departing(func(_ *node, _ adversary.Address, m adversary.Message) adversary.Message {
				m.Return = m.Return[1:]
				return m
			}),
		},
		{
			name: "hop-own-address-behind", title: "puts its own address at the end of the return route", class: "return route not extended",
			breaks: ids("ROUT-004"),
			alter: departing(func(_ *node, _ adversary.Address, m adversary.Message) adversary.Message {
				m.Return = append(slices.Clone(m.Return[1:]), m.Return[0])
				return m
			}),
		},
		{
			name: "hop-own-address-of-other-transport", title: "names its TCP listener where it sends datagrams, and its socket where it writes to a stream",
			class: "return route not extended", breaks: ids("ROUT-004"),
			alter: func(s *script) {
				s.own = func(n *node, local adversary.Address) adversary.Address {
					if local.Type() == wire.TCP {
						return n.udp
					}
					return n.tcp
				}
			},
		},
		{
			name: "hop-own-port-big-endian", title: "writes the port of its own address big-endian", class: "IPv6 and port byte order",
			breaks: ids("WIRE-007"),
			alter: func(s *script) {
				s.own = func(_ *node, local adversary.Address) adversary.Address { return portReversed(local) }
			},
		},
		{
			name: "hop-onward-not-shortened", title: "leaves its own address first in the onward route", class: "self-loop",
			breaks: ids("ROUT-005"),
			alter: departing(func(n *node, local adversary.Address, m adversary.Message) adversary.Message {
				if m.Type != wire.Pong {
					m.Onward = append(adversary.Route{own(n, local)}, m.Onward...)
				}
				return m
			}),
		},
		{
			name: "hop-destination-removed", title: "takes the next hop out of the onward route", class: "onward route",
			breaks: ids("ROUT-004"),
			alter: departing(func(_ *node, _ adversary.Address, m adversary.Message) adversary.Message {
				m.Onward = m.Onward[1:]
				return m
			}),
		},
		{
			name: "hop-name-left-in-front", title: "resolves the name of a next hop and leaves the name first in the onward route", class: "names",
			breaks: ids("ROUT-004"),
			alter: func(s *script) {
				var name adversary.Address
				s.resolve = func(n *node, a adversary.Address) (adversary.Address, bool) {
					name = a
					return resolve(n, a)
				}
				s.send = func(n *node, from origin, next adversary.Address, m adversary.Message) {
					m.Onward = append(adversary.Route{name}, m.Onward[1:]...)
					send(n, from, next, m)
				}
			},
		},
	}
}

// own is where a message comes from, as its receiver knows the router: the listener's address.
func own(n *node, local adversary.Address) adversary.Address {
	if local.Type() == wire.TCP {
		return n.tcp
	}
	return n.udp
}

// departing alters what leaves, with the router's address in front already.
func departing(f func(n *node, local adversary.Address, m adversary.Message) adversary.Message) change {
	return func(s *script) {
		var at adversary.Address
		var router *node
		s.depart = func(n *node, local, next adversary.Address, m adversary.Message) ([]byte, bool) {
			at, router = local, n
			return depart(n, local, next, m)
		}
		s.encode = func(m adversary.Message) []byte { return f(router, at, m).Bytes() }
	}
}

func portReversed(a adversary.Address) adversary.Address {
	b := []byte(a)
	port := b[len(b)-2:]
	binary.BigEndian.PutUint16(port, binary.LittleEndian.Uint16(port))
	return adversary.Address(b)
}
