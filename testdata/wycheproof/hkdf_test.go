package wycheproof

import (
	"errors"
	"fmt"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/vectors"
)

// An hkdfTest is one derivation.
type hkdfTest struct {
	meta
	Ikm  vectors.Hex `json:"ikm"`
	Salt vectors.Hex `json:"salt"`
	Info vectors.Hex `json:"info"`
	Size int         `json:"size"`
	Okm  vectors.Hex `json:"okm"`
}

// maxBlocks is RFC 5869's limit, and the vault's.
const maxBlocks = 255

func hkdfRule(v vault.Vault) rule[hkdfTest] {
	return rule[hkdfTest]{
		scope: func(tc hkdfTest) scope {
			switch {
			case tc.Size > maxBlocks*vault.HashSize:
				return inside // refused for its size, whatever the info
			case len(tc.Info) > 0:
				return withInfo
			case tc.Size%vault.HashSize != 0:
				return cutBlock
			}
			return inside
		},
		run: func(tc hkdfTest) error {
			blocks := (tc.Size + vault.HashSize - 1) / vault.HashSize
			if blocks > maxBlocks {
				// The control of a refusal: a block less is derived.
				if err := derive(v, tc, maxBlocks, nil); err != nil {
					return fmt.Errorf("%w: %d blocks: %w", errWrong, maxBlocks, err)
				}
			}
			return derive(v, tc, blocks, tc.Okm)
		},
		beyond: func(tc hkdfTest, s scope) error {
			if s == withInfo {
				return nil // the API has no way to say it
			}
			// What ends inside a block is right in the blocks before.
			whole := tc.Size / vault.HashSize
			return derive(v, tc, whole+1, tc.Okm[:whole*vault.HashSize])
		},
		refusal: vault.ErrInvalidLength,
	}
}

// derive derives blocks, and compares as many as want has (VAULT-004).
func derive(v vault.Vault, tc hkdfTest, blocks int, want []byte) error {
	return with(v, vault.Buffer, tc.Salt, func(salt vault.Secret) error {
		return with(v, vault.Buffer, tc.Ikm, func(ikm vault.Secret) error {
			outputs := make([]vault.Secret, blocks)
			if err := v.HKDF(salt, ikm, outputs); err != nil {
				return err
			}
			var errs []error
			for i, s := range outputs {
				if at := i * vault.HashSize; at < len(want) {
					errs = append(errs, hasValue(v, s, want[at:at+vault.HashSize]))
				}
				errs = append(errs, destroy(v, s))
			}
			return errors.Join(errs...)
		})
	})
}

func TestHKDF(t *testing.T) {
	want := tally{total: 86, valid: 9, invalid: 3, outside: [scopes]int{withInfo: 52, cutBlock: 22}}
	hkdfRule(newVault(t, 2+maxBlocks, nil)).holds(t, load[hkdfTest](t, hkdfFile), want)
}
