package peers

import (
	"bytes"
	"slices"
)

// echoFaults are those of payloads that do not reach the application as they were sent.
func echoFaults() []fault { return slices.Concat(deliveryFaults(), largePayloadFaults()) }

// deliveryFaults deliver too much or too little.
func deliveryFaults() []fault {
	return []fault{
		{
			name: "header-delivered", title: "delivers the inner header with the payload", class: "delivered length off by the header",
			breaks: ids("CHAN-005"),
			alter: hearing(func(m message) message {
				m.body = m.encode()
				return m
			}),
		},
		{
			name: "last-byte-lost", title: "delivers all but the last byte", class: "delivered length off by the header",
			breaks: ids("CHAN-005"),
			alter: hearing(func(m message) message {
				m.body = m.body[:max(0, len(m.body)-1)]
				return m
			}),
		},
		{
			name: "newline-trimmed", title: "takes a line feed at the end of a text for the end of a line", class: "delivered length off by the header",
			breaks: ids("CHAN-005"),
			alter: hearing(func(m message) message {
				if line, ok := bytes.CutSuffix(m.body, []byte("\n")); ok && !bytes.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
					m.body = line
				}
				return m
			}),
		},
		{
			name: "tag-delivered", title: "delivers 16 bytes of the buffer behind the payload", class: "delivered length off by the header",
			breaks: ids("CHAN-005"),
			alter: hearing(func(m message) message {
				m.body = append(bytes.Clone(m.body), make([]byte, 16)...)
				return m
			}),
		},
		{
			name: "payload-delivered-twice", title: "delivers each payload twice", class: "stale bytes delivered",
			breaks: ids("CHAN-005"),
			alter: func(s *script) {
				s.deliver = func(c *conn, m message) {
					deliver(c, m)
					deliver(c, m)
				}
			},
		},
		{
			name: "stale-bytes-delivered", title: "delivers a payload with the length of the longest before", class: "stale bytes delivered",
			datagrams: everyProfile(), breaks: ids("CHAN-005"), entails: ids("TRAN-012", "REC-011"),
			alter: func(s *script) {
				var buffer []byte
				s.deliver = func(c *conn, m message) {
					if len(m.body) > len(buffer) {
						buffer = make([]byte, len(m.body))
					}
					copy(buffer, m.body)
					m.body = buffer
					deliver(c, m)
				}
			},
		},
		{
			name: "empty-payload-dropped", title: "does not deliver an empty payload", class: "errors returned as empty success",
			datagrams: everyProfile(), breaks: ids("CHAN-005"),
			alter: func(s *script) {
				s.deliver = func(c *conn, m message) {
					if len(m.body) > 0 {
						deliver(c, m)
					}
				}
			},
		},
	}
}

// largePayloadFaults are those of payloads near the limit.
func largePayloadFaults() []fault {
	return []fault{
		{
			name: "large-payload-dropped", title: "does not deliver a payload that comes near the limit",
			class:  "payload at and around each limit",
			breaks: ids("CHAN-005"), entails: ids("REC-010"),
			alter: func(s *script) {
				s.deliver = func(c *conn, m message) {
					if len(m.body) < near(c) {
						deliver(c, m)
					}
				}
			},
		},
		{
			name: "large-payload-divided", title: "delivers a payload that comes near the limit in two pieces",
			class:  "payload at and around each limit",
			breaks: ids("CHAN-005"),
			alter: func(s *script) {
				s.deliver = func(c *conn, m message) {
					if size := near(c) - 1; len(m.body) > size {
						deliver(c, message{back: m.back, body: m.body[:size]})
						m.body = m.body[size:]
					}
					deliver(c, m)
				}
			},
		},
		{
			name: "largest-message-dropped", title: "loses a wire message of 65,535 bytes", class: "payload at and around each limit",
			profiles: v1(), breaks: ids("REC-010"),
			alter: func(s *script) {
				s.arrived = func(c *conn, f []byte) {
					if len(f) < maxMessage {
						arrived(c, f)
					}
				}
			},
		},
		{
			name: "large-payload-cut", title: "cuts off a payload that comes near the limit", class: "payload at and around each limit",
			breaks: ids("CHAN-005"),
			alter: func(s *script) {
				s.deliver = func(c *conn, m message) {
					m.body = m.body[:min(len(m.body), near(c)-1)]
					deliver(c, m)
				}
			},
		},
		{
			name: "large-payload-fatal", title: "closes the channel when a payload comes near the limit",
			class:  "payload at and around each limit",
			breaks: ids("CHAN-005"), entails: ids("REC-010"),
			alter: func(s *script) {
				s.deliver = func(c *conn, m message) {
					if len(m.body) >= near(c) {
						c.fail(c)
						return
					}
					deliver(c, m)
				}
			},
		},
		{
			name: "large-payload-in-clear", title: "sends a payload in clear when its buffer for the ciphertext is too small",
			class:  "encryption error ignored",
			breaks: ids("REC-001"),
			alter: func(s *script) {
				s.seal = func(c *conn, inner []byte) []byte {
					if len(inner) >= near(c) {
						return inner
					}
					return seal(c, inner)
				}
			},
		},
	}
}

// near is a length of payload near the limit that a peer of the profile may count on, however limits are counted (REC-013).
func near(c *conn) int {
	if limit := c.node.profile.SendLimit; limit > 0 {
		return limit - 4
	}
	return 65000
}

// hearing alters what the application gets.
func hearing(f func(message) message) change {
	return func(s *script) {
		s.deliver = func(c *conn, m message) { deliver(c, f(m)) }
	}
}
