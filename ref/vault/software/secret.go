package software

import (
	"crypto/ecdh"
	"errors"
	"fmt"
	"slices"

	"ockamtest/ref/memory"
	"ockamtest/ref/vault"
)

// A secret is what stands behind a handle.
type secret struct {
	attributes vault.Attributes
	raw        []byte           // the secret's bytes, from the allocator
	private    *ecdh.PrivateKey // of private keys: raw, parsed once
	cipher     *aead            // of AES keys: raw, expanded once
}

// newSecret builds what goes with raw: the parsed private key or the cipher. It does not take raw over when it fails.
func newSecret(a vault.Attributes, raw []byte) (secret, error) {
	s := secret{attributes: a, raw: raw}
	var err error
	switch a.Type {
	case vault.Buffer:
	case vault.X25519PrivateKey, vault.P256PrivateKey:
		s.private, err = newPrivateKey(a.Type, raw)
	case vault.AES128Key, vault.AES256Key:
		s.cipher, err = newAEAD(raw)
	}
	return s, err
}

// keySize returns the length of keys of type t in bytes, or 0 for types that have none.
func keySize(t vault.Type) int {
	switch t {
	case vault.Buffer:
		return 0
	case vault.AES128Key:
		return vault.AES128KeySize
	case vault.AES256Key:
		return vault.AES256KeySize
	case vault.X25519PrivateKey:
		return vault.X25519PrivateKeySize
	case vault.P256PrivateKey:
		return vault.P256PrivateKeySize
	}
	return 0
}

// check refuses attributes that this vault cannot have (VAULT-008) and lengths that their type does not have.
func (v *Vault) check(a vault.Attributes) error {
	size := keySize(a.Type)
	switch {
	case size == 0 && a.Type != vault.Buffer, a.Purpose != vault.KeyAgreement, a.Persistence != vault.Ephemeral:
		return vault.ErrUnsupported
	case a.Length < 0, size != 0 && a.Length != size:
		return vault.ErrInvalidLength
	case a.Length > v.maxBuffer && a.Type == vault.Buffer:
		return vault.ErrUnsupported
	}
	return nil
}

// generateAttempts bounds the search for a P-256 scalar in range. One attempt in 2^32 fails with a sound source.
const generateAttempts = 16

// Generate makes a secret from fresh randomness. A buffer needs a length of at least 1.
func (v *Vault) Generate(a vault.Attributes) (vault.Secret, error) {
	if a.Length == 0 {
		a.Length = keySize(a.Type)
	}
	err := v.check(a)
	switch {
	case v.closed.Load():
		err = vault.ErrClosed
	case err == nil && a.Length == 0:
		err = vault.ErrInvalidLength
	}
	if err != nil {
		return vault.Secret{}, fmt.Errorf("generate: %w", err)
	}
	handle, err := v.create(a, func(raw []byte) (s secret, err error) {
		for range generateAttempts {
			if err := v.read(raw); err != nil {
				return secret{}, err
			}
			if s, err = newSecret(a, raw); !errors.Is(err, vault.ErrInvalidPrivateKey) {
				break
			}
		}
		return s, err
	})
	if err != nil {
		return vault.Secret{}, fmt.Errorf("generate: %w", err)
	}
	return handle, nil
}

// Import makes a secret from a copy of raw. A P-256 scalar of 0, or not below the group order, is
// vault.ErrInvalidPrivateKey.
func (v *Vault) Import(a vault.Attributes, raw []byte) (vault.Secret, error) {
	if a.Length == 0 {
		a.Length = len(raw)
	}
	err := v.check(a)
	switch {
	case v.closed.Load():
		err = vault.ErrClosed
	case err == nil && a.Length != len(raw):
		err = vault.ErrInvalidLength
	}
	if err != nil {
		return vault.Secret{}, fmt.Errorf("import: %w", err)
	}
	handle, err := v.create(a, func(own []byte) (secret, error) {
		copy(own, raw)
		return newSecret(a, own)
	})
	if err != nil {
		return vault.Secret{}, fmt.Errorf("import: %w", err)
	}
	return handle, nil
}

// create allocates a.Length bytes, lets fill make a secret of them, and stores it. On failure nothing is left (MEM-002).
func (v *Vault) create(a vault.Attributes, fill func(raw []byte) (secret, error)) (vault.Secret, error) {
	raw, err := v.memory.Allocate(a.Length)
	if err != nil {
		return vault.Secret{}, err
	}
	s, err := fill(raw)
	if err == nil {
		v.mu.Lock()
		defer v.mu.Unlock()
		var handle vault.Secret
		if handle, err = v.insert(s); err == nil {
			return handle, nil
		}
	}
	v.memory.Release(raw)
	return vault.Secret{}, err
}

// insert stores s, whose raw bytes it takes over unless it fails. v.mu is held.
func (v *Vault) insert(s secret) (vault.Secret, error) {
	if v.closed.Load() {
		return vault.Secret{}, vault.ErrClosed
	}
	index, generation, err := v.table.insert(s)
	if err != nil {
		return vault.Secret{}, err
	}
	return vault.Secret{Owner: v.owner, Slot: index, Generation: generation}, nil
}

// find returns the secret of a handle, if it has one of the types. v.mu is held.
func (v *Vault) find(handle vault.Secret, types ...vault.Type) (*secret, error) {
	if v.closed.Load() {
		return nil, vault.ErrClosed
	}
	// VAULT-001: zero, foreign, and destroyed handles.
	if handle.Owner != v.owner {
		return nil, vault.ErrInvalidSecret
	}
	s := v.table.get(handle.Slot, handle.Generation)
	if s == nil {
		return nil, vault.ErrInvalidSecret
	}
	if len(types) > 0 && !slices.Contains(types, s.attributes.Type) {
		return nil, vault.ErrWrongType
	}
	return s, nil
}

// release wipes what s holds. v.mu is held.
func (v *Vault) release(s *secret) {
	if s.cipher != nil {
		s.cipher.destroyed.Store(true)
	}
	v.memory.Release(s.raw)
}

// Export appends the secret's bytes to dst. Of a P-256 or X25519 key these are the bytes that were imported or generated,
// not clamped.
func (v *Vault) Export(dst []byte, handle vault.Secret) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(handle)
	switch {
	case err != nil:
	case !s.attributes.Exportable: // VAULT-006
		err = vault.ErrNotExportable
	case cap(dst)-len(dst) < len(s.raw):
		err = vault.ErrShortBuffer
	}
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return append(dst, s.raw...), nil
}

// Attributes returns the secret's attributes. Length is what the secret has now.
func (v *Vault) Attributes(handle vault.Secret) (vault.Attributes, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(handle)
	if err != nil {
		return vault.Attributes{}, fmt.Errorf("attributes: %w", err)
	}
	return s.attributes, nil
}

// SetType turns a buffer into an AES key. The bytes of the buffer that an AES-128 key does not take are wiped.
func (v *Vault) SetType(handle vault.Secret, t vault.Type) error {
	if err := v.setType(handle, t); err != nil {
		return fmt.Errorf("set type: %w", err)
	}
	return nil
}

func (v *Vault) setType(handle vault.Secret, t vault.Type) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(handle, vault.Buffer)
	if err != nil {
		return err
	}
	switch n := len(s.raw); {
	case t != vault.AES128Key && t != vault.AES256Key:
		return vault.ErrWrongType
	case t == vault.AES128Key && n < vault.AES128KeySize, t == vault.AES256Key && n != vault.AES256KeySize:
		return vault.ErrInvalidLength
	}
	a := s.attributes // VAULT-006: Exportable stays.
	a.Type, a.Length = t, keySize(t)
	key, err := newSecret(a, s.raw[:a.Length])
	if err != nil {
		return err
	}
	memory.Wipe(s.raw[a.Length:])
	*s = key
	return nil
}

// Destroy wipes the secret and frees its slot.
func (v *Vault) Destroy(handle vault.Secret) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(handle)
	if err != nil {
		return fmt.Errorf("destroy: %w", err)
	}
	v.destroy(handle, s)
	return nil
}

// destroy does what Destroy does, for a handle that find gave s for. v.mu is held.
func (v *Vault) destroy(handle vault.Secret, s *secret) {
	v.release(s)
	v.table.remove(handle.Slot)
}
