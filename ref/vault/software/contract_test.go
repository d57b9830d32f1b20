package software_test

import (
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/vault/vaulttest"
)

// VAULT-010: the software vault passes the contract test, with and without a bound on its secrets.
func TestContract(t *testing.T) {
	for name, cfg := range map[string]software.Config{
		"default": {},
		"bounded": {MaxSecrets: 20, MaxBuffer: 300},
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
