package play

import (
	"crypto/sha256"

	"ockamtest/conformance/adversary"
	"ockamtest/fuzz/term"
	"ockamtest/ref/profile"
)

// NewCrypto is the cryptography of conformance/adversary in a suite, as terms need it. It remembers the key pairs that were used last, and is
// not safe for concurrent use.
func NewCrypto(suite profile.Suite) term.Crypto {
	return &primitives{suite: suite, pairs: map[[32]byte]adversary.KeyPair{}}
}

type primitives struct {
	suite profile.Suite
	pairs map[[32]byte]adversary.KeyPair
}

// maxPairs bounds what is remembered.
const maxPairs = 64

func (c *primitives) pair(private []byte) (adversary.KeyPair, error) {
	if len(private) == 32 {
		if p, ok := c.pairs[[32]byte(private)]; ok {
			return p, nil
		}
	}
	p, err := adversary.LoadKeyPair(c.suite, private)
	if err != nil {
		return p, err
	}
	if len(c.pairs) == maxPairs {
		clear(c.pairs)
	}
	c.pairs[[32]byte(private)] = p
	return p, nil
}

// Public returns the public key of a private one.
func (c *primitives) Public(private []byte) ([]byte, error) {
	p, err := c.pair(private)
	return append([]byte(nil), p.Public...), err
}

// DH returns the shared secret, zeros where there is none.
func (c *primitives) DH(private, public []byte) []byte {
	p, err := c.pair(private)
	if err != nil {
		return make([]byte, 32)
	}
	shared, _ := p.DH(public)
	return shared
}

// Hash is SHA-256.
func (c *primitives) Hash(data []byte) [32]byte { return sha256.Sum256(data) }

// HKDF is MixKey of conformance/adversary.
func (c *primitives) HKDF(salt [32]byte, input []byte) (a, b [32]byte) {
	s := adversary.Symmetric{CK: salt}
	s.MixKey(input)
	return s.CK, s.K
}

// Seal encrypts.
func (c *primitives) Seal(key []byte, n uint64, ad, plaintext []byte) []byte {
	return adversary.Seal(key, n, ad, plaintext)
}

// Open decrypts.
func (c *primitives) Open(key []byte, n uint64, ad, ciphertext []byte) ([]byte, bool) {
	return adversary.Open(key, n, ad, ciphertext)
}
