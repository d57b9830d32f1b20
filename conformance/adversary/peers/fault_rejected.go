package peers

import (
	"bytes"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// rejectedFaults are those of handshake messages that are rejected on datagrams (NOISE-017), and of the deadline after open (NOISE-019).
func rejectedFaults() []fault {
	return slices.Concat(onDatagrams(rejectedOnDatagramsFaults()), []fault{{
		name: "deadline-after-open", title: "ends a channel at the deadline of its handshake, open or not", class: "deadline of an open channel",
		datagrams: everyProfile(), breaks: ids("NOISE-019"),
		alter: func(s *script) {
			s.opened = func(c *conn) {
				c.deadline = c.until
				opened(c)
			}
		},
	}})
}

func rejectedOnDatagramsFaults() []fault {
	return []fault{
		{
			name: "rejected-is-fatal", title: "gives up a handshake on datagrams when a message of it does not verify",
			class: "one forged datagram ends a handshake", datagrams: everyProfile(),
			breaks: ids("NOISE-017"), entails: ids("TRAN-012", "TRAN-013"),
			alter: failing(func(c *conn) { c.forget(c.channel) }),
		},
		{
			name: "anything-rejected-is-fatal", title: "gives up a handshake on datagrams when anything comes that it has no use for",
			class: "one forged datagram ends a handshake", datagrams: everyProfile(),
			breaks: ids("NOISE-017"), entails: ids("TRAN-012", "TRAN-013", "TRAN-015"),
			alter: func(s *script) {
				s.refuse = func(c *conn, m message) {
					if c.state == sentM1 || c.state == sentM2 {
						c.forget(c.channel)
						return
					}
					refuse(c, m)
				}
			},
		},
		{
			name: "rejected-is-told", title: "answers a handshake message on datagrams that does not verify with a payload that says so",
			class:  "handshake error swallowed",
			breaks: ids("NOISE-017", "CHAN-002"), entails: ids("TRAN-012"),
			alter: failing(func(c *conn) { c.post(kindPayload, []byte("error")) }),
		},
		{
			name: "refused-key-fatal", title: "takes the first static key for the only one, and gives up a handshake when an m2 brings another",
			class: "one forged datagram ends a handshake", datagrams: everyProfile(),
			roles: initiator(), breaks: ids("NOISE-017"),
			build: alteredTogether(func() change {
				pin := pinning()
				return func(s *script) {
					s.accept = func(c *conn, static []byte) bool {
						ok := pin(c, static)
						if !ok {
							c.forget(c.channel)
						}
						return ok
					}
				}
			}),
		},
		{
			name: "point-off-curve-accepted", title: "takes a public key that is no point for one, and zeros for the DH result",
			class: "low-order keys accepted", profiles: []string{"c010"}, datagrams: []string{"c010"}, breaks: ids("VAULT-002"),
			alter: func(s *script) {
				s.mix = func(hs *adversary.Handshake, own adversary.KeyPair, public []byte) bool {
					hs.MixDH(own, public)
					return true
				}
			},
		},
	}
}

// pinning is a policy that takes the first key for the only one.
func pinning() func(c *conn, static []byte) bool {
	var pinned []byte
	return func(_ *conn, static []byte) bool {
		if pinned == nil {
			pinned = bytes.Clone(static)
		}
		return bytes.Equal(pinned, static)
	}
}

// buildIn builds nodes that speak one profile, whatever they are asked for.
func buildIn(p profile.Profile) builder {
	return func(need conformance.Need, seed uint64) conformance.Node { return newNodeIn(p, need, seed, nil) }
}
