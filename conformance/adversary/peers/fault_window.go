package peers

import (
	"slices"

	"ockamtest/conformance/adversary"
)

// windowFaults are those of the receive window, and of records that are rejected on datagrams.
func windowFaults() []fault {
	return onDatagrams(slices.Concat(windowSizeFaults(), windowReplayFaults(), droppedRecordFaults()))
}

func windowSizeFaults() []fault {
	return []fault{
		{
			name: "window-of-16", title: "looks 16 counters ahead and back", class: "loss and reordering",
			datagrams: typedProfiles(), breaks: ids("REC-008"),
			alter: func(s *script) { s.open = openIn(16, 16) },
		},
		{
			name: "window-forward-only", title: "looks ahead and not back", class: "loss and reordering",
			breaks: ids("REC-008"),
			alter:  func(s *script) { s.open = openIn(window, 0) },
		},
		{
			name: "window-unbounded", title: "looks as far ahead as there are counters", class: "loss and reordering",
			datagrams: typedProfiles(), breaks: ids("REC-008"),
			alter: func(s *script) { s.open = openIn(2000, window) },
		},
		{
			name: "window-beyond-last-counter", title: "tries counters above 65,535", class: "nonce wrap",
			breaks: ids("REC-003"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					if inner, ok := c.openAt(c, c.received+1<<16, ciphertext); ok {
						return inner, true
					}
					return open(c, ciphertext)
				}
			},
		},
	}
}

// typedProfiles are those in which every counter's records can travel.
func typedProfiles() []string { return []string{"v1", "c09", "c010"} }

// openIn is open with another window, ahead and back.
func openIn(ahead, back uint64) func(*conn, []byte) ([]byte, bool) {
	return func(c *conn, ciphertext []byte) ([]byte, bool) {
		for n := c.received; n < c.received+ahead && n <= maxCounter; n++ {
			if inner, ok := c.openAt(c, n, ciphertext); ok {
				for ; c.received < n; c.received++ {
					c.missed[c.received] = true
				}
				c.received++
				return inner, true
			}
		}
		for n := range c.missed {
			if inner, ok := c.openAt(c, n, ciphertext); ok && n+back >= c.received {
				delete(c.missed, n)
				return inner, true
			}
		}
		return nil, false
	}
}

func windowReplayFaults() []fault {
	return []fault{
		{
			name: "late-record-replayed", title: "accepts a record that came late again and again", class: "replay accepted",
			datagrams: typedProfiles(), breaks: ids("REC-007"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					late := make([]uint64, 0, len(c.missed))
					for n := range c.missed {
						late = append(late, n)
					}
					inner, ok := open(c, ciphertext)
					for _, n := range late {
						c.missed[n] = true
					}
					return inner, ok
				}
			},
		},
		{
			name: "window-forgets-its-end", title: "forgets the last counter of its window", class: "replay accepted",
			datagrams: typedProfiles(), breaks: ids("REC-007"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					if n := c.received - window; c.received >= window && !c.missed[n] {
						if inner, ok := c.openAt(c, n, ciphertext); ok {
							return inner, true
						}
					}
					return open(c, ciphertext)
				}
			},
		},
		{
			name: "behind-window-accepted", title: "accepts every record that lies behind its window", class: "replay accepted",
			breaks: ids("REC-007"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					for n := uint64(0); n+window < c.received; n++ {
						if inner, ok := c.openAt(c, n, ciphertext); ok {
							return inner, true
						}
					}
					return open(c, ciphertext)
				}
			},
		},
	}
}

func droppedRecordFaults() []fault {
	return []fault{
		{
			name: "bad-record-fatal", title: "fails a channel on datagrams at a record that does not verify", class: "one forged datagram ends a channel",
			datagrams: everyProfile(),
			breaks:    ids("REC-005"), entails: ids("REC-012", "TRAN-012", "TRAN-013"),
			alter: func(s *script) {
				s.badRecord = func(c *conn, _ []byte) { c.fail(c) }
			},
		},
		{
			name: "forgeries-counted", title: "fails a channel when 100 records did not verify", class: "one forged datagram ends a channel",
			datagrams: typedProfiles(), breaks: ids("REC-012"),
			alter: func(s *script) {
				seen := 0
				s.badRecord = func(c *conn, _ []byte) {
					if seen++; seen == 100 {
						c.fail(c)
					}
				}
			},
		},
		{
			name: "forgeries-move-window", title: "moves its window on when a record does not verify", class: "counter advanced by a forged message",
			breaks: ids("REC-004"), entails: ids("REC-005", "REC-012", "TRAN-012", "TRAN-013"),
			alter: func(s *script) {
				s.badRecord = func(c *conn, ciphertext []byte) {
					if len(ciphertext) >= adversary.TagSize {
						c.received++
					}
				}
			},
		},
	}
}
