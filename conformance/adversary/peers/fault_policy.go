package peers

import (
	"bytes"
	"slices"

	"ockamtest/conformance"
)

// policyFaults are those of whom a peer speaks with (NOISE-011), and of what it believes of routes (ROUT-009).
func policyFaults() []fault {
	return []fault{
		{
			name: "pinned-key-ignored", title: "was told the one static key to accept, and accepts any", class: "unverified static tag",
			datagrams: everyProfile(), breaks: ids("NOISE-011"), pinned: true,
			alter: func(*script) {},
		},
		{
			name: "policy-after-m3", title: "asks its policy, which takes the first static key for the only one, when it has sent m3",
			class: "unverified static tag",
			roles: initiator(), datagrams: everyProfile(), breaks: ids("NOISE-011"),
			build: alteredTogether(func() change {
				pin := pinning()
				return func(s *script) {
					s.opened = func(c *conn) {
						if !pin(c, c.hs.RS) {
							c.fail(c)
							return
						}
						opened(c)
					}
				}
			}),
		},
		{
			name: "policy-after-first-payload", title: "asks its policy, which takes the first static key for the only one, behind the first payload",
			class: "state open before m3 is verified",
			roles: responder(), datagrams: everyProfile(), breaks: ids("NOISE-011"),
			build: alteredTogether(func() change {
				pin := pinning()
				return func(s *script) {
					s.deliver = func(c *conn, m message) {
						deliver(c, m)
						if !pin(c, c.hs.RS) {
							c.fail(c)
						}
					}
				}
			}),
		},
		{
			name: "record-route-compared", title: "drops a record whose return route is not that of the handshake",
			class:    "reply-route hijack by an unauthenticated message",
			profiles: v1(), datagrams: []string{"v1", "e09"}, breaks: ids("ROUT-009"), entails: ids("ROUT-003", "ROUT-008"),
			alter: func(s *script) {
				s.next = func(c *conn, kind byte) func(*conn, message) {
					take := next(c, kind)
					if take == nil || c.state != isOpen {
						return take
					}
					return func(c *conn, m message) {
						if len(m.back) == 1 || slices.EqualFunc(m.back, c.onward, bytes.Equal) {
							take(c, m)
						}
					}
				}
			},
		},
	}
}

// lawfulPolicies refuse static keys.
func lawfulPolicies() []conformance.Program {
	pins := program("pins-key", "accepts the first static key and no other, and was told so", alteredTogether(func() change {
		pin := pinning()
		return func(s *script) { s.accept = pin }
	}))
	pins.Datagrams, pins.Pinned = everyProfile(), true
	return []conformance.Program{pins}
}
