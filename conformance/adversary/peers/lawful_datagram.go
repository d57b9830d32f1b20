package peers

import (
	"slices"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// lawfulDatagrams use datagrams in other ways.
func lawfulDatagrams() []conformance.Program {
	programs := slices.Concat(lawfulSources(), lawfulRepeats(), lawfulWindows(), lawfulCounters(), lawfulListeners())
	for i := range programs {
		programs[i].Transports = []conformance.Transport{conformance.UDP}
	}
	return programs
}

func lawfulSources() []conformance.Program {
	return slices.Concat(
		withRoles(initiator(), withProfiles(v1(),
			variant("unconnected", "hears every source that speaks to an initiator's socket", fromAnywhere),
			variant("initiator-address", "gives an initiator's channel a local address", func(s *script) {
				s.addressed = func(*conn) bool { return true }
			}))...),
		withProfiles(v1(),
			variant("one-source", "drops a record that does not come from the source of the handshake", func(s *script) {
				s.find = func(c *conn, m message) (*channel, bool) {
					ch, ok := find(c, m)
					if ch != nil && ch.state == isOpen && ch.at != c {
						return nil, false
					}
					return ch, ok
				}
			})))
}

func lawfulRepeats() []conformance.Program {
	slowly := variant("repeats-slowly", "repeats m1 and m3 after 700 ms, and then in pauses that grow by half", func(s *script) {
		s.first = func(*conn) time.Duration { return 700 * time.Millisecond }
		s.pace = func(before time.Duration) time.Duration { return before * 3 / 2 }
	})
	never := variant("never-repeats", "repeats neither m1 nor m3", func(s *script) {
		s.first = func(*conn) time.Duration { return 0 }
	})
	never.Forgoes = []string{"TRAN-014"}
	once := variant("one-m3", "sends m3 once, whatever comes", func(s *script) {
		s.first = func(c *conn) time.Duration {
			if c.state == isOpen {
				return 0
			}
			return first(c)
		}
		s.refuse = func(c *conn, m message) {
			if c.state != isOpen {
				refuse(c, m)
			}
		}
	})
	once.Forgoes = []string{"TRAN-014"}
	return withRoles(initiator(), withProfiles(v1(), slowly, never, once)...)
}

func lawfulWindows() []conformance.Program {
	none := variant("no-window", "takes records in order alone", func(s *script) { s.open = openIn(1, 0) })
	none.Forgoes = []string{"REC-008"}
	return []conformance.Program{
		none,
		variant("window-of-1024", "looks 1,024 counters ahead and back", func(s *script) { s.open = openIn(1024, 1024) }),
	}
}

// lawfulCounters are senders of records that cannot travel (section 11). Whether one can depends on key and counter alone.
func lawfulCounters() []conformance.Program {
	return withProfiles([]string{"e09"},
		variant("next-counter", "sends a payload under the next counter at which it can travel", func(s *script) {
			s.say = func(c *conn, onward route, payload []byte) {
				for c.node.stuck(adversary.Seal(c.sendKey, c.sent, c.ad, []byte{1})) {
					c.sent++
				}
				say(c, onward, payload)
			}
		}))
}

func lawfulListeners() []conformance.Program {
	pins := program("pins-first-key", "takes the first static key for the only one", alteredTogether(func() change {
		pin := pinning()
		return func(s *script) { s.accept = pin }
	}))
	return append(withRoles(responder(), withProfiles(v1(),
		variant("long-local-addresses", "gives its channels local addresses of 64 bytes", func(s *script) {
			s.newAddress = func(c *conn) []byte { return append([]byte{addressLocal, 64}, c.noise(64)...) }
		}),
		variant("no-pong", "answers no ping", func(s *script) { s.ping = func(*conn, message) {} }),
		variant("half-open-by-source", "has at most 8 half-open handshakes of one source, of which the oldest gives way", func(s *script) {
			s.crowded = func(c *conn) {
				crowded(c)
				var half []*channel
				for _, ch := range c.mine {
					if slices.Contains(c.node.half, ch) {
						half = append(half, ch)
					}
				}
				if len(half) > 8 {
					c.forget(half[0])
				}
			}
		}))...), pins)
}

func withRoles(roles []conformance.Role, programs ...conformance.Program) []conformance.Program {
	for i := range programs {
		programs[i].Roles = roles
	}
	return programs
}
