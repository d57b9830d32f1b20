package peers

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"ockamtest/conformance/adversary"
)

// noiseFaults are wrong computations: with most of them no handshake ever completes.
func noiseFaults() []fault {
	return slices.Concat(scheduleFaults(), splitFaults(), publicKeyFaults(), keyChoiceFaults())
}

// scheduleFaults are those of h, ck, k, and n.
func scheduleFaults() []fault {
	return []fault{
		{
			name: "prologue-not-mixed", title: "leaves the empty prologue out of h", class: "wrong h",
			breaks: ids("NOISE-001"),
			alter: func(s *script) {
				s.begin = func(c *conn) adversary.Handshake {
					hs := begin(c)
					hs.H = hs.CK
					return hs
				}
			},
		},
		{
			name: "hkdf-outputs-swapped", title: "takes ck and k from HKDF in the wrong order", class: "wrong keys",
			breaks: ids("NOISE-003"),
			alter: func(s *script) {
				s.mix = func(hs *adversary.Handshake, own adversary.KeyPair, public []byte) bool {
					ok := mix(hs, own, public)
					hs.CK, hs.K = hs.K, hs.CK
					return ok
				}
			},
		},
		{
			name: "nonce-not-reset-by-mixkey", title: "goes on with n after a new key instead of starting at 0", class: "wrong nonce",
			breaks: ids("NOISE-004"),
			alter: func(s *script) {
				s.mix = func(hs *adversary.Handshake, own adversary.KeyPair, public []byte) bool {
					n := hs.N
					ok := mix(hs, own, public)
					hs.N = n
					return ok
				}
			},
		},
		{
			name: "m3-static-at-nonce-0", title: "encrypts the static key in m3 with n = 0", class: "wrong nonce",
			roles: initiator(), breaks: ids("NOISE-004"),
			alter: func(s *script) {
				s.writeStatic = func(hs *adversary.Handshake) []byte {
					hs.N = 0
					return writeStatic(hs)
				}
			},
		},
		{
			name: "payload-in-handshake", title: "sends a payload in its handshake messages", class: "trailing bytes",
			breaks: ids("NOISE-002"),
			alter: func(s *script) {
				s.writeRest = func(hs *adversary.Handshake) []byte { return hs.EncryptAndHash([]byte("hello")) }
			},
		},
		{
			name: "h-without-last-payload", title: "ends with the h before the payload of m3", class: "wrong h after m3",
			profiles: v1(), breaks: ids("NOISE-014"),
			alter: func(s *script) {
				var h [32]byte
				s.readRest = func(hs *adversary.Handshake, ciphertext []byte) bool {
					h = hs.H
					return readRest(hs, ciphertext)
				}
				s.writeRest = func(hs *adversary.Handshake) []byte {
					h = hs.H
					return writeRest(hs)
				}
				s.split = func(c *conn) {
					split(c)
					c.ad = h[:]
				}
			},
		},
	}
}

// splitFaults are those of the two directions.
func splitFaults() []fault {
	return []fault{
		{
			name: "split-as-in-noise", title: "takes the directions of Split from Noise", class: "wrong split direction",
			breaks: ids("NOISE-010"),
			alter: func(s *script) {
				s.split = func(c *conn) {
					split(c)
					c.sendKey, c.receiveKey = c.receiveKey, c.sendKey
				}
			},
		},
		{
			name: "split-one-key", title: "sends with the key that it receives with", class: "wrong split direction",
			breaks: ids("NOISE-010"),
			alter: func(s *script) {
				s.split = func(c *conn) {
					split(c)
					c.sendKey = c.receiveKey
				}
			},
		},
	}
}

// publicKeyFaults are those of the points that public keys are.
func publicKeyFaults() []fault {
	return []fault{
		{
			name: "low-order-accepted", title: "goes on with an all-zero DH result", class: "low-order keys accepted",
			datagrams: c09(), breaks: ids("NOISE-009"),
			alter: func(s *script) {
				s.mix = func(hs *adversary.Handshake, own adversary.KeyPair, public []byte) bool {
					hs.MixDH(own, public)
					return true
				}
			},
		},
		{
			name: "low-order-crash", title: "dies of an all-zero DH result", class: "low-order keys accepted",
			datagrams: e09(), breaks: ids("NOISE-009"),
			alter: func(s *script) {
				s.mix = func(hs *adversary.Handshake, own adversary.KeyPair, public []byte) bool {
					if !mix(hs, own, public) {
						_ = public[len(public)]
					}
					return true
				}
			},
		},
		{
			name: "low-order-result-undefined", title: "goes on with what happens to be in memory in place of an all-zero DH result", class: "low-order keys accepted",
			roles: responder(), datagrams: c09(), breaks: ids("NOISE-007", "NOISE-017"),
			alter: func(s *script) {
				s.mix = func(hs *adversary.Handshake, own adversary.KeyPair, public []byte) bool {
					if !mix(hs, own, public) {
						hs.MixKey(own.Private)
					}
					return true
				}
			},
		},
		{
			name: "low-order-accepted-but-zero", title: "refuses the zero key and no other one of low order", class: "low-order keys accepted",
			breaks: ids("NOISE-009"),
			alter: func(s *script) {
				s.mix = func(hs *adversary.Handshake, own adversary.KeyPair, public []byte) bool {
					hs.MixDH(own, public)
					return !bytes.Equal(public, make([]byte, len(public)))
				}
			},
		},
		{
			name: "key-bit-cleared-in-h", title: "clears the top bit of a public key before it goes into h", class: "wrong h",
			datagrams: []string{"v1", "c09", "e09"}, breaks: ids("NOISE-018"),
			alter: func(s *script) {
				s.readKey = func(hs *adversary.Handshake, m []byte) ([]byte, bool) {
					m = bytes.Clone(m)
					if len(m) >= 32 {
						m[31] &= 0x7f
					}
					return readKey(hs, m)
				}
			},
		},
	}
}

// keyChoiceFaults are those of keys that are refused without need, and of keys that are not made anew.
func keyChoiceFaults() []fault {
	return []fault{
		{
			name: "key-above-p-refused", title: "refuses public keys of p and above", class: "lawful keys refused",
			datagrams: []string{"v1", "c09", "e09"}, breaks: ids("NOISE-018"),
			alter: func(s *script) {
				s.readKey = func(hs *adversary.Handshake, m []byte) ([]byte, bool) {
					if len(m) >= 32 && m[31]&0x7f == 0x7f && bytes.Count(m[1:31], []byte{0xff}) == 30 {
						return nil, false
					}
					return readKey(hs, m)
				}
			},
		},
		{
			name: "key-top-bit-refused", title: "refuses public keys with the top bit set", class: "lawful keys refused",
			breaks: ids("NOISE-018"),
			alter: func(s *script) {
				s.readKey = func(hs *adversary.Handshake, m []byte) ([]byte, bool) {
					rest, ok := readKey(hs, m)
					return rest, ok && hs.RE[31] < 0x80
				}
			},
		},
		{
			name: "ephemeral-repeated", title: "makes one ephemeral key for the process", class: "repeated ephemeral keys",
			datagrams: everyProfile(), breaks: ids("NOISE-008"),
			alter: func(s *script) {
				s.ephemeral = func(c *conn) adversary.KeyPair {
					e := sha256.Sum256(c.node.key.Private)
					return adversary.NewKeyPair(c.node.profile.Suite, e[:])
				}
			},
		},
		{
			name: "ephemeral-is-static", title: "uses its static key as the ephemeral one", class: "repeated ephemeral keys",
			profiles: v1(), breaks: ids("NOISE-008"),
			alter: func(s *script) {
				s.ephemeral = func(c *conn) adversary.KeyPair { return c.node.key }
			},
		},
	}
}
