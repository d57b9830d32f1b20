package vaulttest_test

import (
	"errors"
	"slices"

	"ockamtest/ref/vault"
)

func brokenDerivations() []broken {
	return []broken{
		{"derives in reverse", "hkdf/known/accepts", func(p *patched) {
			p.hkdf = func(salt, ikm vault.Secret, outputs []vault.Secret) error {
				defer slices.Reverse(outputs)
				return p.AEADVault.HKDF(salt, ikm, outputs)
			}
		}},
		{"exchanges salt and ikm", "hkdf/noise/accepts", func(p *patched) {
			p.hkdf = func(salt, ikm vault.Secret, outputs []vault.Secret) error {
				if ikm.IsZero() {
					return p.AEADVault.HKDF(salt, ikm, outputs)
				}
				return p.AEADVault.HKDF(ikm, salt, outputs)
			}
		}},
		{"takes the salt for no ikm", "hkdf/lengths/accepts", func(p *patched) {
			p.hkdf = func(salt, ikm vault.Secret, outputs []vault.Secret) error {
				if ikm.IsZero() {
					ikm = salt
				}
				return p.AEADVault.HKDF(salt, ikm, outputs)
			}
		}},
		{"derives the second output again and again", "hkdf/count/accepts", func(p *patched) {
			p.hkdf = func(salt, ikm vault.Secret, outputs []vault.Secret) error {
				if len(outputs) < 3 {
					return p.AEADVault.HKDF(salt, ikm, outputs)
				}
				for i := range outputs {
					if err := p.AEADVault.HKDF(salt, ikm, outputs[i:i+1]); err != nil {
						return err
					}
				}
				return nil
			}
		}},
		{"derives any number", "hkdf/count/refuses", func(p *patched) {
			p.hkdf = func(salt, ikm vault.Secret, outputs []vault.Secret) error {
				if err := p.AEADVault.HKDF(salt, ikm, outputs); !errors.Is(err, vault.ErrInvalidLength) {
					return err
				}
				return nil
			}
		}},
		{"uses its input up", "hkdf/inputs/accepts", func(p *patched) {
			p.hkdf = func(salt, ikm vault.Secret, outputs []vault.Secret) error {
				err := p.AEADVault.HKDF(salt, ikm, outputs)
				if err == nil && !ikm.IsZero() && ikm != salt {
					err = p.AEADVault.Destroy(ikm)
				}
				return err
			}
		}},
		{"leaves outputs when it fails", "hkdf/failure/refuses", func(p *patched) {
			p.hkdf = func(salt, ikm vault.Secret, outputs []vault.Secret) error {
				err := p.AEADVault.HKDF(salt, ikm, outputs)
				if err != nil && len(outputs) > 0 {
					outputs[0] = salt
				}
				return err
			}
		}},
		{"leaves secrets when there is no room for all", "limit/hkdf/refuses", func(p *patched) {
			p.hkdf = func(salt, ikm vault.Secret, outputs []vault.Secret) error {
				err := p.AEADVault.HKDF(salt, ikm, outputs)
				if errors.Is(err, vault.ErrExhausted) {
					_, _ = p.AEADVault.Generate(vault.Attributes{Type: vault.AES128Key})
				}
				return err
			}
		}},
	}
}
