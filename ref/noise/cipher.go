package noise

import (
	"encoding/binary"

	"ockamtest/ref/vault"
)

// A CipherState is an AEAD key and its next nonce (Noise section 5.1). The zero CipherState has no key.
type CipherState struct {
	K vault.Secret
	N uint64
}

// HasKey reports whether the state has a key.
func (c CipherState) HasKey() bool { return !c.K.IsZero() }

// Nonce is the nonce of counter n: 4 zero bytes, then n as 8 bytes big-endian (NOISE-003).
func Nonce(n uint64) [vault.NonceSize]byte {
	var nonce [vault.NonceSize]byte
	binary.BigEndian.PutUint64(nonce[4:], n)
	return nonce
}
