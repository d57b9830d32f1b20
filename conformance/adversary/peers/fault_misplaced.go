package peers

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"ockamtest/conformance/adversary"
)

// misplacedFaults are those of messages that are for somebody else than the channel (CHAN-014), and of what shows only when the same comes
// twice.
func misplacedFaults() []fault {
	return slices.Concat(besidePingFaults(), otherAddressFaults(), sameAgainFaults())
}

// besidePingFaults are those of pings beside a channel.
func besidePingFaults() []fault {
	return []fault{
		{
			name: "ping-ends-handshake", title: "gives up the handshake that is under way when a ping comes",
			class:    "m1, m2 accepted in the wrong state or role",
			profiles: v1(), datagrams: v1(), breaks: ids("CHAN-014"),
			alter: func(s *script) {
				s.ping = func(c *conn, m message) {
					ping(c, m)
					c.endAll(sentM1, sentM2)
				}
			},
		},
		{
			name: "ping-ends-channel", title: "gives up its open channel when a ping comes",
			class:    "m1, m2 accepted in the wrong state or role",
			profiles: v1(), datagrams: v1(), breaks: ids("CHAN-014"),
			alter: func(s *script) {
				s.ping = func(c *conn, m message) {
					ping(c, m)
					c.endAll(isOpen)
				}
			},
		},
		{
			name: "ping-in-handshake-unanswered", title: "answers no ping while a handshake is under way",
			class:    "m1, m2 accepted in the wrong state or role",
			profiles: v1(), datagrams: v1(), breaks: ids("CHAN-014"),
			alter: func(s *script) {
				s.ping = func(c *conn, m message) {
					if !slices.ContainsFunc(c.mine, func(ch *channel) bool { return ch.state == sentM1 || ch.state == sentM2 }) {
						ping(c, m)
					}
				}
			},
		},
	}
}

// otherAddressFaults are those of messages for an address that the peer does not have.
func otherAddressFaults() []fault {
	fatal := func(name, title string, entails []string, states ...state) fault {
		return fault{
			name: name, title: title, class: "unknown address kills the node",
			profiles: v1(), datagrams: []string{"v1", "e09"}, breaks: ids("CHAN-014"), entails: entails,
			alter: func(s *script) {
				s.find = func(c *conn, m message) (*channel, bool) {
					ch, ok := find(c, m)
					if !ok && len(m.onward) > 0 {
						c.endAll(states...)
					}
					return ch, ok
				}
			},
		}
	}
	return []fault{
		fatal("other-address-ends-handshake", "gives up the handshake that is under way when a message for an unknown address comes",
			ids("NOISE-017"), sentM1, sentM2),
		fatal("other-address-ends-channel", "gives up its open channel when a message for an unknown address comes", nil, isOpen),
	}
}

// endAll fails the channels of this connection or source that are in one of the states.
func (c *conn) endAll(states ...state) {
	for _, ch := range slices.Clone(c.mine) {
		if slices.Contains(states, ch.state) {
			c.channel = ch
			c.fail(c)
		}
	}
}

// sameAgainFaults are those that show when the same bytes come twice.
func sameAgainFaults() []fault {
	return []fault{
		{
			name: "ephemeral-from-m1", title: "derives a responder's ephemeral key from its seed and m1", class: "repeated ephemeral keys",
			roles: responder(), datagrams: everyProfile(), breaks: ids("NOISE-008"),
			alter: ephemeralFromM1,
		},
		copiedM1("copied-m1-answered-to-first", "answers an m1 that another source has sent before to that one", true),
		copiedM1("copied-m1-dropped", "drops an m1 that another source has sent before", false),
		{
			name: "forgery-reopens-counter", title: "takes the last counter for one that is missing when a record does not verify",
			class:     "replay accepted",
			datagrams: everyProfile(), onlyDatagrams: true, breaks: ids("REC-007"),
			alter: func(s *script) {
				s.badRecord = func(c *conn, _ []byte) {
					if c.received > 0 {
						c.missed[c.received-1] = true
					}
				}
			},
		},
		{
			name: "early-end-ends-listener", title: "stops accepting when a connection ends before a byte has come",
			class:  "close inside a frame",
			breaks: ids("TRAN-004"),
			build: alteredTogether(func() change {
				gone := false
				return func(s *script) {
					heard := false
					s.began = func(c *conn) {
						if !gone {
							began(c)
						}
					}
					s.receive = func(c *conn, p []byte) {
						if heard = true; !gone {
							receive(c, p)
						}
					}
					s.ended = func(c *conn, orderly bool) {
						gone = gone || !heard
						ended(c, orderly)
					}
				}
			}),
		},
	}
}

// ephemeralFromM1 makes the same ephemeral key whenever the same m1 comes.
func ephemeralFromM1(s *script) {
	var m1 []byte
	s.next = func(c *conn, kind byte) func(*conn, message) {
		take := next(c, kind)
		if take == nil || c.state != start {
			return take
		}
		return func(c *conn, m message) {
			m1 = m.body
			take(c, m)
		}
	}
	s.ephemeral = func(c *conn) adversary.KeyPair {
		private := sha256.Sum256(append(m1, c.node.key.Public...))
		for {
			private[0] &= 0x7f // below the order of P-256
			if pair := adversary.NewKeyPair(c.node.profile.Suite, private[:]); !c.node.stuck(pair.Public) {
				return pair
			}
			private = sha256.Sum256(private[:])
		}
	}
}

// copiedM1 takes an m1 for a repeat though it comes from another source than the first.
func copiedM1(name, title string, answered bool) fault {
	return fault{
		name: name, title: title, class: "one source blocks another",
		roles: responder(), profiles: v1(), datagrams: []string{"v1", "e09"}, onlyDatagrams: true, breaks: ids("TRAN-012"),
		alter: func(s *script) {
			s.listen = func(c *conn, m message) (*channel, bool) {
				for _, known := range c.node.begun {
					if bytes.Equal(known.m1, m.body) && known.at != c {
						return known, answered
					}
				}
				return listen(c, m)
			}
		},
	}
}
