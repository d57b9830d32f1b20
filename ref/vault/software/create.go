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
	case size == 0 && a.Type != vault.Buffer, a.Purpose != vault.KeyAgreement:
		return vault.ErrUnsupported
	case a.Persistence != vault.Ephemeral && (a.Persistence != vault.Persistent || v.store == nil):
		return vault.ErrUnsupported
	case a.Persistence == vault.Ephemeral && a.Label != "":
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
	if a.Persistence == vault.Persistent {
		return v.keep(a, func(raw []byte) (parsed, error) { return v.draw(a.Type, raw) })
	}
	index, raw, err := v.take(a)
	if err != nil {
		return vault.Secret{}, err
	}
	p, err := v.draw(a.Type, raw)
	return v.settle(index, p, err)
}

// drawAttempts bounds the search for a P-256 scalar in range. One attempt in 2^32 fails with a sound source.
const drawAttempts = 16

// draw fills raw with random bytes that make a secret.
func (v *Vault) draw(t vault.Type, raw []byte) (p parsed, err error) {
	for range drawAttempts {
		if err := v.read(raw); err != nil {
			return parsed{}, err
		}
		if p, err = v.parse(t, raw); !errors.Is(err, vault.ErrInvalidPrivateKey) {
			break
		}
	}
	return p, err
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
	if a.Persistence == vault.Persistent {
		return v.keep(a, func(own []byte) (parsed, error) {
			copy(own, raw)
			return v.parse(a.Type, own)
		})
	}
	index, own, err := v.take(a)
	if err != nil {
		return vault.Secret{}, err
	}
	copy(own, raw)
	p, err := v.parse(a.Type, own)
	return v.settle(index, p, err)
}

// parse makes of a private key's bytes what goes with them.
func (v *Vault) parse(t vault.Type, raw []byte) (p parsed, err error) {
	switch {
	case t == vault.X25519PrivateKey && v.x25519 != nil:
		p.public = v.x25519.PublicKey((*[vault.X25519PrivateKeySize]byte)(raw))
	case t == vault.X25519PrivateKey, t == vault.P256PrivateKey:
		p.private, err = newPrivateKey(t, raw)
	}
	return p, err
}

// take takes a slot for a secret that is made outside the lock. settle has to follow.
func (v *Vault) take(a vault.Attributes) (index uint32, raw []byte, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed.Load() {
		return 0, nil, vault.ErrClosed
	}
	return v.table.take(a)
}

// settle puts the secret into the slot that was taken for it or, if making it failed with err, removes the slot, so that nothing is left
// (MEM-002).
func (v *Vault) settle(index uint32, p parsed, err error) (vault.Secret, error) {
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
	return v.put(index, p), nil
}

// put puts the secret into a slot that was taken. v.mu is held.
func (v *Vault) put(index uint32, p parsed) vault.Secret {
	return vault.Secret{Owner: v.owner, Slot: index, Generation: v.table.put(index, p)}
}
