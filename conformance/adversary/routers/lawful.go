package routers

import (
	"slices"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// Lawful returns routers that use the latitude of the specification. None of them may be accused of anything.
func Lawful() []conformance.Program {
	return slices.Concat(lawfulStreams(), lawfulRules(), lawfulAddresses())
}

func lawfulStreams() []conformance.Program {
	return []conformance.Program{
		variant("malformed-closes-router", "closes a connection over which a message does not parse", func(s *script) {
			s.malformed = func(n *node, from origin) {
				if from.conn != nil {
					n.hangUp(from.conn)
				}
			}
		}),
		variant("malformed-resets-router", "resets a connection over which a message does not parse", func(s *script) {
			s.malformed = func(n *node, from origin) {
				if from.conn != nil {
					n.forget(from.conn)
					n.do(conformance.RouterAction{Conn: from.conn.Number, Reset: true})
				}
			}
		}),
		variant("idle-connections-closed", "closes a connection that it has made when nothing passes for a second", idleClosed),
		variant("stays-after-fin-router", "keeps a connection that the other end has half-closed", func(s *script) {
			s.ended = func(n *node, c *conn, orderly bool) {
				if !orderly {
					n.forget(c)
				}
			}
		}),
		forgoing("TRAN-007", variant("bytes-one-by-one-router", "writes each byte in a segment of its own", func(s *script) {
			s.write = func(frame []byte) (out [][]byte) {
				for b := range slices.Chunk(frame[:min(len(frame), 64)], 1) {
					out = append(out, b)
				}
				return append(out, frame[min(len(frame), 64):])
			}
		})),
		forgoing("TRAN-007", variant("length-apart-router", "writes a frame's length and its body in two segments", func(s *script) {
			s.write = func(frame []byte) [][]byte { return [][]byte{frame[:2], frame[2:]} }
		})),
		variant("slow-router", "forwards after 20 ms, one message at a time", slow),
	}
}

// lawfulRules refuse in other ways, or more.
func lawfulRules() []conformance.Program {
	relays := forgoing("ROUT-011", variant("relays-many-addresses", "relays messages with any number of addresses", func(s *script) {
		s.few = func(adversary.Message) bool { return true }
	}))
	return []conformance.Program{
		relays,
		variant("eight-addresses-router", "takes at most 8 addresses in a route", func(s *script) { s.outer = strictParser(8) }),
		variant("twenty-addresses-router", "relays messages with at most 20 addresses", func(s *script) {
			s.few = func(m adversary.Message) bool { return len(m.Onward)+len(m.Return) <= 20 }
		}),
		variant("names-refused", "forwards to no name", func(s *script) {
			s.resolve = func(_ *node, a adversary.Address) (adversary.Address, bool) {
				return a, wire.HostType(a[1]) != wire.DNS
			}
		}),
		variant("ipv6-refused", "forwards to no IPv6 address", func(s *script) {
			s.sendable = func(a adversary.Address) bool { return sendable(a) && wire.HostType(a[1]) == wire.IPv4 }
		}),
		variant("one-waits", "lets one message wait for a connection that it makes", func(s *script) {
			s.dial = func(n *node, next adversary.Address, m adversary.Message) {
				if n.dials[next] == nil {
					dial(n, next, m)
				}
			}
		}),
		variant("rule-before-resolving", "drops what comes from strangers before it looks at it", func(s *script) {
			s.arrived = func(n *node, from origin, b []byte) {
				if isKit(from.remote) {
					arrived(n, from, b)
				}
			}
		}),
		variant("refused-closes", "closes a connection over which something comes that its rules refuse", func(s *script) {
			refuse := func(n *node, from origin) {
				if from.conn != nil {
					n.hangUp(from.conn)
				}
			}
			s.forNode = func(n *node, from origin, m adversary.Message) {
				forNode(n, from, m)
				if m.Type > wire.Pong {
					refuse(n, from)
				}
			}
			s.relay = func(n *node, from origin, m adversary.Message) {
				next, ok := n.form(m.Onward[0])
				if ok && (!n.few(m) || !n.allow(n, from.remote, next) && wire.HostType(next[1]) != wire.DNS) {
					refuse(n, from)
					return
				}
				relay(n, from, m)
			}
		}),
		variant("slow-reader-closed", "closes the connection of a next hop that is too slow", func(s *script) {
			s.forward = func(n *node, c *conn, next adversary.Address, m adversary.Message) {
				if !n.room(c) {
					n.hangUp(c)
					return
				}
				forward(n, c, next, m)
			}
		}),
	}
}

// lawfulAddresses give other addresses.
func lawfulAddresses() []conformance.Program {
	configured := func(host string) change {
		return func(s *script) {
			s.own = func(_ *node, local adversary.Address) adversary.Address { return address(local.Type(), host) }
		}
	}
	return []conformance.Program{
		variant("configured-address-router", "gives an address that is not the one of its sockets", configured("192.0.2.1:4000")),
		variant("configured-ipv6-router", "gives an IPv6 address, longer than the one that it removes", configured("[2001:db8::1]:4000")),
		variant("configured-name-router", "gives a name for its address, longer than the one that it removes", func(s *script) {
			s.own = func(_ *node, local adversary.Address) adversary.Address {
				return adversary.Address([]byte{byte(local.Type())}) + "\x02\x0erouter.invalid\xa0\x0f"
			}
		}),
		variant("listener-address-router", "gives the address of its listener also where it has connected itself", func(s *script) {
			s.own = own
		}),
		variant("literal-names-converted", "writes a name that is an IP address as that address", func(s *script) {
			s.form = func(a adversary.Address) (adversary.Address, bool) {
				if numeric, ok := literal(a); ok {
					return numeric, true
				}
				return form(a)
			}
		}),
	}
}

func variant(name, title string, alter change) conformance.Program {
	return program(name, title, alter)
}

// idleClosed closes connections that the router has made.
func idleClosed(s *script) {
	const after = time.Second
	s.idle = func(n *node) {
		for _, c := range n.conns {
			if c.Dialled && c.used+after <= n.now {
				n.hangUp(c)
			}
		}
		n.wake = n.now + after
	}
	s.arrived = func(n *node, from origin, b []byte) {
		if n.wake == 0 {
			n.wake = n.now + after
		}
		arrived(n, from, b)
	}
}

// slow handles one message after the other, each some time after it has come.
func slow(s *script) {
	const takes = 20 * time.Millisecond
	var waiting []func()
	s.arrived = func(n *node, from origin, b []byte) {
		b = slices.Clone(b)
		waiting = append(waiting, func() { arrived(n, from, b) })
		if n.wake == 0 {
			n.wake = n.now + takes
		}
	}
	s.idle = func(n *node) {
		next := waiting[0]
		waiting = waiting[1:]
		if len(waiting) > 0 {
			n.wake = n.now + takes
		}
		next()
	}
}

// forgoing is a variant that does not meet a SHOULD.
func forgoing(requirement string, p conformance.Program) conformance.Program {
	p.Forgoes = []string{requirement}
	return p
}
