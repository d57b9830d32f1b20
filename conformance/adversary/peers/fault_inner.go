package peers

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// innerFaults are those of decrypted messages.
func innerFaults() []fault { return slices.Concat(badInnerFaults(), innerRouteFaults()) }

// badInnerFaults are those of inner messages that are no payloads.
func badInnerFaults() []fault {
	return []fault{
		{
			name: "inner-type-ignored", title: "delivers an inner message of any type", class: "unknown types",
			breaks: ids("REC-009"),
			alter: func(s *script) {
				s.inner.kind = func(b []byte) (byte, []byte, bool) {
					if len(b) == 0 {
						return 0, nil, false
					}
					return kindPayload, b[1:], true
				}
			},
		},
		{
			name: "inner-not-parsed", title: "delivers an inner message that does not parse as it is", class: "delivered length off by the header",
			breaks: ids("REC-009"),
			alter: func(s *script) {
				s.badInner = func(c *conn, inner []byte) { c.deliver(c, message{body: inner}) }
			},
		},
		{
			name: "bad-inner-as-empty", title: "delivers an empty payload for an inner message that does not parse",
			class:  "errors returned as empty success",
			breaks: ids("REC-009"), entails: ids("IO-004"),
			alter: func(s *script) {
				s.badInner = func(c *conn, _ []byte) { c.deliver(c, message{}) }
			},
		},
		{
			name: "bad-inner-fatal", title: "closes the channel when an inner message does not parse", class: "unknown types",
			datagrams: e09(), breaks: ids("REC-009"),
			alter: func(s *script) {
				s.badInner = func(c *conn, _ []byte) { c.fail(c) }
			},
		},
		{
			name: "bad-inner-not-counted", title: "gives the counter of an inner message that does not parse back",
			class:  "nonce reuse after an error",
			breaks: ids("REC-009"),
			alter: func(s *script) {
				s.badInner = func(c *conn, _ []byte) { c.received-- }
			},
		},
		{
			name: "inner-ping-answered", title: "answers a ping in an inner message", class: "unknown types",
			breaks: ids("REC-009"),
			alter: func(s *script) {
				s.badInner = func(c *conn, inner []byte) {
					if m, ok := c.inner.parse(inner); ok && m.kind == kindPing {
						c.deliver(c, m)
					}
				}
			},
		},
		{
			name: "bad-inner-crash", title: "reads the type of an inner message that has none", class: "count and length lies",
			breaks: ids("REC-009"),
			alter: func(s *script) {
				s.badInner = func(_ *conn, inner []byte) { _ = inner[3] }
			},
		},
		{
			name: "inner-version-ignored", title: "takes any version in an inner message", class: "wrong version",
			breaks: ids("REC-009"),
			alter:  func(s *script) { s.inner.version = anyVersion },
		},
	}
}

// innerRouteFaults are those of inner routes.
func innerRouteFaults() []fault {
	return []fault{
		{
			name: "inner-return-route-ignored", title: "does not echo to where the payload came from", class: "ping without return route",
			profiles: v1(), datagrams: v1(), breaks: ids("REC-011"),
			alter: hearing(func(m message) message {
				m.back = nil
				return m
			}),
		},
		{
			name: "inner-ports-big-endian", title: "reads ports little-endian and writes them big-endian", class: "IPv6 and port byte order",
			profiles: v1(), breaks: ids("WIRE-007"),
			alter: hearing(func(m message) message {
				m.back = m.back.each(portBigEndian)
				return m
			}),
		},
		{
			name: "inner-ipv6-in-groups", title: "writes IPv6 addresses as little-endian groups of 16 bits", class: "IPv6 and port byte order",
			profiles: v1(), breaks: ids("WIRE-007"),
			alter: hearing(func(m message) message {
				m.back = m.back.each(func(a []byte) {
					if a[1] != hostIPv6 {
						return
					}
					for i := 2; i < 18; i += 2 {
						a[i], a[i+1] = a[i+1], a[i]
					}
				})
				return m
			}),
		},
	}
}

func portBigEndian(a []byte) {
	port := a[len(a)-2:]
	binary.BigEndian.PutUint16(port, binary.LittleEndian.Uint16(port))
}

// each returns the route with a copy of each transport address altered.
func (r route) each(f func(a []byte)) (out route) {
	for _, a := range r {
		a = bytes.Clone(a)
		if a[0] != addressLocal {
			f(a)
		}
		out = append(out, a)
	}
	return out
}
