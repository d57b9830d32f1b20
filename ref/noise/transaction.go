package noise

import (
	"errors"
	"slices"

	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// A transaction is one call in progress. It knows the secrets that the call has made, so that none is left when it fails
// (NOISE-015), and never destroys one that the state before the call holds.
type transaction struct {
	vault vault.Vault
	suite profile.Suite
	trash *trash
	made  []vault.Secret
}

func (tx *transaction) importBuffer(raw []byte) (vault.Secret, error) {
	return tx.keep(tx.vault.Import(vault.Attributes{Type: vault.Buffer}, raw))
}

func (tx *transaction) generate() (vault.Secret, error) {
	return tx.keep(tx.vault.Generate(vault.Attributes{Type: privateKeyType(tx.suite)}))
}

func (tx *transaction) ecdh(private vault.Secret, public []byte) (vault.Secret, error) {
	return tx.keep(tx.vault.ECDH(private, public))
}

func (tx *transaction) keep(s vault.Secret, err error) (vault.Secret, error) {
	if err != nil {
		return vault.Secret{}, err
	}
	tx.made = append(tx.made, s)
	return s, nil
}

func (tx *transaction) hkdf(salt, ikm vault.Secret) (a, b vault.Secret, err error) {
	var out [2]vault.Secret
	if err := tx.vault.HKDF(salt, ikm, out[:]); err != nil {
		return vault.Secret{}, vault.Secret{}, err
	}
	tx.made = append(tx.made, out[0], out[1])
	return out[0], out[1], nil
}

func (tx *transaction) setCipherKey(k vault.Secret) error {
	return tx.vault.SetType(k, cipherKeyType(tx.suite))
}

// drop destroys a secret that is needed no longer if this transaction made it. Another's stays for the state before.
func (tx *transaction) drop(s vault.Secret) {
	if i := slices.Index(tx.made, s); i >= 0 {
		tx.made = slices.Delete(tx.made, i, i+1)
		tx.trash.destroy(s)
	}
}

// rollback destroys everything that the transaction made.
func (tx *transaction) rollback() {
	for _, s := range tx.made {
		tx.trash.destroy(s)
	}
	tx.made = nil
}

// A trash destroys secrets. One whose destruction fails stays and is tried again when the handshake is closed, so that a device
// that is busy for a moment neither fails a message that was good nor leaks the secret.
type trash struct {
	vault vault.Vault
	left  []vault.Secret
}

func (t *trash) destroy(s vault.Secret) {
	if s.IsZero() {
		return
	}
	if err := t.vault.Destroy(s); err != nil && !gone(err) {
		t.left = append(t.left, s)
	}
}

// empty tries again what is left and returns the errors of what still is.
func (t *trash) empty() error {
	left := t.left
	t.left = nil
	var errs []error
	for _, s := range left {
		if err := t.vault.Destroy(s); err != nil && !gone(err) {
			t.left = append(t.left, s)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// gone reports whether a secret that cannot be destroyed does not exist any more.
func gone(err error) bool {
	return errors.Is(err, vault.ErrInvalidSecret) || errors.Is(err, vault.ErrClosed)
}
