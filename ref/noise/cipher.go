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

// encryptWithAd appends the ciphertext to dst; without a key it passes plaintext through.
func (c *CipherState) encryptWithAd(v vault.Vault, dst, ad, plaintext []byte) ([]byte, error) {
	if !c.HasKey() {
		return append(dst, plaintext...), nil
	}
	nonce := Nonce(c.N)
	out, err := v.Seal(dst, c.K, nonce[:], ad, plaintext)
	if err != nil {
		return nil, err
	}
	c.N++
	return out, nil
}

// decryptWithAd is the inverse of encryptWithAd. n grows only if the tag verified.
func (c *CipherState) decryptWithAd(v vault.Vault, dst, ad, ciphertext []byte) ([]byte, error) {
	if !c.HasKey() {
		return append(dst, ciphertext...), nil
	}
	nonce := Nonce(c.N)
	out, err := v.Open(dst, c.K, nonce[:], ad, ciphertext)
	if err != nil {
		return nil, err
	}
	c.N++
	return out, nil
}
