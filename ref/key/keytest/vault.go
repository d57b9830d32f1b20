package keytest

import (
	"errors"

	"ockamtest/ref/vault"
)

// ErrFault is the error of an operation that a Vault lets fail.
var ErrFault = errors.New("keytest: the vault fails on purpose")

// A Vault counts the operations and the living secrets of the vault below it, and lets one operation fail. It has no fast path for
// records: it is a vault.Vault and no vault.AEADVault. Not safe for concurrent use.
type Vault struct {
	vault.Vault
	live       map[vault.Secret]struct{}
	operations int
	failAt     int
	failed     string
}

// NewVault returns a Vault over v.
func NewVault(v vault.Vault) *Vault {
	return &Vault{Vault: v, live: map[vault.Secret]struct{}{}}
}

// FailAt makes the k-th operation from now fail with ErrFault, once. 0 makes none fail.
func (v *Vault) FailAt(k int) { v.operations, v.failAt, v.failed = 0, k, "" }

// Failed names the operation that FailAt made fail, empty if it did not come to that.
func (v *Vault) Failed() string { return v.failed }

// Live is the number of secrets that were made here and are not destroyed.
func (v *Vault) Live() int { return len(v.live) }

func (v *Vault) fault(operation string) error {
	v.operations++
	if v.operations != v.failAt {
		return nil
	}
	v.failed = operation
	return ErrFault
}

func (v *Vault) made(s vault.Secret, err error) (vault.Secret, error) {
	if err == nil {
		v.live[s] = struct{}{}
	}
	return s, err
}

// Random implements vault.Vault.
func (v *Vault) Random(p []byte) error {
	if err := v.fault("Random"); err != nil {
		return err
	}
	return v.Vault.Random(p)
}

// SHA256 implements vault.Vault.
func (v *Vault) SHA256(a, b []byte) ([vault.HashSize]byte, error) {
	if err := v.fault("SHA256"); err != nil {
		return [vault.HashSize]byte{}, err
	}
	return v.Vault.SHA256(a, b)
}

// Generate implements vault.Vault.
func (v *Vault) Generate(a vault.Attributes) (vault.Secret, error) {
	if err := v.fault("Generate"); err != nil {
		return vault.Secret{}, err
	}
	return v.made(v.Vault.Generate(a))
}

// Import implements vault.Vault.
func (v *Vault) Import(a vault.Attributes, raw []byte) (vault.Secret, error) {
	if err := v.fault("Import"); err != nil {
		return vault.Secret{}, err
	}
	return v.made(v.Vault.Import(a, raw))
}

// Export implements vault.Vault.
func (v *Vault) Export(dst []byte, s vault.Secret) ([]byte, error) {
	if err := v.fault("Export"); err != nil {
		return nil, err
	}
	return v.Vault.Export(dst, s)
}

// PublicKey implements vault.Vault.
func (v *Vault) PublicKey(dst []byte, s vault.Secret) ([]byte, error) {
	if err := v.fault("PublicKey"); err != nil {
		return nil, err
	}
	return v.Vault.PublicKey(dst, s)
}

// Attributes implements vault.Vault.
func (v *Vault) Attributes(s vault.Secret) (vault.Attributes, error) {
	if err := v.fault("Attributes"); err != nil {
		return vault.Attributes{}, err
	}
	return v.Vault.Attributes(s)
}

// SetType implements vault.Vault.
func (v *Vault) SetType(s vault.Secret, t vault.Type) error {
	if err := v.fault("SetType"); err != nil {
		return err
	}
	return v.Vault.SetType(s, t)
}

// Destroy implements vault.Vault. When it fails on purpose the secret lives on.
func (v *Vault) Destroy(s vault.Secret) error {
	if err := v.fault("Destroy"); err != nil {
		return err
	}
	err := v.Vault.Destroy(s)
	if err == nil {
		delete(v.live, s)
	}
	return err
}

// ECDH implements vault.Vault.
func (v *Vault) ECDH(private vault.Secret, public []byte) (vault.Secret, error) {
	if err := v.fault("ECDH"); err != nil {
		return vault.Secret{}, err
	}
	return v.made(v.Vault.ECDH(private, public))
}

// HKDF implements vault.Vault.
func (v *Vault) HKDF(salt, ikm vault.Secret, outputs []vault.Secret) error {
	if err := v.fault("HKDF"); err != nil {
		clear(outputs)
		return err
	}
	err := v.Vault.HKDF(salt, ikm, outputs)
	if err == nil {
		for _, s := range outputs {
			v.live[s] = struct{}{}
		}
	}
	return err
}

// Seal implements vault.Vault.
func (v *Vault) Seal(dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error) {
	if err := v.fault("Seal"); err != nil {
		return nil, err
	}
	return v.Vault.Seal(dst, key, nonce, ad, plaintext)
}

// Open implements vault.Vault.
func (v *Vault) Open(dst []byte, key vault.Secret, nonce, ad, ciphertext []byte) ([]byte, error) {
	if err := v.fault("Open"); err != nil {
		return nil, err
	}
	return v.Vault.Open(dst, key, nonce, ad, ciphertext)
}
