package routers

import (
	"bytes"
	"slices"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// bodyFaults are those of what a router has no business with.
func bodyFaults() []fault {
	body := func(f func(m adversary.Message) []byte) change {
		return func(s *script) {
			s.encode = func(m adversary.Message) []byte {
				if m.Type > wire.Pong {
					m.Body = f(m)
				}
				return m.Bytes()
			}
		}
	}
	return []fault{
		{
			name: "hop-body-changed", title: "changes the last byte of a long body", class: "hops change ciphertexts", breaks: ids("WIRE-011"), entails: ids("REC-010", "ROUT-004"),
			alter: body(func(m adversary.Message) []byte {
				b := bytes.Clone(m.Body)
				if len(b) > 1024 {
					b[len(b)-1] ^= 1
				}
				return b
			}),
		},
		{
			name: "hop-body-cut", title: "cuts a body after 8,192 bytes", class: "hops change ciphertexts", breaks: ids("WIRE-011"),
			entails: ids("REC-010", "TRAN-001", "TRAN-011"),
			alter:   body(func(m adversary.Message) []byte { return m.Body[:min(len(m.Body), 8192)] }),
		},
		{
			name: "hop-body-filled", title: "fills a short body up with zeros", class: "stale bytes delivered", breaks: ids("WIRE-011"),
			alter: body(func(m adversary.Message) []byte {
				return append(bytes.Clone(m.Body), make([]byte, max(0, 16-len(m.Body)))...)
			}),
		},
		{
			name: "hop-empty-body-dropped", title: "drops messages with an empty body", class: "errors returned as empty success", breaks: ids("WIRE-011"),
			alter: func(s *script) {
				s.relay = func(n *node, from origin, m adversary.Message) {
					if len(m.Body) > 0 || m.Type <= wire.Pong {
						relay(n, from, m)
					}
				}
			},
		},
	}
}

// typeChangeFaults are those of types, and of what follows in routes.
func typeChangeFaults() []fault {
	return []fault{
		{
			name: "hop-type-rewritten", title: "forwards every body as a payload", class: "untagged payload taken for a handshake message", breaks: ids("WIRE-011"),
			alter: func(s *script) {
				s.encode = func(m adversary.Message) []byte {
					m.Type = min(m.Type, wire.Payload)
					return m.Bytes()
				}
			},
		},
		{
			name: "hop-handshakes-dropped", title: "forwards payloads, pings, and pongs only", class: "untagged payload taken for a handshake message",
			breaks: ids("ROUT-010"), entails: ids("WIRE-011"),
			alter: func(s *script) {
				s.relay = func(n *node, from origin, m adversary.Message) {
					if m.Type < wire.M1 {
						relay(n, from, m)
					}
				}
			},
		},
		{
			name: "hop-route-order-reversed", title: "writes what follows the source in the return route in reverse", class: "return route",
			breaks: ids("WIRE-011"), entails: ids("ROUT-003", "WIRE-015"),
			alter: departing(func(_ *node, _ adversary.Address, m adversary.Message) adversary.Message {
				m.Return = slices.Clone(m.Return)
				slices.Reverse(m.Return[min(2, len(m.Return)):])
				return m
			}),
		},
		{
			name: "hop-long-local-address-cut", title: "keeps 127 bytes of a local address", class: "count and length lies", breaks: ids("WIRE-011"),
			alter: func(s *script) {
				s.form = func(a adversary.Address) (adversary.Address, bool) {
					if a.Type() == wire.Local && len(a) > 2+127 {
						return adversary.LocalAddress(string(a[2 : 2+127])), true
					}
					return form(a)
				}
			},
		},
	}
}
