package software_test

import (
	"errors"
	"testing"

	"ockamtest/ref/memory"
	"ockamtest/ref/memory/locked"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/atomicfile/atomicfiletest"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/vault/store"
	"ockamtest/ref/vault/vaulttest"
)

// VAULT-010: the software vault passes the contract test, with and without a bound on its secrets, and whatever its memory.
func TestContract(t *testing.T) {
	for name, cfg := range map[string]software.Config{
		"default":        {},
		"bounded":        {MaxSecrets: 20, MaxBuffer: 300},
		"bounded memory": {MaxBuffer: 300, Memory: memory.NewBounded(1 << 20)},
		"locked memory":  {MaxSecrets: 100, Memory: newArena(t)},
	} {
		t.Run(name, func(t *testing.T) {
			vaulttest.Run(t, func(t *testing.T) vault.Vault {
				v, err := software.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				return v
			})
		})
	}
}

// newArena returns an arena, of pages that are locked if the system has so many, that has to be empty when the test ends.
func newArena(t *testing.T) *locked.Arena {
	t.Helper()
	a, err := locked.New(locked.Config{AllowUnlocked: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// VAULT-007: with a store it passes what vaults with persistent types have to.
func TestPersistentContract(t *testing.T) {
	vaulttest.RunSubject(t, func(t *testing.T) vaulttest.Subject {
		stored := make(map[vault.Vault]*persistentVault)
		s := vaulttest.Subject{}
		s.New = func() vault.Vault {
			p := newPersistentVault(t, atomicfiletest.NewDisk(), software.Config{MaxSecrets: 50})
			stored[p.Vault] = p
			return p.Vault
		}
		s.Restart = func(v vault.Vault) vault.Vault {
			p := stored[v]
			p.close(t)
			p = newPersistentVault(t, p.disk, software.Config{MaxSecrets: 50})
			stored[p.Vault] = p
			return p.Vault
		}
		return s
	})
}

// A persistentVault is a vault with its store and disk.
type persistentVault struct {
	*software.Vault
	store *store.Store
	disk  *atomicfiletest.Disk
}

// newPersistentVault opens the store on a disk, or makes it, and a vault over it.
func newPersistentVault(t testing.TB, d *atomicfiletest.Disk, cfg software.Config) *persistentVault {
	t.Helper()
	p := &persistentVault{disk: d}
	make := store.Create
	if _, there := d.Content("keys"); there {
		make = store.Open
	}
	var err error
	p.store, err = make("keys", store.Config{Key: make32(7), FS: d, Memory: cfg.Memory})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Store = p.store
	if p.Vault, err = software.New(cfg); err != nil {
		t.Fatal(err)
	}
	return p
}

func make32(x byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = x
	}
	return b
}

func (p *persistentVault) close(t testing.TB) {
	t.Helper()
	if err := errors.Join(p.Vault.Close(), p.store.Close()); err != nil {
		t.Error(err)
	}
}
