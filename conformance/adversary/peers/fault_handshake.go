package peers

import (
	"bytes"
	"slices"

	"ockamtest/conformance/adversary"
)

// handshakeFaults are those of handshake messages that have to be rejected.
func handshakeFaults() []fault {
	return slices.Concat(unverifiedFaults(), lengthFaults(), failureFaults())
}

// unverifiedFaults accept what does not verify, or is not covered by a tag.
func unverifiedFaults() []fault {
	return []fault{
		{
			name: "static-tag-unverified", title: "does not verify the tag of the static key", class: "unverified static tag",
			breaks: ids("NOISE-005"),
			alter: func(s *script) {
				s.readStatic = func(hs *adversary.Handshake, ciphertext []byte) bool {
					hs.RS = openUnchecked(hs, ciphertext)
					return true
				}
			},
		},
		{
			name: "payload-tag-unverified", title: "does not verify the tag of the empty payload of m2 and m3", class: "unverified m2 payload tag",
			breaks: ids("NOISE-005"), entails: ids("NOISE-004", "NOISE-007"),
			alter: func(s *script) {
				s.readRest = func(hs *adversary.Handshake, ciphertext []byte) bool {
					if !hs.HasKey || len(ciphertext) != adversary.TagSize {
						return readRest(hs, ciphertext)
					}
					openUnchecked(hs, ciphertext)
					return true
				}
			},
		},
		{
			name: "handshake-tags-in-part", title: "compares the first 8 bytes of the tags in handshake messages",
			class:  "tag compared in part or not at all",
			breaks: ids("NOISE-005"),
			alter: func(s *script) {
				s.readStatic = func(hs *adversary.Handshake, ciphertext []byte) bool {
					before := *hs
					hs.RS = openUnchecked(hs, ciphertext)
					return halfTag(before, hs.RS, ciphertext)
				}
				s.readRest = func(hs *adversary.Handshake, ciphertext []byte) bool {
					if !hs.HasKey || len(ciphertext) != adversary.TagSize {
						return readRest(hs, ciphertext)
					}
					before := *hs
					return halfTag(before, openUnchecked(hs, ciphertext), ciphertext)
				}
			},
		},
		{
			name: "trailing-bytes-ignored", title: "takes what it needs of a handshake message and ignores the rest", class: "trailing bytes ignored",
			datagrams: []string{"c09", "e09", "c010"}, breaks: ids("NOISE-006"),
			alter: func(s *script) {
				s.readRest = func(hs *adversary.Handshake, ciphertext []byte) bool {
					size := 0
					if hs.HasKey {
						size = adversary.TagSize
					}
					return readRest(hs, ciphertext[:min(size, len(ciphertext))])
				}
			},
		},
		{
			name: "handshake-payload-accepted", title: "accepts an authenticated payload in a handshake message", class: "trailing bytes ignored",
			breaks: ids("NOISE-006"),
			alter: func(s *script) {
				s.readRest = func(hs *adversary.Handshake, ciphertext []byte) bool {
					_, ok := hs.DecryptAndHash(ciphertext)
					return ok
				}
			},
		},
	}
}

// lengthFaults are those of handshake messages of the wrong length.
func lengthFaults() []fault {
	return []fault{
		{
			name: "long-handshake-message-crash", title: "copies a handshake message into 1,000 bytes",
			class:     "over-long handshake message overruns a buffer",
			datagrams: e09(), breaks: ids("NOISE-006"),
			alter: func(s *script) {
				s.deframe = deframe(maxMessage)
				s.readKey = func(hs *adversary.Handshake, m []byte) ([]byte, bool) {
					_ = make([]byte, 1000)[:len(m)]
					return readKey(hs, m)
				}
			},
		},
		{
			name: "short-handshake-message-crash", title: "reads a key from a handshake message that is shorter",
			class:     "over-long handshake message overruns a buffer",
			datagrams: []string{"c09", "c010"}, breaks: ids("NOISE-006"),
			alter: func(s *script) {
				s.readKey = func(hs *adversary.Handshake, m []byte) ([]byte, bool) {
					_ = m[hs.Suite.PublicKeySize-1]
					return readKey(hs, m)
				}
			},
		},
		{
			name: "short-m1-padded", title: "fills up an m1 that is too short with zeros", class: "stale bytes delivered",
			roles: responder(), datagrams: []string{"e09"}, breaks: ids("NOISE-006"),
			alter: func(s *script) {
				s.readKey = func(hs *adversary.Handshake, m []byte) ([]byte, bool) {
					for len(m) < hs.Suite.PublicKeySize {
						m = append(m, 0)
					}
					return readKey(hs, m)
				}
			},
		},
	}
}

// failureFaults are those of handshakes that do not fail closed.
func failureFaults() []fault {
	return []fault{
		{
			name: "genuine-after-failed", title: "forgets a handshake message that failed and waits for another on the same stream",
			class:  "genuine message accepted after a failed one",
			breaks: ids("NOISE-007"), entails: ids("CHAN-004", "TRAN-006"),
			alter: func(s *script) {
				s.refuse = func(*conn, message) {}
			},
		},
		{
			name: "restart-after-failed", title: "begins a new handshake on the stream on which one failed",
			class: "genuine message accepted after a failed one",
			roles: responder(), breaks: ids("NOISE-007"), entails: ids("NOISE-017"),
			alter: failing(func(c *conn) { c.state = start }),
		},
		{
			name: "m1-again-after-failed", title: "sends a new m1 on the stream on which m2 failed", class: "handshake error swallowed",
			roles: initiator(), breaks: ids("NOISE-007"),
			alter: failing(func(c *conn) { c.sendM1() }),
		},
		{
			name: "payload-in-clear-after-failed", title: "takes a failed handshake for a completed one and sends its payload in clear",
			class: "handshake error swallowed and application data sent in clear",
			roles: initiator(), breaks: ids("NOISE-007"),
			alter: failing(func(c *conn) {
				c.state = failed
				c.post(kindPayload, []byte("hello"))
			}),
		},
		{
			name: "error-told", title: "answers a handshake message that fails with a payload that says so", class: "handshake error swallowed",
			breaks: ids("NOISE-007"), entails: ids("CHAN-011"),
			alter: failing(func(c *conn) {
				c.post(kindPayload, []byte("error"))
				fail(c)
			}),
		},
		{
			name: "plaintext-after-failed", title: "echoes what arrives in clear after a handshake failed",
			class:  "failed m3 followed by plaintext accepted",
			breaks: ids("NOISE-007"), entails: ids("NOISE-017"),
			alter: func(s *script) {
				failing(func(c *conn) { c.state = failed })(s)
				s.next = func(c *conn, kind byte) func(*conn, message) {
					if c.state == failed && kind == kindPayload {
						return (*conn).echoInClear
					}
					return next(c, kind)
				}
			},
		},
	}
}

// halfTag compares the first half of the tag; hs is from before the ciphertext.
func halfTag(hs adversary.Handshake, plaintext, ciphertext []byte) bool {
	sealed := hs.EncryptAndHash(plaintext)
	half := len(sealed) - adversary.TagSize/2
	return bytes.Equal(sealed[:half], ciphertext[:half])
}

// openUnchecked does what DecryptAndHash does without verifying the tag.
func openUnchecked(hs *adversary.Handshake, ciphertext []byte) []byte {
	plaintext := adversary.OpenUnchecked(hs.Key(), hs.N, ciphertext)
	hs.N++
	hs.MixHash(ciphertext)
	return plaintext
}

// failing replaces what happens when the handshake message that the channel waits for does not verify.
func failing(f func(c *conn)) change {
	return func(s *script) {
		s.refuse = func(c *conn, m message) {
			if c.state < isOpen && isKind(m, expected(c, 0)) {
				f(c)
				return
			}
			refuse(c, m)
		}
	}
}

// echoInClear takes the body for an inner message that is not encrypted, and echoes it like that.
func (c *conn) echoInClear(m message) {
	if p, ok := c.inner.parse(m.body); ok && p.kind == kindPayload {
		c.post(kindPayload, c.encode(message{onward: p.back, kind: kindPayload, body: p.body}))
	}
}
