package peers

import (
	"bytes"
	"slices"
	"time"

	"ockamtest/ref/profile"
)

// repeatFaults are those of TRAN-014 to TRAN-016.
func repeatFaults() []fault {
	return onDatagrams(slices.Concat(initiatorRepeatFaults(), profileRepeatFaults(), responderRepeatFaults()))
}

func initiatorRepeatFaults() []fault {
	return []fault{
		{
			name: "repeats-evenly", title: "repeats m1 and m3 every 300 ms", class: "repeats",
			roles: initiator(), breaks: ids("TRAN-014"),
			alter: func(s *script) {
				s.first = func(*conn) time.Duration { return 300 * time.Millisecond }
				s.pace = func(before time.Duration) time.Duration { return before }
			},
		},
		{
			name: "m1-repeated-with-another-key", title: "sends another m1 when the first is not answered", class: "repeats",
			roles: initiator(), breaks: ids("TRAN-014"), entails: ids("CHAN-002"),
			alter: func(s *script) {
				s.again = func(c *conn) {
					if c.state == sentM1 {
						c.sendM1()
						return
					}
					again(c)
				}
			},
		},
		{
			name: "m1-repeated-after-m2", title: "goes on repeating m1 when the channel is open", class: "repeats",
			roles: initiator(), breaks: ids("TRAN-014"),
			alter: func(s *script) {
				s.again = func(c *conn) {
					again(c)
					if c.state == isOpen {
						c.post(kindM1, c.m1)
					}
				}
			},
		},
		{
			name: "m3-repeated-after-answer", title: "goes on repeating m3 when a transport message has verified", class: "repeats",
			roles: initiator(), breaks: ids("TRAN-014"),
			alter: func(s *script) {
				s.deliver = func(c *conn, m message) {
					c.schedule()
					deliver(c, m)
				}
			},
		},
		{
			name: "m3-repeated-often", title: "repeats m3 twenty times", class: "repeats",
			roles: initiator(), breaks: ids("TRAN-014"),
			alter: func(s *script) {
				s.pace = func(before time.Duration) time.Duration { return before + 10*time.Millisecond }
				s.first = func(*conn) time.Duration { return 150 * time.Millisecond }
				s.again = func(c *conn) {
					c.repeats = min(c.repeats, 0)
					again(c)
				}
			},
		},
		{
			name: "m2-repeat-unanswered", title: "drops an m2 that comes again", class: "repeats",
			roles: initiator(), breaks: ids("TRAN-014"),
			alter: func(s *script) {
				s.refuse = func(c *conn, m message) {
					if c.state != isOpen {
						refuse(c, m)
					}
				}
			},
		},
	}
}

// profileRepeatFaults repeat where the profile's peers do not (TRAN-014, TRAN-016).
func profileRepeatFaults() []fault {
	return []fault{
		{
			name: "repeats-in-every-profile", title: "repeats m1 and m3 in profiles whose peers do not", class: "repeats",
			roles: initiator(), profiles: c09(), datagrams: []string{"c09", "e09", "c010"}, breaks: ids("TRAN-014"),
			alter: func(s *script) {
				s.first = func(*conn) time.Duration { return firstPause }
			},
		},
		{
			name: "m3-repeated-in-every-profile", title: "repeats m3 in profiles whose peers do not", class: "repeats",
			roles: initiator(), profiles: c09(), breaks: ids("TRAN-016"),
			alter: func(s *script) {
				s.first = func(c *conn) time.Duration {
					if c.state == isOpen {
						return firstPause
					}
					return 0
				}
			},
		},
	}
}

func responderRepeatFaults() []fault {
	return []fault{
		{
			name: "m2-by-timer", title: "sends m2 again when it gets no m3", class: "repeats",
			roles: responder(), datagrams: everyProfile(), breaks: ids("TRAN-015"),
			alter: func(s *script) {
				s.crowded = func(c *conn) {
					crowded(c)
					c.repeat = c.now + firstPause
				}
				s.again = func(c *conn) {
					if c.repeat = 0; c.state == sentM2 {
						c.post(kindM2, c.m2)
					}
				}
			},
		},
		{
			name: "m1-repeat-answered-twice", title: "sends two m2 for an m1 that comes again", class: "repeats",
			roles: responder(), breaks: ids("TRAN-015"),
			alter: func(s *script) {
				s.refuse = func(c *conn, m message) {
					refuse(c, m)
					refuse(c, m)
				}
			},
		},
		{
			name: "m1-repeat-unanswered", title: "drops an m1 that comes again", class: "repeats",
			roles: responder(), breaks: ids("TRAN-015"),
			alter: func(s *script) {
				s.refuse = func(*conn, message) {}
			},
		},
		{
			name: "m1-repeat-redirects", title: "sends m2 by the route of the m1 that came last", class: "reply-route hijack by an unauthenticated message",
			roles: responder(), breaks: ids("TRAN-015"),
			alter: func(s *script) {
				s.refuse = func(c *conn, m message) {
					if c.state == sentM2 && m.kind == kindM1 && bytes.Equal(m.body, c.m1) {
						c.learn(m.back)
					}
					refuse(c, m)
				}
			},
		},
	}
}

// dialectFaults speak another profile than they are asked for.
func dialectFaults() []fault {
	as := func(name, title string, asked string, breaks ...string) fault {
		return fault{
			name: name, title: title, class: "another dialect", profiles: []string{asked}, datagrams: []string{asked}, breaks: breaks,
			build: buildIn(profile.V1()),
		}
	}
	return onDatagrams([]fault{
		as("v1-as-e09", "speaks version 1 when asked for e09", "e09", "CHAN-001", "NOISE-002"),
		as("v1-as-c010", "speaks version 1 when asked for c010", "c010", "CHAN-001", "NOISE-002"),
	})
}
