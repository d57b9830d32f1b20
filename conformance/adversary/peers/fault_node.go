package peers

import (
	"time"

	"ockamtest/conformance"
)

// nodeFaults are those in which one connection harms others.
func nodeFaults() []fault {
	return []fault{
		{
			name: "idle-connection-blocks", title: "serves the next connection long after the idle one before has been closed",
			class: "idle connection blocks others",
			roles: responder(), breaks: ids("TRAN-023"), entails: ids("NOISE-013"),
			build: func(need conformance.Need, seed uint64) conformance.Node {
				return &gate{node: newNode(need, seed, nil), linger: 15 * time.Second}
			},
		},
		{
			name: "close-in-frame-hangs", title: "waits for ever for the rest of a frame, and serves nobody else", class: "close inside a frame",
			breaks: ids("TRAN-004"),
			build: alteredTogether(func() change {
				hung := false
				return func(s *script) {
					s.began = func(c *conn) {
						if !hung {
							began(c)
						}
					}
					s.receive = func(c *conn, p []byte) {
						if !hung {
							receive(c, p)
						}
					}
					s.ended = func(c *conn, orderly bool) {
						hung = hung || len(c.in) > 0
						if !hung {
							ended(c, orderly)
						}
					}
				}
			}),
		},
		{
			name: "failure-ends-all", title: "ends all its channels when one fails", class: "one failing channel disturbs the others",
			roles: responder(), breaks: ids("CHAN-010"), entails: ids("REC-012"),
			build: alteredTogether(func() change {
				var all []*conn
				return func(s *script) {
					s.began = func(c *conn) {
						all = append(all, c)
						began(c)
					}
					s.fail = func(c *conn) {
						for _, other := range all {
							other.state = failed
						}
						fail(c)
					}
				}
			}),
		},
	}
}

// neighbourFaults are those of one channel's failure on datagrams.
func neighbourFaults() []fault {
	return onDatagrams([]fault{{
		name: "bad-record-ends-all", title: "ends all its channels when a record of one does not verify",
		class: "one failing channel disturbs the others",
		roles: responder(), datagrams: typedProfiles(), breaks: ids("CHAN-010"),
		entails: ids("REC-005", "REC-012", "TRAN-012", "TRAN-013"),
		build: alteredTogether(func() change {
			var all []*channel
			return func(s *script) {
				s.opened = func(c *conn) {
					all = append(all, c.channel)
					opened(c)
				}
				s.badRecord = func(*conn, []byte) {
					for _, ch := range all {
						ch.at.forget(ch)
					}
					all = nil
				}
			}
		}),
	}})
}

// sharedFaults are those of what channels of one node share.
func sharedFaults() []fault {
	return []fault{
		{
			name: "other-channels-record-accepted", title: "takes a record of any of its channels on each of them",
			class: "channels share state",
			roles: responder(), breaks: ids("REC-004"),
			build: alteredTogether(func() change {
				var all []*conn
				return func(s *script) {
					s.opened = func(c *conn) {
						all = append(all, c)
						opened(c)
					}
					s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
						for _, other := range all {
							if inner, ok := open(other, ciphertext); ok {
								return inner, true
							}
						}
						return nil, false
					}
				}
			}),
		},
		{
			name: "channels-share-keys", title: "keeps the keys and counters of the channel that opened last for all", class: "channels share state",
			roles: responder(), datagrams: v1(), breaks: ids("CHAN-006"), entails: ids("TRAN-012", "CHAN-010", "CHAN-012", "REC-012"),
			build: alteredTogether(func() change {
				var last *channel
				return func(s *script) {
					s.opened = func(c *conn) {
						last = c.channel
						opened(c)
					}
					s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
						c.receiveKey, c.sendKey, c.ad, c.received, c.sent = last.receiveKey, last.sendKey, last.ad, last.received, last.sent
						return open(c, ciphertext)
					}
				}
			}),
		},
	}
}
