package peers

import (
	"bytes"
	"slices"
	"time"
)

// channelFaults are those of messages in the wrong state, and of deadlines.
func channelFaults() []fault {
	return slices.Concat(beforeOpenFaults(), orderFaults(), afterOpenFaults(), deadlineFaults())
}

// beforeOpenFaults send or deliver payloads too early.
func beforeOpenFaults() []fault {
	return []fault{
		{
			name: "plaintext-before-open", title: "echoes a payload in clear before the channel is open", class: "plaintext before open",
			datagrams: typedProfiles(), breaks: ids("CHAN-002"),
			alter: func(s *script) {
				s.next = func(c *conn, kind byte) func(*conn, message) {
					if c.state != isOpen && kind == kindPayload {
						return (*conn).echoInClear
					}
					return next(c, kind)
				}
				s.find = func(c *conn, m message) (*channel, bool) {
					if len(m.onward) == 0 && c.plain == nil && m.kind == kindPayload {
						return c.newChannel(), true
					}
					return find(c, m)
				}
			},
		},
		{
			name: "early-payload-kept", title: "keeps a transport message that comes before m3 and delivers it afterwards",
			class: "state open before m3 is verified",
			roles: responder(), profiles: v1(), datagrams: v1(), breaks: ids("CHAN-002"), entails: ids("NOISE-006"),
			alter: func(s *script) {
				var early []message
				s.next = func(c *conn, kind byte) func(*conn, message) {
					if c.state == sentM2 && kind == kindPayload {
						return func(_ *conn, m message) { early = append(early, message{kind: kind, body: bytes.Clone(m.body)}) }
					}
					return next(c, kind)
				}
				s.opened = func(c *conn) {
					for _, m := range early {
						c.takeRecord(m)
					}
				}
			},
		},
		{
			name: "speaks-before-open", title: "sends a payload in clear when the handshake takes more than 20 ms",
			class:     "plaintext before open",
			datagrams: everyProfile(),
			breaks:    ids("CHAN-002"), entails: ids("NOISE-017", "WIRE-008", "TRAN-002", "TRAN-012", "TRAN-014", "TRAN-015", "ROUT-003", "ROUT-007"),
			alter: func(s *script) {
				s.limit = func(*conn) time.Duration { return 20 * time.Millisecond }
				s.late = func(c *conn) {
					if c.state != start {
						c.post(kindPayload, []byte("hello"))
					}
					c.deadline += handshakeDeadline
					c.late = late
				}
			},
		},
	}
}

// orderFaults take handshake messages in the wrong state or role.
func orderFaults() []fault {
	return []fault{
		{
			name: "m1-accepted-twice", title: "answers another m1 while it waits for m3", class: "m1, m2 accepted in the wrong state or role",
			roles: responder(), breaks: ids("CHAN-001"),
			alter: func(s *script) {
				s.next = func(c *conn, kind byte) func(*conn, message) {
					if c.state == sentM2 && kind == kindM1 {
						return (*conn).takeM1
					}
					return next(c, kind)
				}
			},
		},
		{
			name: "m1-accepted-by-initiator", title: "answers an m1 while it waits for m2", class: "m1, m2 accepted in the wrong state or role",
			roles: initiator(), breaks: ids("CHAN-001"),
			alter: func(s *script) {
				s.next = func(c *conn, kind byte) func(*conn, message) {
					if c.state == sentM1 && kind == kindM1 {
						return (*conn).takeM1
					}
					return next(c, kind)
				}
			},
		},
		{
			name: "handshake-type-ignored", title: "takes a handshake message for the one that it waits for, whatever its type",
			class: "m1, m2 accepted in the wrong state or role", datagrams: typedProfiles(), breaks: ids("CHAN-001"),
			alter: func(s *script) {
				s.next = func(c *conn, kind byte) func(*conn, message) { return next(c, expected(c, kind)) }
				s.find = func(c *conn, m message) (*channel, bool) {
					if len(m.onward) == 0 && c.plain == nil && m.kind > kindM1 { // no channel waits for it: the listener does
						m.kind = kindM1
					}
					return find(c, m)
				}
			},
		},
	}
}

// afterOpenFaults do not drop handshake messages on an open channel.
func afterOpenFaults() []fault {
	return []fault{
		{
			name: "m1-after-open", title: "begins a new handshake when an m1 arrives on an open channel",
			class: "m1, m2 accepted in the wrong state or role",
			roles: responder(), profiles: v1(), datagrams: c010(), breaks: ids("CHAN-003"),
			alter: func(s *script) {
				s.next = func(c *conn, kind byte) func(*conn, message) {
					if c.state == isOpen && kind == kindM1 {
						return (*conn).takeM1
					}
					return next(c, kind)
				}
			},
		},
		{
			name: "handshake-message-after-open-fatal", title: "closes an open channel when a handshake message arrives",
			class:    "m1, m2 accepted in the wrong state or role",
			profiles: v1(), breaks: ids("CHAN-003"), entails: ids("CHAN-011"),
			alter: func(s *script) {
				s.refuse = func(c *conn, m message) {
					if m.kind >= kindM1 {
						c.fail(c)
						return
					}
					refuse(c, m)
				}
			},
		},
		{
			name: "handshake-message-after-open-resets", title: "starts its counters again when a handshake message arrives on an open channel",
			class:    "nonce reuse after an error",
			profiles: v1(), datagrams: []string{"v1", "c010"}, breaks: ids("CHAN-003"), entails: ids("TRAN-013", "REC-003"),
			alter: func(s *script) {
				s.refuse = func(c *conn, m message) {
					if c.state == isOpen && m.kind >= kindM1 {
						c.sent, c.received = 0, 0
					}
					refuse(c, m)
				}
			},
		},
		{
			name: "record-in-any-type", title: "takes a handshake message on an open channel for a transport message",
			class:    "untagged payload taken for a handshake message",
			profiles: v1(), datagrams: []string{"v1", "c010"}, breaks: ids("CHAN-003"), entails: ids("TRAN-014"),
			alter: func(s *script) {
				s.next = func(c *conn, kind byte) func(*conn, message) {
					if c.state == isOpen {
						return (*conn).takeRecord
					}
					return next(c, kind)
				}
			},
		},
	}
}

// deadlineFaults are those of the deadline.
func deadlineFaults() []fault {
	return []fault{
		{
			name: "no-handshake-deadline", title: "waits for ever for the next handshake message", class: "no handshake timeout",
			datagrams: everyProfile(), breaks: ids("NOISE-013"),
			alter: func(s *script) {
				s.limit = func(*conn) time.Duration { return 0 }
			},
		},
		{
			name: "deadline-extended-by-traffic", title: "starts the handshake's deadline again with every byte", class: "no handshake timeout",
			breaks: ids("NOISE-013"),
			alter: func(s *script) {
				s.receive = func(c *conn, p []byte) {
					for _, ch := range c.mine {
						if ch.deadline > 0 {
							ch.deadline = c.now + handshakeDeadline
						}
					}
					receive(c, p)
				}
			},
		},
		{
			name: "deadline-without-close", title: "forgets a handshake at its deadline and keeps its connection", class: "no handshake timeout",
			breaks: ids("NOISE-013"),
			alter: func(s *script) {
				s.late = func(c *conn) { c.state, c.deadline = failed, 0 }
			},
		},
		{
			name: "deadline-of-a-minute", title: "has a handshake deadline of 60 s", class: "no handshake timeout",
			breaks: ids("NOISE-013"),
			alter: func(s *script) {
				s.limit = func(*conn) time.Duration { return time.Minute }
			},
		},
		{
			name: "deadline-ends-with-m1", title: "waits for ever for m3", class: "no handshake timeout",
			roles: responder(), breaks: ids("NOISE-013"),
			alter: func(s *script) {
				s.next = func(c *conn, kind byte) func(*conn, message) {
					take := next(c, kind)
					if take == nil || c.state != start {
						return take
					}
					return func(c *conn, m message) {
						take(c, m)
						c.deadline = 0
					}
				}
			},
		},
	}
}

// expected is the type of the handshake message that the channel waits for.
func expected(c *conn, kind byte) byte {
	switch c.state {
	case start:
		return kindM1
	case sentM1:
		return kindM2
	case sentM2:
		return kindM3
	default:
		return kind
	}
}
