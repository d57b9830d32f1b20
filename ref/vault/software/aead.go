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

// An expanded key is what crypto/aes and crypto/cipher make of an AES key. A key is expanded when it is used first, or bound: what nobody
// can wipe does not come into being for keys that are never used.
type expanded struct {
	gcm   cipher.AEAD // nil: not expanded
	block cipher.Block
}

// expand expands the AES key s, once. v.mu is held.
func (s *secret) expand() (expanded, error) {
	if s.cipher.gcm != nil {
		return s.cipher, nil
	}
	block, err := aes.NewCipher(s.raw)
	if err != nil {
		return expanded{}, fmt.Errorf("expand key: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return expanded{}, fmt.Errorf("expand key: %w", err)
	}
	s.cipher = expanded{gcm, block}
	return s.cipher, nil
}

// checkSeal refuses what crypto/cipher would panic at, and what does not fit. Its errors are the sentinels themselves: they cost no
// allocation.
func checkSeal(dst, nonce, plaintext []byte) error {
	switch {
	case len(nonce) != vault.NonceSize, uint64(len(plaintext)) > maxPlaintext:
		return vault.ErrInvalidLength
	case cap(dst)-len(dst)-vault.TagSize < len(plaintext):
		return vault.ErrShortBuffer
	}
	return nil
}

// checkOpen is checkSeal for Open.
func checkOpen(dst, nonce, ciphertext []byte) error {
	switch {
	case len(nonce) != vault.NonceSize:
		return vault.ErrInvalidLength
	case len(ciphertext) < vault.TagSize:
		return vault.ErrShortCiphertext
	case cap(dst)-len(dst) < len(ciphertext)-vault.TagSize:
		return vault.ErrShortBuffer
	}
	return nil
}

// Seal encrypts with the AES key behind a handle.
func (v *Vault) Seal(dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error) {
	e, err := v.expanded(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := checkSeal(dst, nonce, plaintext); err != nil {
		return nil, err
	}
	return e.gcm.Seal(dst, nonce, plaintext, ad), nil
}

// Open decrypts with the AES key behind a handle.
func (v *Vault) Open(dst []byte, key vault.Secret, nonce, ad, ciphertext []byte) ([]byte, error) {
	e, err := v.expanded(key)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if err := checkOpen(dst, nonce, ciphertext); err != nil {
		return nil, err
	}
	// VAULT-005: crypto/cipher clears the output when the tag is wrong.
	plaintext, err := e.gcm.Open(dst, nonce, ciphertext, ad)
	if err != nil {
		return nil, vault.ErrAuthentication
	}
	return plaintext, nil
}

// expanded returns the cipher of an AES key. It goes on to work when the key is destroyed.
func (v *Vault) expanded(key vault.Secret) (expanded, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(key, vault.AES128Key, vault.AES256Key)
	if err != nil {
		return expanded{}, err
	}
	return s.expand()
}

// An aead is AES-GCM with one key. It outlives the key only as a value that refuses to work.
type aead struct {
	cipher    expanded
	unused    [vault.NonceSize]byte // for Locate: all ones; here so that it need not be allocated
	destroyed atomic.Bool
}

var _ vault.Locator = (*aead)(nil)

// AEAD returns the cipher of an AES key, to be used without a look-up and without a lock. It is the same each time.
func (v *Vault) AEAD(key vault.Secret) (vault.AEAD, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(key, vault.AES128Key, vault.AES256Key)
	if err != nil {
		return nil, fmt.Errorf("aead: %w", err)
	}
	if s.bound == nil {
		e, err := s.expand()
		if err != nil {
			return nil, fmt.Errorf("aead: %w", err)
		}
		s.bound = &aead{cipher: e}
		for i := range s.bound.unused {
			s.bound.unused[i] = 0xff
		}
	}
	return s.bound, nil
}

// Seal implements vault.AEAD.
func (a *aead) Seal(dst, nonce, ad, plaintext []byte) ([]byte, error) {
	if a.destroyed.Load() {
		return nil, vault.ErrInvalidSecret
	}
	if err := checkSeal(dst, nonce, plaintext); err != nil {
		return nil, err
	}
	return a.cipher.gcm.Seal(dst, nonce, plaintext, ad), nil
}

// Open implements vault.AEAD. A flood of forgeries costs no allocation.
func (a *aead) Open(dst, nonce, ad, ciphertext []byte) ([]byte, error) {
	if a.destroyed.Load() {
		return nil, vault.ErrInvalidSecret
	}
	if err := checkOpen(dst, nonce, ciphertext); err != nil {
		return nil, err
	}
	// VAULT-005, as above. Written out twice, for a call less is a nanosecond less of two hundred.
	plaintext, err := a.cipher.gcm.Open(dst, nonce, ciphertext, ad)
	if err != nil {
		return nil, vault.ErrAuthentication
	}
	return plaintext, nil
}
