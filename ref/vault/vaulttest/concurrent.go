package vaulttest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"ockamtest/ref/vault"
)

func concurrencyChecks() []Check {
	return []Check{
		{"concurrency/use/accepts", []string{"VAULT-010"}, nil, concurrentUse},
		{"concurrency/close/refuses", []string{"VAULT-010"}, nil, concurrentClose},
	}
}

// spread calls f from several goroutines at once, as many as the vault has room for with two secrets each beside those
// that are there, and waits for them. f may not use T.
func (s *exam) spread(there int, f func() error) error {
	workers := 4
	if limit := s.capabilities.MaxSecrets; limit > 0 {
		workers = max(1, min(workers, (limit-there)/2))
	}
	errs := make([]error, workers)
	var group sync.WaitGroup
	for i := range workers {
		group.Go(func() { errs[i] = f() })
	}
	group.Wait()
	return errors.Join(errs...)
}

// concurrentUse lets goroutines use secrets together while each makes and destroys its own. The race detector helps.
func concurrentUse(s *exam) {
	for _, t := range s.types() {
		shared := s.make(t)
		want := s.fingerprint(shared)
		s.ok("concurrent use of "+t.String(), s.spread(1, func() error {
			for range 8 {
				if err := s.useOnce(t, shared, want); err != nil {
					return err
				}
			}
			return nil
		}))
		s.equal("the shared secret afterwards", s.fingerprint(shared), want)
		s.destroy(shared)
	}
}

func (s *exam) useOnce(t vault.Type, shared vault.Secret, want []byte) error {
	own, err := s.tryMake(t)
	if err != nil {
		return err
	}
	if got, err := s.tryFingerprint(shared); err != nil || !bytes.Equal(got, want) {
		return errors.Join(err, fmt.Errorf("the shared secret is %x, want %x", got, want))
	}
	if own == shared {
		return errors.New("a new secret has the handle of another")
	}
	if err := s.Random(make([]byte, 32)); err != nil {
		return err
	}
	if err := s.Destroy(own); err != nil {
		return err
	}
	if _, err := s.Attributes(own); !errors.Is(err, vault.ErrInvalidSecret) {
		return errors.Join(err, errors.New("a destroyed secret still has attributes, or fails otherwise"))
	}
	return nil
}

// concurrentClose closes a vault that is in use: every operation works as if before, or fails with vault.ErrClosed.
func concurrentClose(s *exam) {
	t := s.types()[0]
	shared := s.make(t)
	want := s.fingerprint(shared)
	var once sync.Once
	s.ok("use while the vault is closed", s.spread(1, func() error {
		for {
			got, err := s.tryFingerprint(shared)
			switch {
			case errors.Is(err, vault.ErrClosed):
				return nil
			case err != nil:
				return err
			case !bytes.Equal(got, want):
				return fmt.Errorf("the shared secret is %x, want %x", got, want)
			}
			once.Do(func() { err = s.Close() })
			if err != nil {
				return err
			}
		}
	}))
}
