package wycheproof

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// newVault returns a software vault that holds no more secrets than one vector needs, so that a slot that leaks ends the test.
func newVault(t *testing.T, secrets int, x software.X25519) *software.Vault {
	t.Helper()
	v, err := software.New(software.Config{MaxSecrets: secrets, X25519: x})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

// with imports a secret that cannot be exported, and destroys it after f.
func with(v vault.Vault, typ vault.Type, raw []byte, f func(vault.Secret) error) error {
	s, err := v.Import(vault.Attributes{Type: typ}, raw)
	if err != nil {
		return err
	}
	return errors.Join(f(s), destroy(v, s))
}

// destroy wraps errWrong, so that it does not go under beside a refusal that is expected.
func destroy(v vault.Vault, s vault.Secret) error {
	if err := v.Destroy(s); err != nil {
		return fmt.Errorf("%w: destroy: %w", errWrong, err)
	}
	return nil
}

// hasValue returns errWrong unless the 32-byte buffer, which cannot be exported, has the value want: as an AES-256 key it has to encrypt as
// want does.
func hasValue(v vault.Vault, s vault.Secret, want []byte) error {
	if len(want) != vault.AES256KeySize {
		return errWrong
	}
	if err := v.SetType(s, vault.AES256Key); err != nil {
		return err
	}
	var nonce [vault.NonceSize]byte
	got, err := v.Seal(make([]byte, 0, vault.TagSize), s, nonce[:], nil, nil)
	if err != nil {
		return err
	}
	return same(got, newGCM(want).Seal(nil, nonce[:], nil, nil))
}

func same(got, want []byte) error {
	if !bytes.Equal(got, want) {
		return errWrong
	}
	return nil
}

// newGCM is AES-GCM of the standard library, for keys whose length is right.
func newGCM(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return gcm
}
