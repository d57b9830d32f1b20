package implementer

import (
	"sync/atomic"

	"ockamtest/ref/vault"
)

// A countingVault is a vault around another that counts how often private keys are used. It is safe for concurrent use if the other is.
//
// It has the methods of vault.Vault alone: those of an interface that is optional, as vault.AEADVault is, would go past it.
type countingVault struct {
	vault.Vault
	agreements atomic.Int64
}

// ECDH implements vault.Vault.
func (v *countingVault) ECDH(private vault.Secret, public []byte) (vault.Secret, error) {
	shared, err := v.Vault.ECDH(private, public)
	if err == nil {
		v.agreements.Add(1)
	}
	return shared, err
}
