package software

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/store"
)

// A Store is where a Vault keeps its persistent secrets; *store.Store is one. What a method returned nil for survives a crash. When one
// fails, the store goes on as before; what a restart then finds is one or the other.
type Store interface {
	// Each calls f with every entry until it fails. The entry's bytes are the store's and end with the call.
	Each(f func(store.Entry) error) error
	// Add adds an entry. It fails with vault.ErrLabelTaken or vault.ErrInvalidLabel.
	Add(e store.Entry) error
	// Set replaces the entry with that label. It fails with vault.ErrNotFound.
	Set(e store.Entry) error
	// Remove removes an entry. It fails with vault.ErrNotFound.
	Remove(label string) error
}

// labelBytes is the length of the random part of a label that the vault chooses, in bytes.
const labelBytes = 16

// restore makes the secrets that the store has.
func (v *Vault) restore() error {
	if v.store == nil {
		return nil
	}
	return v.store.Each(func(e store.Entry) error {
		a := e.Attributes
		err := v.check(a)
		if err == nil {
			_, err = v.settleKept(a, func(own []byte) (parsed, error) {
				copy(own, e.Raw)
				return v.parse(a.Type, own)
			})
		}
		if err != nil {
			return fmt.Errorf("stored secret %s: %w", a.Label, err)
		}
		return nil
	})
}

// keep makes a persistent secret with what fill fills in. It is in the store, or there is none.
func (v *Vault) keep(a vault.Attributes, fill func(raw []byte) (parsed, error)) (vault.Secret, error) {
	v.keeping.Lock()
	defer v.keeping.Unlock()
	if a.Label == "" {
		var err error
		if a.Label, err = v.chooseLabel(); err != nil {
			return vault.Secret{}, err
		}
	}
	return v.settleKept(a, func(raw []byte) (parsed, error) {
		p, err := fill(raw)
		if err == nil {
			err = v.store.Add(store.Entry{Attributes: a, Raw: raw})
		}
		return p, err
	})
}

// chooseLabel returns a label that nothing else has.
func (v *Vault) chooseLabel() (string, error) {
	var random [labelBytes]byte
	err := v.read(random[:])
	return hex.EncodeToString(random[:]), err
}

// settleKept makes a secret with a label. v.keeping is held, or nobody else knows v.
func (v *Vault) settleKept(a vault.Attributes, fill func(raw []byte) (parsed, error)) (vault.Secret, error) {
	index, raw, err := v.take(a)
	if err != nil {
		return vault.Secret{}, err
	}
	p, err := fill(raw)
	handle, err := v.settle(index, p, err)
	if err != nil {
		return vault.Secret{}, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.labels[a.Label] = handle
	return handle, nil
}

// kept returns the entry of a persistent secret, whose bytes stay where they are while v.keeping is held, which it is.
func (v *Vault) kept(handle vault.Secret) (store.Entry, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(handle)
	if err != nil {
		return store.Entry{}, err
	}
	return store.Entry{Attributes: s.attributes, Raw: s.raw}, nil
}

// setKeptType is SetType for a persistent secret, which is stored as what it becomes before it does.
func (v *Vault) setKeptType(handle vault.Secret, t vault.Type) error {
	v.keeping.Lock()
	defer v.keeping.Unlock()
	if _, err := v.setType(handle, t, false); err != nil {
		return err // Another goroutine has changed it meanwhile.
	}
	e, err := v.kept(handle)
	if err != nil {
		return err
	}
	e.Attributes.Type, e.Attributes.Length = t, keySize(t)
	e.Raw = e.Raw[:keySize(t)]
	if err := v.store.Set(e); err != nil {
		return err
	}
	_, err = v.setType(handle, t, true)
	return err
}

// discard is Destroy for a persistent secret.
func (v *Vault) discard(handle vault.Secret) error {
	v.keeping.Lock()
	defer v.keeping.Unlock()
	e, err := v.kept(handle)
	if err != nil {
		return err // Another goroutine has destroyed it meanwhile.
	}
	if err := v.store.Remove(e.Attributes.Label); err != nil && !errors.Is(err, vault.ErrNotFound) {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(handle)
	if err != nil {
		return err
	}
	delete(v.labels, e.Attributes.Label)
	v.destroy(handle.Slot, s)
	return nil
}

// Lookup returns the handle of the persistent secret with that label. Without a store it is vault.ErrUnsupported.
func (v *Vault) Lookup(label string) (vault.Secret, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	handle, found := v.labels[label]
	err := v.persists()
	if err == nil && !found {
		err = vault.ErrNotFound
	}
	if err != nil {
		return vault.Secret{}, fmt.Errorf("look up: %w", err)
	}
	return handle, nil
}

// Labels returns the labels of all persistent secrets, in order. Without a store it is vault.ErrUnsupported.
func (v *Vault) Labels() ([]string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.persists(); err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	return slices.Sorted(maps.Keys(v.labels)), nil
}

// persists tells why there is no persistent secret to be found.
func (v *Vault) persists() error {
	switch {
	case v.closed.Load():
		return vault.ErrClosed
	case v.store == nil:
		return vault.ErrUnsupported
	}
	return nil
}
