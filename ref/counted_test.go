package ref_test

import (
	"fmt"
	"sync"
	"testing"

	"ockamtest/ref"
	"ockamtest/ref/memory"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// A countedVault counts the secrets that exist, and can refuse to make one.
type countedVault struct {
	*software.Vault

	mu        sync.Mutex
	secrets   map[vault.Secret]bool
	made      int
	countdown int
}

func newCountedVault(t testing.TB) *countedVault {
	t.Helper()
	v, err := software.New(software.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return &countedVault{Vault: v, secrets: map[vault.Secret]bool{}}
}

// newCounted is newConfig with the number of secrets that exist.
func newCounted(t testing.TB) (cfg ref.Config, public []byte, live func() int) {
	t.Helper()
	v := newCountedVault(t)
	static, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
	if err != nil {
		t.Fatal(err)
	}
	public, err = v.PublicKey(make([]byte, 0, vault.X25519PublicKeySize), static)
	if err != nil {
		t.Fatal(err)
	}
	return ref.Config{Vault: v, Static: static, Policy: ref.AcceptAnyKey()}, public, v.live
}

func (v *countedVault) live() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.secrets)
}

// failAt makes the k-th operation from now that makes secrets fail, once; 0 cancels.
func (v *countedVault) failAt(k int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.countdown = k
}

// count counts what make makes.
func (v *countedVault) count(make func() error, made ...*vault.Secret) error {
	v.mu.Lock()
	v.countdown--
	refused := v.countdown == 0
	v.mu.Unlock()
	if refused {
		return fmt.Errorf("refused: %w", memory.ErrOutOfMemory)
	}
	if err := make(); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range made {
		v.secrets[*s] = true
		v.made++
	}
	return nil
}

func (v *countedVault) Generate(a vault.Attributes) (s vault.Secret, err error) {
	err = v.count(func() error { s, err = v.Vault.Generate(a); return err }, &s)
	return s, err
}

func (v *countedVault) Import(a vault.Attributes, raw []byte) (s vault.Secret, err error) {
	err = v.count(func() error { s, err = v.Vault.Import(a, raw); return err }, &s)
	return s, err
}

func (v *countedVault) ECDH(private vault.Secret, public []byte) (s vault.Secret, err error) {
	err = v.count(func() error { s, err = v.Vault.ECDH(private, public); return err }, &s)
	return s, err
}

func (v *countedVault) HKDF(salt, ikm vault.Secret, outputs []vault.Secret) error {
	made := make([]*vault.Secret, len(outputs))
	for i := range outputs {
		made[i] = &outputs[i]
	}
	return v.count(func() error { return v.Vault.HKDF(salt, ikm, outputs) }, made...)
}

func (v *countedVault) Destroy(s vault.Secret) error {
	if err := v.Vault.Destroy(s); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.secrets, s)
	return nil
}
