package peers

import (
	"maps"
	"time"
)

// resourceFaults are those that use up memory, processors, or a node's attention. In process a node dies that needs more than it has, and one
// whose timer does not move on.
func resourceFaults() []fault {
	return []fault{
		{
			name: "end-in-frame-spins", title: "tries to read on for ever when the stream ends inside a frame", class: "close inside a frame",
			breaks: ids("TRAN-004"),
			alter: func(s *script) {
				spins := false
				s.ended = func(c *conn, orderly bool) {
					if spins = len(c.in) > 0 && orderly; spins {
						c.mine = []*channel{c.channel}
						c.deadline, c.repeat = 0, max(1, c.now)
						return
					}
					ended(c, orderly)
				}
				s.again = func(c *conn) {
					if !spins {
						again(c)
					}
				}
			},
		},
		{
			name: "forged-records-kept", title: "keeps each record that does not verify, and has memory for 200 of a channel", class: "counter advanced by a forged message",
			datagrams: everyProfile(), onlyDatagrams: true, breaks: ids("REC-012"),
			alter: func(s *script) {
				kept := map[*channel]int{}
				s.badRecord = func(c *conn, ciphertext []byte) {
					if kept[c.channel]++; kept[c.channel] > 200 {
						c.out.Crash = "out of memory"
					}
					badRecord(c, ciphertext)
				}
			},
		},
		{
			name: "forged-record-starves-others", title: "drops the next record of another channel when it is still busy with one that does not verify",
			class: "one failing channel disturbs the others",
			roles: responder(), datagrams: everyProfile(), breaks: ids("REC-012"), entails: ids("CHAN-010"),
			build: alteredTogether(func() change {
				known, victims := map[*channel]bool{}, map[*channel]bool{}
				var since time.Duration
				return func(s *script) {
					s.opened = func(c *conn) {
						known[c.channel] = true
						opened(c)
					}
					s.badRecord = func(c *conn, ciphertext []byte) {
						victims, since = maps.Clone(known), c.now
						delete(victims, c.channel)
						badRecord(c, ciphertext)
					}
					s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
						if victims[c.channel] && since == c.now {
							victims = nil
							return nil, false
						}
						return open(c, ciphertext)
					}
				}
			}),
		},
	}
}

// forgottenFaults are those of what is left behind of handshakes that did not come to an end.
func forgottenFaults() []fault {
	return []fault{
		{
			name: "half-open-connections-refused", title: "closes new connections while 30 have half-open handshakes", class: "half-open handshakes exhaust the node",
			roles: responder(), breaks: ids("CHAN-012"),
			build: alteredTogether(func() change {
				half := map[*conn]bool{}
				return func(s *script) {
					s.began = func(c *conn) {
						if began(c); len(half) >= 30 {
							c.out.Close = true
							return
						}
						half[c] = true
					}
					s.opened = func(c *conn) {
						delete(half, c)
						opened(c)
					}
					s.ended = func(c *conn, orderly bool) {
						delete(half, c)
						ended(c, orderly)
					}
					s.fail = func(c *conn) {
						delete(half, c)
						fail(c)
					}
				}
			}),
		},
		{
			name: "refused-m3-forgotten", title: "waits for another m3 when its policy, which takes the first static key for the only one, refuses one",
			class: "genuine message accepted after a failed one",
			roles: responder(), datagrams: typedProfiles(), breaks: ids("NOISE-007"),
			build: alteredTogether(func() change {
				pin := pinning()
				return func(s *script) {
					refused := false
					s.accept = func(c *conn, static []byte) bool {
						refused = !pin(c, static)
						return !refused
					}
					s.fail = func(c *conn) {
						if !refused {
							fail(c)
						}
						refused = false
					}
				}
			}),
		},
	}
}
