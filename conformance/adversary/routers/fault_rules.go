package routers

import (
	"slices"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// loopFaults are those of ROUT-005.
func loopFaults() []fault {
	return []fault{
		{
			name: "hop-self-loop", title: "sends to itself what is for its own address", class: "self-loop", breaks: ids("ROUT-005"),
			alter: func(s *script) { s.isOwn = func(*node, origin, adversary.Address) bool { return false } },
		},
		{
			name: "hop-self-loop-by-spelling", title: "compares the next address with its own byte by byte", class: "self-loop", breaks: ids("ROUT-005"),
			alter: func(s *script) {
				s.relay = func(n *node, from origin, m adversary.Message) {
					written := m.Onward[0]
					n.isOwn = func(n *node, from origin, _ adversary.Address) bool { return isOwn(n, from, written) }
					relay(n, from, m)
				}
			},
		},
		{
			name: "hop-self-loop-by-name", title: "compares the next address with its own before it resolves it", class: "self-loop", breaks: ids("ROUT-005"),
			alter: func(s *script) {
				named := false
				s.resolve = func(n *node, a adversary.Address) (adversary.Address, bool) {
					named = wire.HostType(a[1]) == wire.DNS
					return resolve(n, a)
				}
				s.isOwn = func(n *node, from origin, a adversary.Address) bool { return !named && isOwn(n, from, a) }
			},
		},
		{
			name: "hop-self-loop-by-other-transport", title: "knows only the address that a message came to as its own", class: "self-loop",
			breaks: ids("ROUT-005"),
			alter: func(s *script) {
				s.isOwn = func(_ *node, from origin, a adversary.Address) bool { return a == from.local }
			},
		},
		{
			name: "hop-sent-twice", title: "sends each message twice", class: "fan-out", breaks: ids("ROUT-005"),
			alter: func(s *script) {
				s.send = func(n *node, from origin, next adversary.Address, m adversary.Message) {
					send(n, from, next, m)
					send(n, from, next, m)
				}
			},
		},
		{
			name: "hop-fan-out", title: "sends what is for one connection to all others as well", class: "fan-out",
			transports: streams(), breaks: ids("ROUT-005"), entails: ids("ROUT-003", "ROUT-004", "ROUT-006", "ROUT-007", "REC-010", "TRAN-023"),
			alter: func(s *script) {
				s.send = func(n *node, from origin, next adversary.Address, m adversary.Message) {
					send(n, from, next, m)
					for _, c := range n.conns {
						if c.remote != next && c.remote != from.remote {
							n.forward(n, c, c.remote, m)
						}
					}
				}
			},
		},
		{
			name: "hop-datagram-fan-out", title: "sends a datagram to all sources that it has heard of", class: "fan-out",
			transports: datagrams(), breaks: ids("ROUT-005"), entails: ids("ROUT-006", "ROUT-007"),
			alter: datagramFanOut(func(heard []adversary.Address, from, next adversary.Address) []adversary.Address {
				return slices.DeleteFunc(slices.Clone(heard), func(a adversary.Address) bool { return a == from || a == next })
			}),
		},
		{
			name: "hop-unheard-hop-diverted", title: "sends what is for a socket that it has not heard of to one that it has", class: "unknown address kills the node",
			transports: datagrams(), breaks: ids("ROUT-006"), entails: ids("ROUT-005", "ROUT-007"),
			alter: datagramFanOut(func(heard []adversary.Address, from, next adversary.Address) []adversary.Address {
				if slices.Contains(heard, next) {
					return nil
				}
				return slices.DeleteFunc(slices.Clone(heard), func(a adversary.Address) bool { return a == from })
			}),
		},
	}
}

// datagramFanOut sends datagrams to more sources than the one that they are for.
func datagramFanOut(more func(heard []adversary.Address, from, next adversary.Address) []adversary.Address) change {
	return func(s *script) {
		var heard []adversary.Address
		s.datagram = func(n *node, from origin, p []byte) {
			if !slices.Contains(heard, from.remote) {
				heard = append(heard, from.remote)
			}
			n.arrived(n, from, p)
		}
		s.send = func(n *node, from origin, next adversary.Address, m adversary.Message) {
			send(n, from, next, m)
			for _, other := range more(heard, from.remote, next) {
				n.post(n, other, m)
			}
		}
	}
}

// policyFaults are those of ROUT-007.
func policyFaults() []fault {
	return []fault{
		{
			name: "hop-open-relay", title: "forwards from everywhere to everywhere", class: "open relay", breaks: ids("ROUT-007"),
			alter: func(s *script) { s.allow = func(*node, adversary.Address, adversary.Address) bool { return true } },
		},
		{
			name: "hop-rule-without-source", title: "asks its allow rule about the next address only", class: "open relay", breaks: ids("ROUT-007"),
			alter: func(s *script) {
				s.allow = func(_ *node, _, next adversary.Address) bool { return isKit(next) }
			},
		},
		{
			name: "hop-rule-without-next", title: "asks its allow rule about the source only", class: "open relay", breaks: ids("ROUT-007"),
			alter: func(s *script) {
				s.allow = func(_ *node, source, _ adversary.Address) bool { return isKit(source) }
			},
		},
		{
			name: "hop-rule-on-spelling", title: "forbids addresses as they are written: one in another spelling passes", class: "open relay",
			breaks: ids("ROUT-007"),
			alter: func(s *script) {
				var written adversary.Address
				s.relay = func(n *node, from origin, m adversary.Message) {
					written = m.Onward[0]
					relay(n, from, m)
				}
				s.allow = func(_ *node, source, next adversary.Address) bool {
					return isKit(source) && (isKit(next) || wire.HostType(written[1]) != wire.IPv4)
				}
			},
		},
		{
			name: "hop-rule-on-return-route", title: "takes the first return address of a message for its source when it asks its allow rule", class: "open relay",
			breaks: ids("ROUT-007"), entails: ids("ROUT-003"),
			alter: func(s *script) {
				var claimed adversary.Address
				s.source = func(from origin, back adversary.Route) adversary.Route {
					claimed = from.remote
					if len(back) > 0 {
						claimed = back[0]
					}
					return source(from, back)
				}
				s.allow = func(_ *node, _, next adversary.Address) bool {
					return isKit(next) && (isKit(claimed) || claimed.Type() == wire.Local)
				}
			},
		},
	}
}

// furtherHopFaults are those of messages that name no further hop.
func furtherHopFaults() []fault {
	return []fault{
		{
			name: "hop-no-further-hop-relayed", title: "relays a message that names somebody else where it has to name the router", class: "open relay",
			breaks: ids("ROUT-007"),
			alter: func(s *script) {
				s.leading = func(n *node, from origin, onward adversary.Route) adversary.Route {
					if len(onward) == 1 && !isOwn(n, from, onward[0]) {
						return onward
					}
					return leading(n, from, onward)
				}
			},
		},
		{
			name: "hop-for-node-returned", title: "sends back what is for the node", class: "open relay",
			breaks: ids("ROUT-007"), entails: ids("WIRE-010"),
			alter: func(s *script) {
				s.forNode = func(n *node, from origin, m adversary.Message) {
					if m.Type == wire.Ping {
						n.ping(n, from, m)
						return
					}
					n.answer(from, adversary.Message{Onward: m.Return, Type: m.Type, Body: m.Body})
				}
			},
		},
		{
			name: "hop-for-node-broadcast", title: "sends what is for nobody to the connection that came last", class: "open relay",
			transports: streams(), breaks: ids("ROUT-007"), entails: ids("WIRE-010"),
			alter: func(s *script) {
				s.forNode = func(n *node, from origin, m adversary.Message) {
					if m.Type == wire.Ping {
						n.ping(n, from, m)
						return
					}
					var last *conn
					for _, c := range n.conns {
						if last == nil || c.Number > last.Number {
							last = c
						}
					}
					n.forward(n, last, last.remote, m)
				}
			},
		},
	}
}

// limitFaults are those of REC-010, ROUT-011, and WIRE-008.
func limitFaults() []fault {
	return []fault{
		{
			name: "hop-many-addresses-relayed", title: "relays messages with any number of addresses", class: "more addresses than supported",
			breaks: ids("ROUT-011"),
			alter:  func(s *script) { s.few = func(adversary.Message) bool { return true } },
		},
		{
			name: "hop-five-addresses", title: "takes at most 5 addresses in a route", class: "more addresses than supported",
			breaks: ids("WIRE-008"), entails: ids("ROUT-010"),
			alter: func(s *script) { s.outer.count = readCount(5) },
		},
		{
			name: "hop-return-count-wraps", title: "counts 256 return addresses as none", class: "more addresses than supported",
			breaks: ids("REC-010"), entails: ids("ROUT-011"),
			alter: func(s *script) {
				s.few = func(adversary.Message) bool { return true }
				s.depart = func(n *node, local, next adversary.Address, m adversary.Message) ([]byte, bool) {
					m.Return = append(adversary.Route{n.own(n, local)}, m.Return...)
					b := n.encode(m)
					return b, n.fits(len(b), next)
				}
			},
		},
		{
			name: "hop-return-route-cut", title: "leaves the last return address out where there is no room for its own", class: "more addresses than supported",
			breaks: ids("REC-010"), entails: ids("ROUT-011"),
			alter: func(s *script) {
				s.few = func(adversary.Message) bool { return true }
				s.depart = func(n *node, local, next adversary.Address, m adversary.Message) ([]byte, bool) {
					if len(m.Return) == wire.MaxAddresses {
						m.Return = m.Return[:wire.MaxAddresses-1]
					}
					return depart(n, local, next, m)
				}
			},
		},
	}
}

// lengthFaults are those of messages that are too long, or long.
func lengthFaults() []fault {
	return []fault{
		{
			name: "hop-length-wraps", title: "writes the length of a message that is too long in two bytes", class: "payload at and around each limit",
			transports: streams(), breaks: ids("REC-010"),
			alter: func(s *script) {
				s.fits = func(int, adversary.Address) bool { return true }
				s.frame = func(m []byte) []byte { return adversary.FrameOf(len(m), m) }
			},
		},
		{
			name: "hop-too-long-cut", title: "cuts a message that is too long", class: "payload at and around each limit",
			breaks: ids("REC-010"),
			alter: func(s *script) {
				s.depart = func(n *node, local, next adversary.Address, m adversary.Message) ([]byte, bool) {
					b, ok := depart(n, local, next, m)
					for size := 65535; !ok && len(b) > size-100 && size > 65000; size -= 14 {
						if b = b[:min(size, len(b))]; n.fits(len(b), next) {
							return b, true
						}
					}
					return b, ok
				}
			},
		},
		{
			name: "hop-datagram-limit-unknown", title: "sends datagrams as long as frames may be", class: "payload at and around each limit",
			breaks: ids("REC-010"),
			alter: func(s *script) {
				s.fits = func(size int, _ adversary.Address) bool { return size <= 65535 }
			},
		},
		{
			name: "hop-long-message-dropped", title: "drops messages of more than 32,767 bytes", class: "payload at and around each limit",
			breaks: ids("REC-010"), entails: ids("TRAN-023", "WIRE-011", "TRAN-008", "TRAN-011"),
			alter: func(s *script) {
				s.fits = func(size int, next adversary.Address) bool { return size <= 32767 && fits(size, next) }
			},
		},
		{
			name: "hop-long-message-closes", title: "closes the connection when a message has become too long", class: "payload at and around each limit",
			transports: streams(), breaks: ids("REC-010"),
			alter: func(s *script) {
				s.forward = func(n *node, c *conn, next adversary.Address, m adversary.Message) {
					if _, ok := n.depart(n, c.local, next, m); !ok {
						n.hangUp(c)
						return
					}
					forward(n, c, next, m)
				}
			},
		},
	}
}
