package software

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"sync/atomic"

	"ockamtest/ref/vault"
)

// maxPlaintext is the longest plaintext that AES-GCM takes in one message, in bytes.
const maxPlaintext = (1<<32 - 2) * aes.BlockSize

// An aead is AES-GCM with one key. It outlives its slot only as a value that refuses to work.
type aead struct {
	gcm       cipher.AEAD
	block     cipher.Block          // the key of gcm, for Locate
	unused    [vault.NonceSize]byte // for Locate: all ones; here so that it need not be allocated
	destroyed atomic.Bool
}

var _ vault.Locator = (*aead)(nil)

// newAEAD expands a key of 16 or 32 bytes.
func newAEAD(key []byte) (*aead, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("expand key: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("expand key: %w", err)
	}
	a := &aead{gcm: gcm, block: block}
	for i := range a.unused {
		a.unused[i] = 0xff
	}
	return a, nil
}

// Seal implements vault.AEAD. Its errors are the sentinels themselves: they cost no allocation.
func (a *aead) Seal(dst, nonce, ad, plaintext []byte) ([]byte, error) {
	switch {
	case a.destroyed.Load():
		return nil, vault.ErrInvalidSecret
	case len(nonce) != vault.NonceSize, uint64(len(plaintext)) > maxPlaintext:
		return nil, vault.ErrInvalidLength
	case cap(dst)-len(dst)-vault.TagSize < len(plaintext):
		return nil, vault.ErrShortBuffer
	}
	return a.gcm.Seal(dst, nonce, plaintext, ad), nil
}

// Open implements vault.AEAD. Its errors are the sentinels themselves, so that a flood of forgeries costs no allocation.
func (a *aead) Open(dst, nonce, ad, ciphertext []byte) ([]byte, error) {
	switch {
	case a.destroyed.Load():
		return nil, vault.ErrInvalidSecret
	case len(nonce) != vault.NonceSize:
		return nil, vault.ErrInvalidLength
	case len(ciphertext) < vault.TagSize:
		return nil, vault.ErrShortCiphertext
	case cap(dst)-len(dst) < len(ciphertext)-vault.TagSize:
		return nil, vault.ErrShortBuffer
	}
	// VAULT-005: crypto/cipher clears the output when the tag is wrong.
	plaintext, err := a.gcm.Open(dst, nonce, ciphertext, ad)
	if err != nil {
		return nil, vault.ErrAuthentication
	}
	return plaintext, nil
}

// AEAD returns the cipher of an AES key, to be used without a look-up and without a lock.
func (v *Vault) AEAD(key vault.Secret) (vault.AEAD, error) {
	a, err := v.aead(key)
	if err != nil {
		return nil, fmt.Errorf("aead: %w", err)
	}
	return a, nil
}

// Seal encrypts with the AES key behind a handle.
func (v *Vault) Seal(dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error) {
	a, err := v.aead(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return a.Seal(dst, nonce, ad, plaintext)
}

// Open decrypts with the AES key behind a handle.
func (v *Vault) Open(dst []byte, key vault.Secret, nonce, ad, ciphertext []byte) ([]byte, error) {
	a, err := v.aead(key)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return a.Open(dst, nonce, ad, ciphertext)
}

func (v *Vault) aead(key vault.Secret) (*aead, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(key, vault.AES128Key, vault.AES256Key)
	if err != nil {
		return nil, err
	}
	return s.cipher, nil
}
