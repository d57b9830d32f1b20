package wycheproof

import (
	"errors"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software/adx"
	"ockamtest/vectors"
)

// An ecdhTest is one key agreement.
type ecdhTest struct {
	meta
	Public  vectors.Hex `json:"public"`
	Private vectors.Hex `json:"private"`
	Shared  vectors.Hex `json:"shared"`
}

// An agreement is what a vector is put to: nil means that private and public agree on shared.
type agreement func(v ecdhTest) error

func ecdhRule(run agreement, acceptable map[int]error) rule[ecdhTest] {
	return rule[ecdhTest]{
		scope:      func(ecdhTest) scope { return inside },
		run:        run,
		refusal:    vault.ErrInvalidPublicKey, // VAULT-002
		acceptable: acceptable,
	}
}

// throughVault agrees by handles (VAULT-003).
func throughVault(v vault.Vault, typ vault.Type) agreement {
	return func(tc ecdhTest) error {
		return with(v, typ, tc.Private, func(private vault.Secret) error {
			shared, err := v.ECDH(private, tc.Public)
			if err != nil {
				if !shared.IsZero() {
					return errWrong // a handle beside an error
				}
				return err
			}
			return errors.Join(hasValue(v, shared, tc.Shared), destroy(v, shared))
		})
	}
}

// throughADX agrees without a vault.
func throughADX(tc ecdhTest) error {
	if len(tc.Public) != vault.X25519PublicKeySize || len(tc.Private) != vault.X25519PrivateKeySize {
		return vault.ErrInvalidPublicKey
	}
	var shared [vault.SharedSecretSize]byte
	if !(adx.X25519{}).SharedSecret(&shared, (*[32]byte)(tc.Private), (*[32]byte)(tc.Public)) {
		return vault.ErrWeakPublicKey
	}
	return same(shared[:], tc.Shared)
}

func TestX25519(t *testing.T) {
	all := load[ecdhTest](t, x25519File)
	want := tally{total: 518, valid: 264, acceptable: 254}
	for name, run := range map[string]agreement{
		"vault over crypto/ecdh": throughVault(newVault(t, 2, nil), vault.X25519PrivateKey),
		"vault over adx":         throughVault(newVault(t, 2, adx.X25519{}), vault.X25519PrivateKey),
		"adx":                    throughADX,
	} {
		t.Run(name, func(t *testing.T) { ecdhRule(run, pinned(t, x25519File)).holds(t, all, want) })
	}
}

// Private keys of the file are integers of whatever length: those of a vault have 32 bytes.
func p256Tests(t *testing.T) []ecdhTest {
	t.Helper()
	all := load[ecdhTest](t, p256File)
	padded := 0
	for i, v := range all {
		scalar := v.Private
		for len(scalar) > vault.P256PrivateKeySize && scalar[0] == 0 {
			scalar = scalar[1:]
		}
		if missing := vault.P256PrivateKeySize - len(scalar); missing > 0 {
			padded++
			scalar = append(make(vectors.Hex, missing), scalar...)
		}
		all[i].Private = scalar
	}
	if padded != 2 {
		t.Errorf("%d private keys are short, want 2", padded)
	}
	return all
}

func TestP256(t *testing.T) {
	run := throughVault(newVault(t, 2, nil), vault.P256PrivateKey)
	ecdhRule(run, pinned(t, p256File)).holds(t, p256Tests(t), tally{total: 355, valid: 330, invalid: 24, acceptable: 1})
}
