package peers

import (
	"bytes"
	"encoding/binary"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// datagramFaults are those of section 3.2 but for repeats.
func datagramFaults() []fault {
	return onDatagrams(slices.Concat(datagramFormFaults(), junkFaults(), sourceFaults(), halfOpenFaults()))
}

// onDatagrams are faults that there are over UDP alone.
func onDatagrams(faults []fault) []fault {
	for i := range faults {
		faults[i].onlyDatagrams = true
	}
	return faults
}

// datagramFormFaults are those of what a datagram holds.
func datagramFormFaults() []fault {
	return []fault{
		{
			name: "datagram-framed", title: "writes and reads a length before the message in a datagram", class: "datagrams taken for a stream",
			datagrams: everyProfile(), breaks: ids("TRAN-010"),
			alter: func(s *script) {
				s.frame = frame
				s.receive = func(c *conn, p []byte) {
					if len(p) >= 2 {
						receive(c, p[2:])
					}
				}
			},
		},
		{
			name: "length-in-datagram-skipped", title: "skips a length before the message in a datagram", class: "datagrams taken for a stream",
			datagrams: everyProfile(), breaks: ids("TRAN-010"),
			alter: func(s *script) {
				s.receive = func(c *conn, p []byte) {
					if len(p) > 2 && int(binary.BigEndian.Uint16(p)) == len(p)-2 {
						p = p[2:]
					}
					receive(c, p)
				}
			},
		},
		{
			name: "datagram-cut", title: "reads the head of a datagram that is longer than its buffer", class: "datagram delivered truncated",
			datagrams: everyProfile(), breaks: ids("TRAN-011"), entails: ids("CHAN-005", "REC-010", "REC-013"),
			alter: func(s *script) {
				s.receive = func(c *conn, p []byte) {
					size := 2048
					if c.node.profile.ReceiveLimit > 0 {
						size = 1024
					}
					receive(c, p[:min(len(p), size)])
				}
			},
		},
	}
}

// junkFaults are those of datagrams that are no messages, or come twice.
func junkFaults() []fault {
	return []fault{
		{
			name: "empty-datagram-crash", title: "reads the first byte of a datagram that has none", class: "zero-length datagram",
			datagrams: everyProfile(), breaks: ids("TRAN-013"), entails: ids("REC-006"),
			alter: func(s *script) {
				s.receive = func(c *conn, p []byte) {
					_ = p[0]
					receive(c, p)
				}
			},
		},
		{
			name: "empty-datagram-ends", title: "takes an empty datagram for the end of its source", class: "zero-length datagram",
			datagrams: everyProfile(), breaks: ids("TRAN-013"), entails: ids("REC-005"),
			alter: func(s *script) {
				ended := false
				s.receive = func(c *conn, p []byte) {
					if ended = ended || len(p) == 0; !ended {
						receive(c, p)
					}
				}
			},
		},
		{
			name: "duplicate-begins-anew", title: "answers an m1 that comes again as if it were another one", class: "duplicated datagram",
			roles: responder(), breaks: ids("TRAN-015"), entails: ids("TRAN-013"),
			alter: func(s *script) {
				s.listen = func(c *conn, m message) (*channel, bool) {
					delete(c.node.begun, c.repeated(m.body))
					return listen(c, m)
				}
			},
		},
		{
			name: "duplicate-replaces", title: "begins the handshake of a source again with each m1, one that comes again too", class: "duplicated datagram",
			roles: responder(), profiles: []string{"c09", "c010"}, datagrams: []string{"c09", "c010"}, breaks: ids("TRAN-013"),
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
			name: "duplicate-fatal", title: "fails a channel when a handshake message comes again", class: "duplicated datagram",
			breaks: ids("TRAN-013"), entails: ids("TRAN-012", "TRAN-014", "TRAN-015", "NOISE-017", "CHAN-003"),
			alter: func(s *script) {
				s.refuse = func(c *conn, m message) {
					if c.state != failed && m.kind >= kindM1 {
						c.fail(c)
					}
				}
			},
		},
	}
}

// sourceFaults are those of several sources.
func sourceFaults() []fault {
	return []fault{
		{
			name: "source-of-record-followed", title: "sends to where the last record came from", class: "redirected by a later datagram",
			datagrams: everyProfile(), breaks: ids("TRAN-012"), entails: ids("CHAN-006"),
			alter: func(s *script) {
				fromAnywhere(s)
				s.arrived = func(c *conn, f []byte) {
					c.takeOver(f)
					arrived(c, f)
				}
				s.deliver = func(c *conn, m message) {
					c.learn(append(route{c.remote}, c.onward[1:]...))
					deliver(c, m)
				}
			},
		},
		{
			name: "source-followed", title: "sends to where the last datagram came from, whatever it was", class: "redirected by a later datagram",
			breaks: ids("TRAN-012"),
			alter: func(s *script) {
				fromAnywhere(s)
				s.routed = func(c *conn, m message) (message, bool) {
					m, ok := routed(c, m)
					if ok && c.state != start {
						c.learn(append(route{c.remote}, c.onward[1:]...))
					}
					return m, ok
				}
			},
		},
		{
			name: "one-handshake-at-a-time", title: "forgets a half-open handshake when another source begins one",
			class: "one source blocks another",
			roles: responder(), datagrams: typedProfiles(), breaks: ids("TRAN-012"), entails: ids("CHAN-006", "CHAN-010", "REC-005"),
			alter: func(s *script) {
				s.crowded = func(c *conn) {
					for _, ch := range slices.Clone(c.node.half) {
						if ch != c.channel {
							ch.at.forget(ch)
						}
					}
				}
			},
		},
		{
			name: "new-source-ends-handshakes", title: "forgets half-open handshakes when a source speaks that it has not heard of",
			class: "one source blocks another", datagrams: everyProfile(),
			breaks: ids("TRAN-012"), entails: ids("CHAN-006", "REC-005", "ROUT-003"),
			alter: func(s *script) {
				heard := false
				s.stray = func(c *conn, _ []byte) { c.endOthers() }
				s.receive = func(c *conn, p []byte) {
					if !heard && !c.initiator() {
						c.endOthers()
					}
					heard = true
					receive(c, p)
				}
			},
		},
	}
}

// endOthers forgets the half-open handshakes of other sources.
func (c *conn) endOthers() {
	for _, other := range c.node.sources {
		for _, ch := range slices.Clone(other.mine) {
			if other != c && (ch.state == sentM1 || ch.state == sentM2) {
				other.forget(ch)
			}
		}
	}
}

// takeOver makes an open channel that another source has for itself this source's, if a frame holds a record of it.
func (c *conn) takeOver(f []byte) {
	if c.plain == nil {
		return
	}
	for _, other := range c.node.sources {
		ch := other.plain
		if other == c || ch == nil || ch.state != isOpen {
			continue
		}
		record := f
		if c.node.profile.TransportHeader {
			m, ok := c.outer.parse(f)
			if !ok {
				return
			}
			record = m.body
		}
		if _, ok := adversary.Open(ch.receiveKey, ch.received, ch.ad, record); ok {
			c.plain = ch
		}
	}
}

// fromAnywhere lets an initiator hear every source that speaks to its socket.
func fromAnywhere(s *script) {
	s.stray = func(c *conn, p []byte) {
		for _, other := range c.node.sources {
			if other.started && bytes.Equal(other.local, c.local) && other != c {
				c.plain = other.plain
				c.receive(c, p)
				return
			}
		}
	}
}

// halfOpenFaults are those of many half-open handshakes.
func halfOpenFaults() []fault {
	return []fault{
		{
			name: "half-open-newest-refused", title: "begins no handshake while 150 are half-open", class: "half-open handshakes exhaust the node",
			roles: responder(), datagrams: everyProfile(), breaks: ids("CHAN-012"),
			alter: func(s *script) {
				s.crowded = func(c *conn) {
					if len(c.node.half) > 150 {
						c.forget(c.channel)
					}
				}
			},
		},
		{
			name: "half-open-unbounded-crash", title: "dies when 1,100 handshakes are half-open", class: "half-open handshakes exhaust the node",
			roles: responder(), breaks: ids("CHAN-012"),
			alter: func(s *script) {
				s.crowded = func(c *conn) {
					if len(c.node.half) > 1100 {
						c.out.Crash = "out of memory"
					}
				}
			},
		},
		{
			name: "half-open-ends-open", title: "makes room for a handshake with an open channel", class: "half-open handshakes exhaust the node",
			roles: responder(), breaks: ids("CHAN-012"),
			build: func(need conformance.Need, seed uint64) conformance.Node {
				var all []*channel
				return newNode(need, seed, func(s *script) {
					s.opened = func(c *conn) {
						all = append(all, c.channel)
						opened(c)
					}
					s.crowded = func(c *conn) {
						if len(c.node.half) > 150 && len(all) > 0 {
							all[len(all)-1].at.forget(all[len(all)-1])
							all = nil
						}
					}
				})
			},
		},
	}
}
