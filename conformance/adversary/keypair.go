package adversary

import (
	"crypto/ecdh"
	"io"

	"ockamtest/ref/profile"
)

// A KeyPair is a private key and its public key in the open.
type KeyPair struct {
	Suite   profile.Suite
	Private []byte // 32 bytes
	Public  []byte // 32 or 65 bytes
	// Shared, if set, is what DH gives, for public keys that have no private key: LowOrder and BasePoint.
	Shared func(public []byte) []byte

	key *ecdh.PrivateKey // Private, ready for use; nil where it was set by hand
}

// LowOrder is the pair of a public key of low order: every DH result with it is 32 zero bytes (NOISE-009).
func LowOrder(suite profile.Suite, public []byte) KeyPair {
	return KeyPair{Suite: suite, Public: public, Shared: func([]byte) []byte { return make([]byte, 32) }}
}

// BasePoint is the pair of a public key that encodes X25519's base point, u = 9. Its private key is 1, which clamping forbids,
// and a DH result with it is the other public key itself: so it may be encoded in any way, and the kit still knows the secret.
func BasePoint(suite profile.Suite, public []byte) KeyPair {
	return KeyPair{Suite: suite, Public: public, Shared: func(other []byte) []byte { return append([]byte(nil), other...) }}
}

// NewKeyPair makes the key pair of a 32-byte private key. It panics if the key is not valid for the suite (P-256 scalars of 0 or
// above the order).
func NewKeyPair(suite profile.Suite, private []byte) KeyPair {
	pair, err := LoadKeyPair(suite, private)
	if err != nil {
		panic("adversary: private key: " + err.Error())
	}
	return pair
}

// LoadKeyPair is NewKeyPair for keys that may not be valid.
func LoadKeyPair(suite profile.Suite, private []byte) (KeyPair, error) {
	key, err := curve(suite).NewPrivateKey(private)
	if err != nil {
		return KeyPair{}, err
	}
	return KeyPair{Suite: suite, Private: append([]byte(nil), private...), Public: key.PublicKey().Bytes(), key: key}, nil
}

// GenerateKeyPair makes a key pair of 32 bytes from random.
func GenerateKeyPair(suite profile.Suite, random io.Reader) (KeyPair, error) {
	private := make([]byte, 32)
	if _, err := io.ReadFull(random, private); err != nil {
		return KeyPair{}, err
	}
	private[0] &= 0x7f // below the order of P-256; X25519 clamps on use
	private[31] |= 1
	return NewKeyPair(suite, private), nil
}

// DH is the shared secret with a public key. Where the standard library refuses, the result is what deployed peers that do not
// check compute: 32 zero bytes for a low-order X25519 point. ok is false then, and for a P-256 key that is no point.
func (k KeyPair) DH(public []byte) (shared []byte, ok bool) {
	if k.Shared != nil {
		return k.Shared(public), true
	}
	key := k.key
	if key == nil {
		key = NewKeyPair(k.Suite, k.Private).key
	}
	peer, err := curve(k.Suite).NewPublicKey(public)
	if err != nil {
		return make([]byte, 32), false
	}
	shared, err = key.ECDH(peer)
	if err != nil {
		return make([]byte, 32), false
	}
	return shared, true
}

func curve(suite profile.Suite) ecdh.Curve {
	if suite.P256 {
		return ecdh.P256()
	}
	return ecdh.X25519()
}
