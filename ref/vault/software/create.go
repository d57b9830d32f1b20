package software

import (
	"errors"
	"fmt"

	"ockamtest/ref/vault"
)

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

// Generate makes a secret from fresh randomness. A buffer needs a length of at least 1.
func (v *Vault) Generate(a vault.Attributes) (vault.Secret, error) {
	handle, err := v.generate(a)
	if err != nil {
		return vault.Secret{}, fmt.Errorf("generate: %w", err)
	}
	return handle, nil
}

func (v *Vault) generate(a vault.Attributes) (vault.Secret, error) {
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
		return vault.Secret{}, err
	}
	index, raw, err := v.take(a.Length)
	if err != nil {
		return vault.Secret{}, err
	}
	s, err := v.draw(a, raw)
	return v.settle(index, s, err)
}

// drawAttempts bounds the search for a P-256 scalar in range. One attempt in 2^32 fails with a sound source.
const drawAttempts = 16

// draw fills raw with random bytes that make a secret.
func (v *Vault) draw(a vault.Attributes, raw []byte) (s secret, err error) {
	for range drawAttempts {
		if err := v.read(raw); err != nil {
			return secret{}, err
		}
		if s, err = v.newSecret(a, raw); !errors.Is(err, vault.ErrInvalidPrivateKey) {
			break
		}
	}
	return s, err
}

// Import makes a secret from a copy of raw. A P-256 scalar of 0, or not below the group order, is
// vault.ErrInvalidPrivateKey.
func (v *Vault) Import(a vault.Attributes, raw []byte) (vault.Secret, error) {
	handle, err := v.load(a, raw)
	if err != nil {
		return vault.Secret{}, fmt.Errorf("import: %w", err)
	}
	return handle, nil
}

func (v *Vault) load(a vault.Attributes, raw []byte) (vault.Secret, error) {
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
		return vault.Secret{}, err
	}
	index, own, err := v.take(a.Length)
	if err != nil {
		return vault.Secret{}, err
	}
	copy(own, raw)
	s, err := v.newSecret(a, own)
	return v.settle(index, s, err)
}

// newSecret builds what goes with raw: of a private key the parsed form, or the public key.
func (v *Vault) newSecret(a vault.Attributes, raw []byte) (secret, error) {
	s := secret{attributes: a, raw: raw}
	var err error
	switch {
	case a.Type == vault.X25519PrivateKey && v.x25519 != nil:
		s.public = v.x25519.PublicKey((*[vault.X25519PrivateKeySize]byte)(raw))
	case a.Type == vault.X25519PrivateKey, a.Type == vault.P256PrivateKey:
		s.private, err = newPrivateKey(a.Type, raw)
	}
	return s, err
}

// take takes a slot with size zero bytes, for a secret that is made outside the lock. settle has to follow.
func (v *Vault) take(size int) (index uint32, raw []byte, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed.Load() {
		return 0, nil, vault.ErrClosed
	}
	return v.table.take(size)
}

// settle puts s into the slot that was taken for it or, if making it failed with err, removes the slot, so that nothing is left (MEM-002).
func (v *Vault) settle(index uint32, s secret, err error) (vault.Secret, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err == nil && v.closed.Load() { // meanwhile
		err = vault.ErrClosed
	}
	if err != nil {
		v.table.remove(index)
		v.reclaim()
		return vault.Secret{}, err
	}
	return v.put(index, s), nil
}

// put makes s the secret of a slot that was taken. v.mu is held.
func (v *Vault) put(index uint32, s secret) vault.Secret {
	return vault.Secret{Owner: v.owner, Slot: index, Generation: v.table.put(index, s)}
}
