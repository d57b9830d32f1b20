package routers

import (
	"slices"
	"time"

	"ockamtest/conformance/adversary"
)

// atOnce is how long what one end of many does counts as at the same time.
const atOnce = 10 * time.Millisecond

// A crowd is who was there within that time.
type crowd map[adversary.Address]time.Duration

// with is how many there are with one more.
func (c crowd) with(a adversary.Address, now time.Duration) int {
	for other, at := range c {
		if now-at > atOnce {
			delete(c, other)
		}
	}
	c[a] = now
	return len(c)
}

// crowds are those of many.
type crowds map[adversary.Address]crowd

func (c crowds) of(a adversary.Address) crowd {
	if c[a] == nil {
		c[a] = crowd{}
	}
	return c[a]
}

// crowdFaults are those of many ends at once, and of ends that go away.
func crowdFaults() []fault {
	return []fault{
		{
			name: "hop-six-at-once", title: "has room for six next hops of a source at a time", class: "fan-out",
			breaks: ids("ROUT-010"), entails: ids("ROUT-004", "ROUT-006"),
			alter: func(s *script) {
				next := crowds{}
				s.send = func(n *node, from origin, to adversary.Address, m adversary.Message) {
					if next.of(from.remote).with(to, n.now) <= 6 {
						send(n, from, to, m)
					}
				}
			},
		},
		{
			name: "hop-sources-mixed-up", title: "gives one of more than six sources at a time for the same next hop as that of another", class: "return route",
			breaks: ids("ROUT-003"),
			alter: func(s *script) {
				var other adversary.Address
				sources := crowds{}
				s.relay = func(n *node, from origin, m adversary.Message) {
					if sources.of(m.Onward[0]).with(from.remote, n.now) > 6 {
						m.Return = slices.Clone(m.Return)
						m.Return[0] = other
					}
					other = from.remote
					relay(n, from, m)
				}
			},
		},
		{
			name: "hop-half-duplex", title: "drops what comes over a connection as long as that has not taken what was written", class: "bytes lost",
			transports: streams(), breaks: ids("ROUT-004"),
			alter: func(s *script) {
				s.arrived = func(n *node, from origin, b []byte) {
					if from.conn == nil || from.conn.Unsent() == 0 {
						arrived(n, from, b)
					}
				}
			},
		},
		{
			name: "hop-dials-once", title: "connects to a next hop once and never again", class: "unreachable next hop",
			transports: streams(), breaks: ids("ROUT-004"),
			alter: func(s *script) {
				made := map[adversary.Address]bool{}
				s.dial = func(n *node, next adversary.Address, m adversary.Message) {
					if n.dials[next] != nil || !made[next] {
						made[next] = true
						dial(n, next, m)
					}
				}
			},
		},
		{
			name: "hop-left-end-answered", title: "returns a message for an end that has left to whoever sent it", class: "unreachable next hop",
			breaks: ids("ROUT-006"),
			alter: func(s *script) {
				left := map[adversary.Address]bool{}
				s.ended = func(n *node, c *conn, _ bool) {
					left[c.remote] = true
					n.hangUp(c)
				}
				s.send = func(n *node, from origin, next adversary.Address, m adversary.Message) {
					if left[next] {
						n.answer(from, adversary.Message{Onward: m.Return, Type: m.Type, Body: m.Body})
						return
					}
					send(n, from, next, m)
				}
			},
		},
	}
}

// wholeFaults are those of messages that do not stay whole.
func wholeFaults() []fault {
	return []fault{
		{
			name: "hop-length-apart", title: "writes a frame's length and its body in two segments", class: "frame across segments",
			transports: streams(), breaks: ids("TRAN-007"),
			alter: func(s *script) { s.write = func(frame []byte) [][]byte { return [][]byte{frame[:2], frame[2:]} } },
		},
		{
			name: "hop-version-written-overlong", title: "writes version 1 in two bytes", class: "non-canonical version",
			breaks: ids("WIRE-002"),
			alter: func(s *script) {
				s.encode = func(m adversary.Message) []byte {
					m.Version = []byte{0x81, 0x00}
					return m.Bytes()
				}
			},
		},
		{
			name: "hop-nested-frame-read", title: "reads the last bytes of a long frame as a frame once more", class: "frames above the limit resynchronised",
			transports: streams(), breaks: ids("TRAN-008"),
			alter: func(s *script) {
				s.arrived = func(n *node, from origin, b []byte) {
					arrived(n, from, b)
					for at := len(b) - 3; len(b) > 4096 && at > len(b)-256; at-- {
						if b[at] == 0 && int(b[at+1]) == len(b)-at-2 {
							arrived(n, from, b[at+2:])
						}
					}
				}
			},
		},
		{
			name: "hop-framed-datagram-taken", title: "takes a length off a datagram that has one", class: "datagrams taken for a stream",
			transports: datagrams(), breaks: ids("TRAN-010"),
			alter: func(s *script) {
				s.datagram = func(n *node, from origin, p []byte) {
					if len(p) > 2 && int(p[0])<<8+int(p[1]) == len(p)-2 {
						p = p[2:]
					}
					n.arrived(n, from, p)
				}
			},
		},
		{
			name: "hop-datagram-cut", title: "reads at most 4,096 bytes of a datagram", class: "datagram delivered truncated",
			transports: datagrams(), breaks: ids("TRAN-011"), entails: ids("WIRE-011", "REC-010"),
			alter: func(s *script) {
				s.datagram = func(n *node, from origin, p []byte) { n.arrived(n, from, p[:min(len(p), 4096)]) }
			},
		},
		{
			name: "hop-seven-addresses", title: "takes at most 7 addresses in a route", class: "more addresses than supported",
			breaks: ids("WIRE-008"),
			alter:  func(s *script) { s.outer = strictParser(7) },
		},
	}
}
