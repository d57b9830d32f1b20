package peers

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// weakKeyFaults are those of keys that are not random enough (NOISE-008).
func weakKeyFaults() []fault {
	weak := func(name, title string, alter change) fault {
		return fault{
			name: name, title: title, class: "weak seeding",
			profiles: everyProfile(), datagrams: everyProfile(), breaks: ids("NOISE-008"), alter: alter,
		}
	}
	restarted := weak("seeded-by-second", "seeds its generator with the second in which it starts", nil)
	restarted.profiles, restarted.datagrams = v1(), v1()
	restarted.build = func(need conformance.Need, _ uint64) conformance.Node { return newNode(need, 1_600_000_000, nil) }
	counting := weak("ephemeral-counts", "takes the number of the handshake for the ephemeral private key", nil)
	counting.build = alteredTogether(func() change {
		n := uint64(0)
		return drawing(func(*conn) []byte {
			n++
			return binary.BigEndian.AppendUint64(make([]byte, 24), n)
		})
	})
	static := weak("static-key-of-16-bits", "makes static keys from seeds of 16 bits", func(s *script) {
		s.static = func(c *conn) adversary.KeyPair { return fromSeed(c) }
	})
	static.profiles, static.datagrams = c09(), []string{"c09", "c010"} // which make one for each handshake
	chosen := weak("ephemeral-chosen", "draws ephemeral keys again until the last byte but one of the public key is even",
		drawingUntil(func(public []byte) bool { return public[len(public)-2]&1 == 0 }))
	chosen.profiles, chosen.datagrams = v1(), c010()
	return []fault{
		weak("ephemeral-of-16-bits", "makes ephemeral keys from seeds of 16 bits", func(s *script) { s.ephemeral = fromSeed }),
		weak("ephemeral-of-one-byte", "fills ephemeral private keys with one random byte", drawing(func(c *conn) []byte {
			return bytes.Repeat([]byte{byte(c.node.random.Uint64())&0x7f | 1}, 32)
		})),
		counting, chosen, restarted, static,
	}
}

// fromSeed makes a key from a seed of 16 random bits.
func fromSeed(c *conn) adversary.KeyPair {
	for {
		var seed [32]byte
		binary.LittleEndian.PutUint16(seed[:], uint16(c.node.random.Uint64()))
		if pair, err := adversary.GenerateKeyPair(c.node.profile.Suite, rand.NewChaCha8(seed)); err == nil && !c.node.stuck(pair.Public) {
			return pair
		}
	}
}

// drawing takes ephemeral private keys from elsewhere.
func drawing(private func(c *conn) []byte) change {
	return func(s *script) {
		s.ephemeral = func(c *conn) adversary.KeyPair {
			for {
				pair := adversary.NewKeyPair(c.node.profile.Suite, private(c))
				if !c.node.stuck(pair.Public) {
					return pair
				}
			}
		}
	}
}

// drawingUntil draws ephemeral keys again until one is liked.
func drawingUntil(liked func(public []byte) bool) change {
	return func(s *script) {
		s.ephemeral = func(c *conn) adversary.KeyPair {
			for {
				if pair := c.node.newKey(); liked(pair.Public) {
					return pair
				}
			}
		}
	}
}
