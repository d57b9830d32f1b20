package noise

import (
	"errors"

	"ockamtest/ref/vault"
)

// secrets are those that a state owns; zero ones stand for none.
type secrets [5]vault.Secret

func (s *secrets) contains(secret vault.Secret) bool {
	for i := range s {
		if s[i] == secret {
			return true
		}
	}
	return false
}

// A transaction is a call in progress. While it is open, each secret that is made is stored in the state at once, or destroyed by whoever
// made it; so what has to go in the end follows from the two states.
type transaction struct {
	open   bool
	failed bool    // a call within the call failed
	before secrets // of the state to go back to: not to be destroyed
}

// Atomically runs f and keeps what its calls of hs did only if all of them, and f, succeed.
func (hs *HandshakeState) Atomically(f func() error) error {
	if hs.closed {
		return ErrClosed
	}
	if hs.tx.open { // a part of what is under way
		err := f()
		hs.tx.failed = hs.tx.failed || err != nil
		return err
	}
	before := *hs
	hs.tx = transaction{open: true, before: hs.secrets()}
	err := f()
	if err == nil && hs.tx.failed {
		err = ErrIncomplete
	}
	if err != nil {
		hs.rollback(before)
		return err
	}
	hs.commit()
	return nil
}

// commit destroys the secrets that only the state before had.
func (hs *HandshakeState) commit() {
	now := hs.secrets()
	for _, s := range hs.tx.before {
		if !s.IsZero() && !now.contains(s) {
			hs.destroy(s)
		}
	}
	hs.tx = transaction{}
}

// rollback destroys the secrets that only the state now has, and goes back.
func (hs *HandshakeState) rollback(before HandshakeState) {
	for _, s := range hs.secrets() {
		hs.drop(s)
	}
	before.trash = hs.trash // what could not be destroyed has to be, all the same
	*hs = before
}

// drop destroys a secret that the state needs no longer, unless the state to go back to needs it.
func (hs *HandshakeState) drop(s vault.Secret) {
	if !s.IsZero() && !hs.tx.before.contains(s) {
		hs.destroy(s)
	}
}

// A trash has secrets whose destruction failed. It is tried again when the handshake is closed, so that a device that is busy for a
// moment neither fails a message that was good nor leaks the secret.
type trash struct{ left []vault.Secret }

// destroy destroys a secret, now or later.
func (hs *HandshakeState) destroy(s vault.Secret) {
	if err := hs.cfg.Vault.Destroy(s); err != nil && !gone(err) {
		if hs.trash == nil {
			hs.trash = new(trash)
		}
		hs.trash.left = append(hs.trash.left, s)
	}
}

// emptyTrash tries again what is left and returns the errors of what still is.
func (hs *HandshakeState) emptyTrash() error {
	if hs.trash == nil {
		return nil
	}
	left := hs.trash.left
	hs.trash.left = nil
	var errs []error
	for _, s := range left {
		if err := hs.cfg.Vault.Destroy(s); err != nil && !gone(err) {
			hs.trash.left = append(hs.trash.left, s)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// gone reports whether a secret that cannot be destroyed does not exist any more.
func gone(err error) bool {
	return errors.Is(err, vault.ErrInvalidSecret) || errors.Is(err, vault.ErrClosed)
}
