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
	aead vault.AEAD
	n    uint64 // MaxCounter+1 when all are spent (REC-003)
}

// bind returns the cipher of a key: bound once where the vault can, else by handle.
func bind(v vault.Vault, key vault.Secret) (vault.AEAD, error) {
	if fast, ok := v.(vault.AEADVault); ok {
		return fast.AEAD(key)
	}
	return handleAEAD{v, key}, nil
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
	if err := x.checkEncrypt(dst, plaintext); err != nil {
		return nil, err
	}
	n := x.send.n
	x.send.n++ // REC-003: spent, whatever becomes of the encryption
	out, err := x.send.aead.Seal(dst, x.nonceOf(n), x.associatedData(), plaintext)
	if err != nil {
		return nil, fmt.Errorf("%w: encrypt: %w", ErrVault, err)
	}
	return out, nil
}

func (x *XX) checkEncrypt(dst, plaintext []byte) error {
	switch {
	case x.stage != established:
		return x.check(established)
	case x.send.n > MaxCounter:
		return ErrCounterExhausted // REC-003
	case cap(dst)-len(dst) < len(plaintext)+vault.TagSize:
		return ErrShortBuffer // KEY-002: before a counter is used
	}
	return nil
}

// Decrypt implements Agreement.
func (x *XX) Decrypt(dst, ciphertext []byte) ([]byte, error) {
	n := x.receive.n
	if err := x.checkDecrypt(dst, n, ciphertext); err != nil {
		return nil, err
	}
	out, err := x.receive.aead.Open(dst, x.nonceOf(n), x.associatedData(), ciphertext)
	if err != nil {
		return nil, verdict(err)
	}
	x.receive.n++ // REC-004: only now
	return out, nil
}

// DecryptAt implements Agreement. Verdicts on the ciphertext cost no allocation.
func (x *XX) DecryptAt(dst []byte, n uint64, ciphertext []byte) ([]byte, error) {
	if err := x.checkDecrypt(dst, n, ciphertext); err != nil {
		return nil, err
	}
	out, err := x.receive.aead.Open(dst, x.nonceOf(n), x.associatedData(), ciphertext)
	if err != nil {
		return nil, verdict(err)
	}
	return out, nil
}

func (x *XX) checkDecrypt(dst []byte, n uint64, ciphertext []byte) error {
	switch {
	case x.stage != established:
		return x.check(established)
	case n > MaxCounter:
		return ErrCounterExhausted // REC-003: receivers try no higher counter
	case len(ciphertext) < vault.TagSize:
		return vault.ErrShortCiphertext // REC-006: before decryption
	case cap(dst)-len(dst) < len(ciphertext)-vault.TagSize:
		return ErrShortBuffer
	}
	return nil
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
	switch {
	case x.stage != established:
		return 0, x.check(established)
	case from > MaxCounter:
		return 0, ErrCounterExhausted // REC-003: receivers try no higher counter
	case len(ciphertext) < vault.TagSize:
		return 0, vault.ErrShortCiphertext // REC-006
	}
	to = min(to, MaxCounter)
	locator, ok := x.receive.aead.(vault.Locator)
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
