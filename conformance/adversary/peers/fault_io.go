package peers

import (
	"bytes"
	"slices"

	"ockamtest/conformance/adversary"
)

// ioFaults are those of what an application reads and writes, and of limits.
func ioFaults() []fault {
	return slices.Concat(readFaults(), writeFaults(), tooLongFaults(), spentFaults(), acceptFaults(), onStreamFaults())
}

// readFaults are those of reading.
func readFaults() []fault {
	return []fault{
		{
			name: "reads-merged", title: "reads what has arrived in one segment as one message", class: "frame across segments",
			breaks: ids("IO-001"), entails: ids("TRAN-003"),
			alter: func(s *script) {
				var read []message
				s.deliver = func(_ *conn, m message) { read = append(read, m) }
				s.receive = func(c *conn, p []byte) {
					read = nil
					receive(c, p)
					if len(read) == 0 {
						return
					}
					all := message{back: read[0].back}
					for _, m := range read {
						all.body = append(all.body, m.body...)
					}
					deliver(c, all)
				}
			},
		},
		{
			name: "empty-payload-ends", title: "takes an empty payload for the end of the stream", class: "errors returned as empty success",
			breaks: ids("IO-003"), entails: ids("CHAN-005"),
			alter: func(s *script) {
				s.deliver = func(c *conn, m message) {
					if len(m.body) == 0 {
						c.fail(c)
						return
					}
					deliver(c, m)
				}
			},
		},
		{
			name: "end-as-empty-payload", title: "delivers the end of the stream as an empty payload", class: "errors returned as empty success",
			breaks: ids("IO-003"), entails: ids("CHAN-013"),
			alter: func(s *script) {
				s.ended = func(c *conn, orderly bool) {
					if c.state == isOpen && len(c.in) == 0 {
						c.deliver(c, message{})
					}
					ended(c, orderly)
				}
			},
		},
		{
			name: "short-record-as-last", title: "reports the read before when a record is too short to be one", class: "stale bytes delivered",
			datagrams: everyProfile(), breaks: ids("IO-004"), entails: ids("REC-006", "TRAN-006", "TRAN-013"),
			alter: func(s *script) {
				var last message
				s.deliver = func(c *conn, m message) {
					last = message{back: m.back, onward: m.onward, body: bytes.Clone(m.body)}
					deliver(c, m)
				}
				s.badRecord = func(c *conn, ciphertext []byte) {
					if len(ciphertext) < adversary.TagSize {
						deliver(c, last)
						return
					}
					badRecord(c, ciphertext)
				}
			},
		},
	}
}

// writeFaults are those of writing.
func writeFaults() []fault {
	return []fault{
		{
			name: "write-in-two-messages", title: "writes a payload of more than 600 bytes in two messages",
			class:  "payload at and around each limit",
			breaks: ids("IO-001"), entails: ids("CHAN-005", "TRAN-001"),
			alter: func(s *script) {
				s.say = func(c *conn, onward route, payload []byte) {
					if len(payload) > 600 {
						say(c, onward, payload[:600])
						payload = payload[600:]
					}
					say(c, onward, payload)
				}
			},
		},
		{
			name: "frame-in-two-writes", title: "writes each frame in two halves", class: "frame across segments",
			breaks: ids("TRAN-007"),
			alter: writing(func(frames [][]byte) (out [][]byte) {
				for _, f := range frames {
					out = append(out, f[:len(f)/2], f[len(f)/2:])
				}
				return out
			}),
		},
		{
			name: "close-loses-written", title: "drops what it has to write when the other end has nothing more to say",
			class:  "close inside a frame",
			breaks: ids("CHAN-013"), alter: losesWritten,
		},
	}
}

// losesWritten drops what is to be written when the other end has nothing more to say.
func losesWritten(s *script) {
	s.push = func(c *conn, m []byte) { c.pending = append(c.pending, c.frame(m)) } // until the next turn
	s.ended = func(c *conn, orderly bool) {
		c.frames, c.pending = nil, nil
		ended(c, orderly)
	}
}

// tooLongFaults are those of echoes that do not fit a message.
func tooLongFaults() []fault {
	instead := func(name, title string, breaks []string, f func(c *conn, onward route, inner, payload []byte)) fault {
		return fault{
			name: name, title: title, class: "payload at and around each limit", datagrams: everyProfile(), breaks: breaks,
			alter: func(s *script) {
				s.say = func(c *conn, onward route, payload []byte) {
					if inner, long := c.tooLong(onward, payload); long {
						f(c, onward, inner, payload)
						return
					}
					say(c, onward, payload)
				}
			},
		}
	}
	return []fault{
		instead("too-long-sent", "sends a message of any length", ids("TRAN-005"),
			func(c *conn, _ route, inner, _ []byte) { c.sendRecord(c.seal(c, inner)) }),
		instead("too-long-cut", "cuts a payload that does not fit a message", ids("TRAN-005"),
			func(c *conn, onward route, _, payload []byte) { say(c, onward, payload[:len(payload)-100]) }),
		instead("too-long-counted", "uses a counter for a payload that does not fit a message", ids("REC-010"),
			func(c *conn, _ route, _, _ []byte) { c.sent++ }),
	}
}

// tooLong makes the inner message of a payload, and tells whether its message would be longer than the profile allows.
func (c *conn) tooLong(onward route, payload []byte) (inner []byte, long bool) {
	p := c.node.profile
	m := message{onward: onward[:min(len(onward), p.MaxInnerOnward)], kind: kindPayload, body: payload}
	if p.InnerOnwardNeeded {
		m.back = route{{addressLocal, 3, 'a', 'p', 'p'}}
	}
	inner = c.encode(m)
	if p.SendLimit > 0 {
		return inner, len(payload) > p.SendLimit
	}
	limit := p.MessageLimit
	if c.node.datagrams {
		limit = min(limit, maxDatagram)
	}
	header := c.header(c, kindPayload)
	header.kind = kindPayload
	return inner, len(c.encode(header))+len(inner)+adversary.TagSize > limit
}

// spentFaults are those of limits that are reached.
func spentFaults() []fault {
	return []fault{
		{
			name: "spent-counter-fatal", title: "fails its channel when a record arrives for which no counter is left", class: "nonce wrap",
			breaks: ids("REC-014"),
			alter: func(s *script) {
				s.badRecord = func(c *conn, ciphertext []byte) {
					if c.received > maxCounter {
						c.fail(c)
						return
					}
					badRecord(c, ciphertext)
				}
			},
		},
		{
			name: "payload-limit-of-1004", title: "counts the inner header in the limits of its profile, and drops what is longer",
			class:    "payload at and around each limit",
			profiles: c09(), datagrams: c09(), breaks: ids("REC-013"),
			alter: hearingAtMost(1004),
		},
		{
			name: "static-key-per-handshake", title: "makes a static key for each handshake", class: "repeated ephemeral keys",
			roles: responder(), profiles: v1(), datagrams: []string{"v1", "e09"}, breaks: ids("NOISE-012"),
			alter: func(s *script) {
				s.static = func(c *conn) adversary.KeyPair { return c.node.newKey() }
			},
		},
	}
}

// hearingAtMost drops longer payloads.
func hearingAtMost(limit int) change {
	return func(s *script) {
		s.deliver = func(c *conn, m message) {
			if len(m.body) <= limit {
				deliver(c, m)
			}
		}
	}
}

// acceptFaults are those of connections that come and go.
func acceptFaults() []fault {
	return []fault{
		{
			name: "failed-handshakes-end-listener", title: "stops accepting when twenty handshakes in a row were not completed",
			class: "half-open handshakes exhaust the node",
			roles: responder(), datagrams: everyProfile(), breaks: ids("TRAN-021"),
			build: alteredTogether(func() change {
				row := 0
				return func(s *script) {
					gone := row >= 20
					s.began = func(c *conn) {
						row++
						began(c)
					}
					s.receive = func(c *conn, p []byte) {
						if !gone {
							receive(c, p)
						}
					}
					s.opened = func(c *conn) {
						row = 0
						opened(c)
					}
				}
			}),
		},
		{
			name: "connections-not-released", title: "keeps the descriptors of connections that say nothing, and has a thousand",
			class: "close inside a frame",
			roles: responder(), breaks: ids("TRAN-022"),
			build: alteredTogether(func() change {
				kept := 0
				return func(s *script) {
					heard := false
					s.began = func(c *conn) {
						if began(c); kept >= 1000 {
							c.out.Close = true
						}
					}
					s.receive = func(c *conn, p []byte) {
						heard = true
						receive(c, p)
					}
					s.ended = func(c *conn, orderly bool) {
						if !heard {
							kept++
						}
						ended(c, orderly)
					}
				}
			}),
		},
	}
}

// onStreamFaults are wrong about whether a channel is on a stream (CHAN-011).
func onStreamFaults() []fault {
	return []fault{
		{
			name: "tcp-is-stream", title: "takes every channel over TCP for one on a stream", class: "one forged datagram ends a channel",
			profiles: v1(), breaks: ids("CHAN-011"),
			alter: func(s *script) {
				s.refuse = func(c *conn, m message) {
					c.onStream = c.state != start
					refuse(c, m)
				}
				s.badRecord = func(c *conn, _ []byte) {
					c.onStream = true
					c.fail(c)
				}
			},
		},
		{
			name: "rejected-route-believed", title: "learns from a handshake message that it rejects that the channel is on datagrams",
			class:    "reply-route hijack by an unauthenticated message",
			profiles: v1(), breaks: ids("CHAN-011"),
			alter: func(s *script) {
				s.refuse = func(c *conn, m message) {
					c.onStream = c.onStream && !m.back.local()
					refuse(c, m)
				}
			},
		},
	}
}
