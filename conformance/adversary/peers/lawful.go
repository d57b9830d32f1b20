package peers

import (
	"slices"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// Lawful returns peers that use the latitude of the specification. None of them may be accused of anything.
func Lawful() []conformance.Program {
	all := slices.Concat(lawfulStreams(), lawfulRejections(), lawfulRoutes(), lawfulPayloads(), lawfulPolicies(), lawfulDatagrams())
	for i := range all {
		all[i] = inTunnels(all[i])
	}
	return all
}

// lawfulStreams use the stream in other ways.
func lawfulStreams() []conformance.Program {
	one := program("one-connection", "serves one connection at a time: others wait until it ends or its handshake's deadline has passed",
		func(need conformance.Need, seed uint64) conformance.Node {
			return &gate{node: newNode(need, seed, nil)}
		})
	slow := program("slow", "answers after 200 ms", func(need conformance.Need, seed uint64) conformance.Node {
		return &slowNode{node: newNode(need, seed, nil), by: 200 * time.Millisecond}
	})
	return append(overStreams(
		one,
		forgoing("TRAN-007", variant("bytes-one-by-one", "writes each byte in a segment of its own", writing(func(frames [][]byte) (out [][]byte) {
			for b := range slices.Chunk(slices.Concat(frames...), 1) {
				out = append(out, b)
			}
			return out
		}))),
		forgoing("TRAN-007", variant("length-apart", "writes a frame's length and its body in two segments", writing(func(frames [][]byte) (out [][]byte) {
			for _, f := range frames {
				out = append(out, f[:2], f[2:])
			}
			return out
		}))),
		variant("frames-together", "writes all that it has to say in one segment, such as m3 and its first payload",
			writing(func(frames [][]byte) [][]byte {
				if len(frames) == 0 {
					return nil
				}
				return [][]byte{slices.Concat(frames...)}
			})),
		variant("frames-of-any-length", "takes frames of any length in every profile", func(s *script) { s.deframe = deframe(maxMessage) }),
		variant("stays-after-fin", "keeps a connection that the other end has half-closed", func(s *script) { s.ended = func(*conn, bool) {} }),
	), slow)
}

// overStreams are variants of what there is on streams alone.
func overStreams(programs ...conformance.Program) []conformance.Program {
	for i := range programs {
		programs[i].Transports = []conformance.Transport{conformance.Mem}
	}
	return programs
}

// lawfulRejections reject in other ways.
func lawfulRejections() []conformance.Program {
	long := variant("deadline-30s", "has a handshake deadline of 30 s", func(s *script) {
		s.limit = func(*conn) time.Duration { return 30 * time.Second }
	})
	long.HandshakeDeadline = 30 * time.Second
	return append(overStreams(
		variant("deadline-from-m1", "counts the handshake's deadline from m1, and before that from the accepted connection", func(s *script) {
			s.next = func(c *conn, kind byte) func(*conn, message) {
				if c.state == start && kind == kindM1 {
					c.deadline = c.now + handshakeDeadline
				}
				return next(c, kind)
			}
		}),
		variant("resets", "ends a failed connection with RST", func(s *script) {
			s.fail = func(c *conn) {
				fail(c)
				c.out.Close, c.out.Reset = false, true
			}
			s.late = func(c *conn) { c.fail(c) }
		}),
		variant("fails-silently", "keeps the connection of a failed channel and never says anything again", func(s *script) {
			s.fail = func(c *conn) { c.state = failed }
		}),
		variant("bad-tag-dropped", "drops a message whose tag does not verify and goes on", func(s *script) {
			s.badRecord = func(*conn, []byte) {}
		}),
		variant("malformed-closes", "closes the connection of an open channel when an outer message does not parse", func(s *script) {
			s.refuse = func(c *conn, m message) {
				if m.kind < kindM1 {
					c.fail(c)
					return
				}
				refuse(c, m)
			}
		}),
		variant("first-message-dropped", "drops what arrives before any m1 and goes on waiting for it", func(s *script) {
			s.refuse = func(c *conn, m message) {
				if c.state != start {
					refuse(c, m)
				}
			}
		}),
	), long)
}

// lawfulRoutes have other routes.
func lawfulRoutes() []conformance.Program {
	return withProfiles(v1(), append(overStreams(
		variant("no-outer-routes", "leaves the outer routes empty", func(s *script) {
			s.header = func(*conn, byte) message { return message{} }
		}),
		// WIRE-010 and CHAN-014 ask more of a node; what an end point does that is none is not judged.
		variant("no-node", "is a channel end point and no node: it looks at no onward route and answers no ping", func(s *script) {
			s.ping = func(c *conn, m message) { c.refuse(c, m) }
			s.routed = func(c *conn, m message) (message, bool) {
				m.onward = nil
				return routed(c, m)
			}
		}),
		variant("local-address", "gives its channel a local address, which puts it on datagrams", localAddress),
		// CHAN-013 speaks of streams. A node has other channels on the connection, and what is to be written to one that ends is lost.
		variant("local-address-loses-written", "is on datagrams, and drops what it has to write when the connection ends", func(s *script) {
			localAddress(s)
			losesWritten(s)
		}),
	),
		variant("eight-addresses", "takes at most 8 addresses in a route", parsing(func(p *parser) { p.count = readCount(8) })),
		variant("configured-address", "gives an address that is not the one of its socket", func(s *script) {
			s.header = func(c *conn, kind byte) message {
				m := header(c, kind)
				m.back[0] = socketAddress(c.node.transport(), "192.0.2.1:4000")
				return m
			}
		}),
		variant("no-return-route-after-open", "gives its address in handshake messages only", func(s *script) {
			s.header = func(c *conn, kind byte) message {
				m := header(c, kind)
				if kind == kindPayload {
					m.back = nil
				}
				return m
			}
		}),
	)...)
}

// lawfulPayloads say other things.
func lawfulPayloads() []conformance.Program {
	programs := []conformance.Program{
		variant("empty-first-payload", "begins with an empty payload", beginning(nil)),
		variant("long-first-payload", "begins with a payload of 1,000 bytes", beginning(make([]byte, 1000))),
	}
	for i := range programs {
		programs[i].Roles = initiator()
	}
	programs = append(programs, withProfiles(v1(),
		variant("inner-return-route", "gives an inner return route with its payloads", func(s *script) {
			s.encode = func(m message) []byte {
				if m.kind == kindPayload && m.back == nil {
					m.back = route{{addressLocal, 3, 'a', 'p', 'p'}}
				}
				return m.encode()
			}
		}))...)
	return append(programs, withProfiles(c09(),
		forgoing("REC-013", variant("limits-with-header", "counts the inner header in the limits of its profile (REC-013)", func(s *script) {
			s.deframe = deframe(1024 + adversary.TagSize)
			s.say = func(c *conn, onward route, payload []byte) {
				if len(payload) <= 1008-4 {
					say(c, onward, payload)
				}
			}
		})),
		variant("static-key-kept", "has one static key for all handshakes", func(s *script) {
			s.static = func(c *conn) adversary.KeyPair { return c.node.key }
		}))...)
}

func variant(name, title string, alter change) conformance.Program {
	return program(name, title, altered(alter))
}

// forgoing is a variant that does not meet a SHOULD.
func forgoing(requirement string, p conformance.Program) conformance.Program {
	p.Forgoes = []string{requirement}
	return p
}

func withProfiles(profiles []string, programs ...conformance.Program) []conformance.Program {
	for i := range programs {
		programs[i].Profiles = profiles
	}
	return programs
}

func writing(f func(frames [][]byte) [][]byte) change {
	return func(s *script) { s.write = f }
}

// beginning replaces an initiator's one payload.
func beginning(payload []byte) change {
	return func(s *script) {
		s.opened = func(c *conn) { c.say(c, nil, payload) }
	}
}
