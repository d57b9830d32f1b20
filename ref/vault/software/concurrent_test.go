package software_test

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// Keys are destroyed, and at last the vault closed, while they are in use: each operation works or says why not, and
// nothing leaks. The race detector looks on.
func TestDestroyInUse(t *testing.T) {
	const workers, rounds = 4, 50
	var m memorytest.Counting
	v := newVault(t, software.Config{Memory: &m})
	keys := make(chan vault.Secret, workers)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range rounds {
				if s, err := v.Import(vault.Attributes{Type: vault.X25519PrivateKey}, make([]byte, 32)); err == nil {
					keys <- s
				}
			}
			keys <- vault.Secret{}
		})
		group.Go(func() {
			for s := range keys {
				if s.IsZero() {
					return
				}
				var inner sync.WaitGroup
				inner.Go(func() { use(t, v, s) })
				inner.Go(func() {
					if err := v.Destroy(s); err != nil {
						t.Errorf("Destroy: %v", err)
					}
				})
				inner.Wait()
			}
		})
	}
	group.Wait()
	if live := m.Live(); live > 3 { // the work area, and two slabs at most
		t.Errorf("%d buffers live", live)
	}
	closeAndCount(t, v, &m)
}

// use derives an AES key from a private key that may be gone at any moment.
func use(t *testing.T, v vault.AEADVault, private vault.Secret) {
	shared, err := v.ECDH(private, []byte(x25519Base))
	if errors.Is(err, vault.ErrInvalidSecret) {
		return
	}
	if err != nil {
		t.Errorf("ECDH: %v", err)
		return
	}
	outputs := make([]vault.Secret, 2)
	err = errors.Join(
		v.HKDF(shared, shared, outputs),
		v.SetType(outputs[0], vault.AES256Key))
	aead, aeadErr := v.AEAD(outputs[0])
	if err = errors.Join(err, aeadErr); err != nil {
		t.Errorf("derive: %v", err)
		return
	}
	var group sync.WaitGroup
	group.Go(func() {
		_, err := aead.Seal(make([]byte, 0, 32), make([]byte, vault.NonceSize), nil, make([]byte, 16))
		if err != nil && !errors.Is(err, vault.ErrInvalidSecret) {
			t.Errorf("Seal: %v", err)
		}
	})
	group.Go(func() {
		if err := errors.Join(v.Destroy(outputs[0]), v.Destroy(outputs[1]), v.Destroy(shared)); err != nil {
			t.Errorf("Destroy: %v", err)
		}
	})
	group.Wait()
}

// single is a source of randomness that may have one reader at a time, and counts when it has more.
type single struct {
	inside, overlaps atomic.Int32
}

func (s *single) Read(p []byte) (int, error) {
	defer s.inside.Add(-1)
	if s.inside.Add(1) > 1 {
		s.overlaps.Add(1)
	}
	runtime.Gosched()
	for i := range p {
		p[i] = 7
	}
	return len(p), nil
}

// Config.Random is read from one goroutine at a time.
func TestRandomIsSerialized(t *testing.T) {
	var source single
	v := newVault(t, software.Config{Random: &source})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 200 {
				_, err := v.Generate(vault.Attributes{Type: vault.AES128Key})
				if err = errors.Join(err, v.Random(make([]byte, 8))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if n := source.overlaps.Load(); n != 0 {
		t.Errorf("%d reads overlap", n)
	}
}
