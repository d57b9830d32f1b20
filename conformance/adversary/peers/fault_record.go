package peers

import (
	"bytes"
	"math/bits"
	"slices"

	"ockamtest/conformance/adversary"
)

// recordFaults are those of counters, tags, and associated data.
func recordFaults() []fault {
	return slices.Concat(nonceFaults(), counterFaults(), acceptedAgain(), tagFaults(), tagScopeFaults(), shortFaults(), badTagFaults())
}

// nonceFaults are those of the counter in the nonce.
func nonceFaults() []fault {
	return []fault{
		{
			name: "nonce-little-endian", title: "writes the counter little-endian into the nonce", class: "wrong nonce",
			breaks: ids("REC-002"),
			alter:  numbered(func(n uint64) uint64 { return bits.ReverseBytes64(n) }),
		},
		{
			name: "counter-of-8-bits", title: "keeps 8 bits of the counters", class: "nonce wrap",
			datagrams: everyProfile(), breaks: ids("REC-003"),
			alter: numbered(func(n uint64) uint64 { return n % 256 }),
		},
		{
			name: "counter-from-1", title: "starts the counters at 1", class: "wrong nonce",
			breaks: ids("REC-002"),
			alter:  numbered(func(n uint64) uint64 { return n + 1 }),
		},
		{
			name: "counter-passed-over", title: "sends nothing under the counters 36 to 38", class: "wrong nonce",
			datagrams: everyProfile(), breaks: ids("REC-002"),
			alter: func(s *script) {
				s.seal = func(c *conn, inner []byte) []byte {
					if c.sent == 36 {
						c.sent = 39
					}
					return seal(c, inner)
				}
			},
		},
		{
			name: "counter-shared", title: "has one counter for both directions", class: "wrong nonce",
			breaks: ids("REC-002"),
			alter: func(s *script) {
				s.seal = func(c *conn, inner []byte) []byte {
					c.sent = c.received
					c.received++
					return seal(c, inner)
				}
			},
		},
	}
}

// counterFaults are those of the counter in the channel.
func counterFaults() []fault {
	return []fault{
		{
			name: "send-counter-reset-by-error", title: "starts its send counter again after a message that it drops",
			class: "nonce reuse after an error", datagrams: typedProfiles(), breaks: ids("REC-003"),
			alter: func(s *script) {
				s.badInner = func(c *conn, _ []byte) { c.sent = 0 }
			},
		},
		{
			name: "counter-advanced-by-forgery", title: "counts messages whose tag does not verify",
			class:  "counter advanced by a forged message",
			breaks: ids("REC-004"), entails: ids("CHAN-011"),
			alter: func(s *script) {
				s.badRecord = func(c *conn, _ []byte) { c.received++ }
			},
		},
		{
			name: "counter-of-16-bits", title: "goes on after 65,535 with 0", class: "nonce wrap",
			datagrams: typedProfiles(), breaks: ids("REC-003"), entails: ids("REC-008"),
			alter: func(s *script) {
				numbered(func(n uint64) uint64 { return n & maxCounter })(s)
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					inner, ok := c.openAt(c, c.received, ciphertext)
					if ok {
						c.received++
					}
					return inner, ok
				}
				s.say = func(c *conn, onward route, payload []byte) {
					if inner, long := c.tooLong(onward, payload); !long {
						c.sendRecord(c.seal(c, inner))
					}
				}
			},
		},
		{
			name: "untagged-counter-of-16-bits", title: "goes on after 65,535 with 0 where some records cannot travel", class: "nonce wrap",
			profiles: e09(), onlyDatagrams: true, breaks: ids("REC-003"),
			alter: func(s *script) {
				numbered(func(n uint64) uint64 { return n & maxCounter })(s)
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					for n := c.received; n < c.received+window; n++ {
						if inner, ok := c.openAt(c, n, ciphertext); ok {
							c.received = n + 1
							return inner, true
						}
					}
					return nil, false
				}
			},
		},
	}
}

// acceptedAgain are those of counters, and directions, that are taken a second time.
func acceptedAgain() []fault {
	return []fault{
		{
			name: "replay-of-last-accepted", title: "accepts the counter before the next one", class: "replay accepted",
			breaks: ids("REC-007"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					if c.received > 0 {
						if inner, ok := c.openAt(c, c.received-1, ciphertext); ok {
							return inner, true
						}
					}
					return open(c, ciphertext)
				}
			},
		},
		{
			name: "replay-accepted", title: "accepts every counter that it has seen", class: "replay accepted",
			breaks: ids("REC-007"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					for n := range c.received {
						if inner, ok := adversary.Open(c.receiveKey, n, c.ad, ciphertext); ok {
							return inner, true
						}
					}
					return open(c, ciphertext)
				}
			},
		},
		{
			name: "reflection-accepted", title: "accepts its own messages too", class: "replay accepted",
			breaks: ids("NOISE-010"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					for n := range c.sent {
						if inner, ok := adversary.Open(c.sendKey, n, c.ad, ciphertext); ok {
							return inner, true
						}
					}
					return open(c, ciphertext)
				}
			},
		},
	}
}

// tagFaults are those of the comparison of tags.
func tagFaults() []fault {
	return []fault{
		{
			name: "tag-not-compared", title: "does not look at the tag", class: "tag compared in part or not at all",
			breaks: ids("REC-004"), entails: ids("REC-001"),
			alter: comparing(func([]byte) []byte { return nil }),
		},
		{
			name: "tag-first-half-compared", title: "compares the first 8 bytes of the tag", class: "tag compared in part or not at all",
			breaks: ids("REC-004"),
			alter:  comparing(func(tag []byte) []byte { return tag[:8] }),
		},
		{
			name: "tag-last-half-compared", title: "compares the last 8 bytes of the tag", class: "tag compared in part or not at all",
			breaks: ids("REC-004"),
			alter:  comparing(func(tag []byte) []byte { return tag[8:] }),
		},
		{
			name: "tag-last-byte-ignored", title: "compares the first 15 bytes of the tag", class: "tag compared in part or not at all",
			breaks: ids("REC-004"),
			alter:  comparing(func(tag []byte) []byte { return tag[:15] }),
		},
		{
			name: "tag-first-byte-ignored", title: "compares the last 15 bytes of the tag", class: "tag compared in part or not at all",
			breaks: ids("REC-004"),
			alter:  comparing(func(tag []byte) []byte { return tag[1:] }),
		},
		{
			name: "tag-cut-accepted", title: "compares as much of the tag as there is", class: "tag compared in part or not at all",
			breaks: ids("REC-004"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					for missing := range adversary.TagSize / 2 {
						whole := append(bytes.Clone(ciphertext), make([]byte, missing)...)
						inner := adversary.OpenUnchecked(c.receiveKey, c.received, whole)
						if sealed := adversary.Seal(c.receiveKey, c.received, c.ad, inner); bytes.HasPrefix(sealed, ciphertext) {
							return open(c, sealed)
						}
					}
					return nil, false
				}
			},
		},
	}
}

// tagScopeFaults are those of what the tag covers: bytes behind it, and associated data.
func tagScopeFaults() []fault {
	return []fault{
		{
			name: "bytes-behind-tag-ignored", title: "ignores bytes behind the tag", class: "trailing bytes",
			breaks: ids("REC-004"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					for n := len(ciphertext); n >= adversary.TagSize; n-- {
						if inner, ok := open(c, ciphertext[:n]); ok {
							return inner, true
						}
					}
					return nil, false
				}
			},
		},
		{
			name: "associated-data-optional", title: "takes messages with and without h as associated data", class: "associated data missing",
			breaks: ids("REC-001"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					defer func(ad []byte) { c.ad = ad }(c.ad)
					for _, c.ad = range [][]byte{nil, c.hs.H[:]} {
						if inner, ok := open(c, ciphertext); ok {
							return inner, true
						}
					}
					return nil, false
				}
			},
		},
		{
			name: "associated-data-wrong", title: "authenticates nothing in v1 and h in c09 beside the message", class: "associated data missing",
			breaks: ids("REC-001"),
			alter: func(s *script) {
				s.split = func(c *conn) {
					split(c)
					if c.ad == nil {
						c.ad = bytes.Clone(c.hs.H[:])
					} else {
						c.ad = nil
					}
				}
			},
		},
	}
}

// shortFaults are those of ciphertexts without a tag.
func shortFaults() []fault {
	return []fault{
		{
			name: "short-ciphertext-crash", title: "subtracts the tag's length from that of a shorter ciphertext",
			class:  "ciphertext of 0 to 15 bytes",
			breaks: ids("REC-006"), entails: ids("TRAN-006", "IO-004"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					_ = ciphertext[:len(ciphertext)-adversary.TagSize]
					return open(c, ciphertext)
				}
			},
		},
		{
			name: "short-ciphertext-delivered", title: "delivers a ciphertext that is shorter than a tag as an empty payload",
			class:  "ciphertext of 0 to 15 bytes",
			breaks: ids("REC-006"), entails: ids("TRAN-006", "IO-004"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					if len(ciphertext) < adversary.TagSize {
						return message{kind: kindPayload}.encode(), true
					}
					return open(c, ciphertext)
				}
			},
		},
		{
			name: "plaintext-after-open", title: "delivers what is not encrypted", class: "tag compared in part or not at all",
			breaks: ids("REC-004"),
			alter: func(s *script) {
				s.open = func(c *conn, ciphertext []byte) ([]byte, bool) {
					if m, ok := c.inner.parse(ciphertext); ok && m.kind == kindPayload {
						return ciphertext, true
					}
					return open(c, ciphertext)
				}
			},
		},
	}
}

// badTagFaults deliver something for a message that does not verify.
func badTagFaults() []fault {
	return []fault{
		{
			name: "bad-tag-as-empty", title: "delivers an empty payload for a message whose tag does not verify",
			class:  "errors returned as empty success",
			breaks: ids("REC-004"), entails: ids("TRAN-006", "CHAN-003", "REC-006", "IO-004"),
			alter: func(s *script) {
				s.badRecord = func(c *conn, _ []byte) { c.deliver(c, message{}) }
			},
		},
		{
			name: "bad-tag-as-last", title: "delivers the payload before again for a message whose tag does not verify",
			class:  "stale bytes delivered",
			breaks: ids("REC-004"), entails: ids("TRAN-006", "CHAN-003", "REC-006", "REC-007", "IO-004"),
			alter: func(s *script) {
				var last message
				s.deliver = func(c *conn, m message) {
					last = message{back: m.back, body: bytes.Clone(m.body)}
					deliver(c, m)
				}
				s.badRecord = func(c *conn, _ []byte) { deliver(c, last) }
			},
		},
	}
}

// numbered puts another number for the counter into the nonce, in both directions.
func numbered(f func(n uint64) uint64) change {
	return func(s *script) {
		s.seal = func(c *conn, inner []byte) []byte {
			n := c.sent
			c.sent++
			return adversary.Seal(c.sendKey, f(n), c.ad, inner)
		}
		s.openAt = func(c *conn, n uint64, ciphertext []byte) ([]byte, bool) {
			return adversary.Open(c.receiveKey, f(n), c.ad, ciphertext)
		}
	}
}

// comparing compares a part of the tag.
func comparing(part func(tag []byte) []byte) change {
	return func(s *script) {
		s.openAt = func(c *conn, n uint64, ciphertext []byte) ([]byte, bool) {
			if len(ciphertext) < adversary.TagSize {
				return nil, false
			}
			inner := adversary.OpenUnchecked(c.receiveKey, n, ciphertext)
			want := adversary.Seal(c.receiveKey, n, c.ad, inner)
			return inner, bytes.Equal(part(ciphertext[len(inner):]), part(want[len(inner):]))
		}
	}
}
