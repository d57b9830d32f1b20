package software

import (
	"crypto/ecdh"
	"fmt"
	"slices"

	"ockamtest/ref/memory"
	"ockamtest/ref/vault"
)

// A secret is what stands behind a handle.
type secret struct {
	attributes vault.Attributes
	raw        []byte // the secret's bytes, in the table's memory
	parsed
	cipher expanded // of AES keys, once they have been used
	bound  *aead    // of AES keys, once AEAD was asked for
}

// parsed is what a private key has beside its bytes: the one or the other.
type parsed struct {
	private *ecdh.PrivateKey                // on crypto/ecdh: raw, parsed
	public  [vault.X25519PublicKeySize]byte // on Config.X25519
}

// forget makes s the zero secret. Buffers, which are most, come and go without costing the garbage collector much.
func (s *secret) forget() {
	if s.attributes.Type == vault.Buffer {
		s.attributes, s.raw = vault.Attributes{}, nil
		return
	}
	*s = secret{}
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
	persistent, err := v.setType(handle, t, false)
	if persistent {
		err = v.setKeptType(handle, t)
	}
	if err != nil {
		return fmt.Errorf("set type: %w", err)
	}
	return nil
}

// setType does what SetType does, unless the secret is persistent and not yet stored as what it becomes.
func (v *Vault) setType(handle vault.Secret, t vault.Type, stored bool) (persistent bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(handle, vault.Buffer)
	if err != nil {
		return false, err
	}
	switch n := len(s.raw); {
	case t != vault.AES128Key && t != vault.AES256Key:
		return false, vault.ErrWrongType
	case t == vault.AES128Key && n < vault.AES128KeySize, t == vault.AES256Key && n != vault.AES256KeySize:
		return false, vault.ErrInvalidLength
	case s.attributes.Persistence == vault.Persistent && !stored:
		return true, nil
	}
	size := keySize(t)
	memory.Wipe(s.raw[size:])
	s.raw = s.raw[:size]
	s.attributes.Type, s.attributes.Length = t, size // VAULT-006: Exportable stays.
	return false, nil
}

// Destroy wipes the secret and frees its slot. A persistent secret is removed from the store first; when that fails it stays.
func (v *Vault) Destroy(handle vault.Secret) error {
	persistent, err := v.destroyEphemeral(handle)
	if persistent {
		err = v.discard(handle)
	}
	if err != nil {
		return fmt.Errorf("destroy: %w", err)
	}
	return nil
}

// destroyEphemeral does what Destroy does, unless the secret is persistent.
func (v *Vault) destroyEphemeral(handle vault.Secret) (persistent bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(handle)
	if err != nil || s.attributes.Persistence == vault.Persistent {
		return err == nil, err
	}
	v.destroy(handle.Slot, s)
	return false, nil
}

// destroy does what Destroy does, for a secret that find gave. v.mu is held.
func (v *Vault) destroy(index uint32, s *secret) {
	if s.bound != nil {
		s.bound.destroyed.Store(true)
	}
	v.table.remove(index)
}
