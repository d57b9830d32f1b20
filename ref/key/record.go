package key

import (
	"encoding/binary"
	"errors"
	"fmt"

	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// A direction is a record key and its next counter.
type direction struct {
	key vault.Secret
	n   uint64 // MaxCounter+1 when all are spent (REC-003)
}

// The ciphers of the two directions, bound when they are used first: there is many a channel on which one side only speaks. They are
// no part of the state, which has the keys. That there is one says that the agreement is established.
type ciphers struct{ send, receive vault.AEAD }

// bind binds the cipher of a direction: once where the vault can, else by handle.
func (x *XX) bind(cipher *vault.AEAD, d direction) error {
	if err := x.check(established); err != nil {
		return err
	}
	fast, ok := x.fixed.Vault.(vault.AEADVault)
	if !ok {
		*cipher = handleAEAD{x.fixed.Vault, d.key}
		return nil
	}
	bound, err := fast.AEAD(d.key)
	if err != nil {
		return fmt.Errorf("%w: bind: %w", ErrVault, err)
	}
	*cipher = bound
	return nil
}

// A handleAEAD is the AEAD of a vault that looks up the handle each time.
type handleAEAD struct {
	vault vault.Vault
	key   vault.Secret
}

func (a handleAEAD) Seal(dst, nonce, ad, plaintext []byte) ([]byte, error) {
	return a.vault.Seal(dst, a.key, nonce, ad, plaintext)
}

func (a handleAEAD) Open(dst, nonce, ad, ciphertext []byte) ([]byte, error) {
	return a.vault.Open(dst, a.key, nonce, ad, ciphertext)
}

// Encrypt implements Agreement.
func (x *XX) Encrypt(dst, plaintext []byte) ([]byte, error) {
	if x.fixed.send == nil {
		if err := x.bind(&x.fixed.send, x.send); err != nil {
			return nil, err
		}
	}
	n := x.send.n
	switch {
	case n > MaxCounter:
		return nil, ErrCounterExhausted // REC-003
	case cap(dst)-len(dst) < len(plaintext)+vault.TagSize:
		return nil, ErrShortBuffer // KEY-002: before a counter is used
	}
	x.send.n++ // REC-003: spent, whatever becomes of the encryption
	out, err := x.fixed.send.Seal(dst, x.nonceOf(n), x.associatedData(), plaintext)
	if err != nil {
		return nil, fmt.Errorf("%w: encrypt: %w", ErrVault, err)
	}
	return out, nil
}

// Decrypt implements Agreement.
func (x *XX) Decrypt(dst, ciphertext []byte) ([]byte, error) {
	out, err := x.DecryptAt(dst, x.receive.n, ciphertext)
	if err != nil {
		return nil, err
	}
	x.receive.n++ // REC-004: only now
	return out, nil
}

// DecryptAt implements Agreement. Verdicts on the ciphertext cost no allocation.
func (x *XX) DecryptAt(dst []byte, n uint64, ciphertext []byte) ([]byte, error) {
	if x.fixed.receive == nil {
		if err := x.bind(&x.fixed.receive, x.receive); err != nil {
			return nil, err
		}
	}
	switch {
	case n > MaxCounter:
		return nil, ErrCounterExhausted // REC-003: receivers try no higher counter
	case len(ciphertext) < vault.TagSize:
		return nil, vault.ErrShortCiphertext // REC-006: before decryption
	case cap(dst)-len(dst) < len(ciphertext)-vault.TagSize:
		return nil, ErrShortBuffer
	}
	out, err := x.fixed.receive.Open(dst, x.nonceOf(n), x.associatedData(), ciphertext)
	if err != nil {
		return nil, verdict(err)
	}
	return out, nil
}

// verdict tells a record that does not verify from a vault that fails.
func verdict(err error) error {
	if errors.Is(err, vault.ErrAuthentication) {
		return vault.ErrAuthentication
	}
	return fmt.Errorf("%w: decrypt: %w", ErrVault, err)
}

// Locate implements Agreement. It allocates nothing where the vault's AEAD is a vault.Locator.
func (x *XX) Locate(from, to uint64, ciphertext []byte) (uint64, error) {
	if x.fixed.receive == nil {
		if err := x.bind(&x.fixed.receive, x.receive); err != nil {
			return 0, err
		}
	}
	switch {
	case from > MaxCounter:
		return 0, ErrCounterExhausted // REC-003: receivers try no higher counter
	case len(ciphertext) < vault.TagSize:
		return 0, vault.ErrShortCiphertext // REC-006
	}
	to = min(to, MaxCounter)
	locator, ok := x.fixed.receive.(vault.Locator)
	if !ok {
		return x.locateByTrial(from, to, ciphertext)
	}
	n, ok := locator.Locate([4]byte{}, from, to, x.associatedData(), ciphertext) // the prefix of noise.Nonce
	if !ok {
		return 0, vault.ErrAuthentication
	}
	return n, nil
}

// locateByTrial opens ciphertext under one counter after the other, as vaults need that can do nothing better.
func (x *XX) locateByTrial(from, to uint64, ciphertext []byte) (uint64, error) {
	scratch := make([]byte, 0, len(ciphertext)-vault.TagSize)
	for i := uint64(0); from+i <= to; i++ {
		n := vault.Outward(from, to, i)
		plaintext, err := x.DecryptAt(scratch, n, ciphertext)
		if err == nil {
			clear(plaintext)
			return n, nil
		}
		if !errors.Is(err, vault.ErrAuthentication) {
			return 0, err
		}
	}
	return 0, vault.ErrAuthentication
}

// nonceOf is noise.Nonce(n), in the scratch: the next call overwrites it. Its first bytes are zero once and for all.
func (x *XX) nonceOf(n uint64) []byte {
	nonce := &x.fixed.nonce
	binary.BigEndian.PutUint64(nonce[len(nonce)-8:], n)
	return nonce[:]
}

// associatedData is h, or nothing in the profiles that authenticate nothing beside the message (REC-001).
func (x *XX) associatedData() []byte {
	if x.fixed.data == profile.NoData {
		return nil
	}
	return x.h[:]
}
