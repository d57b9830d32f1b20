package implementer

import (
	"errors"
	"slices"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/vault/vaulttest"
)

func newCountingVault(t *testing.T) *countingVault {
	t.Helper()
	v, err := software.New(software.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return &countingVault{Vault: v}
}

// VAULT-010: the vault keeps the contract, with what is optional left out.
func TestVaultContract(t *testing.T) {
	vaulttest.Run(t, func(t *testing.T) vault.Vault { return newCountingVault(t) })
}

func TestVaultCounts(t *testing.T) {
	v := newCountingVault(t)
	defer v.Close()
	key, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.ECDH(key, append([]byte{9}, make([]byte, 31)...)); err != nil {
		t.Fatal(err)
	}
	if _, err := v.ECDH(key, make([]byte, 32)); !errors.Is(err, vault.ErrWeakPublicKey) {
		t.Errorf("a point of low order: got error %v, want %v", err, vault.ErrWeakPublicKey)
	}
	if n := v.agreements.Load(); n != 1 {
		t.Errorf("counted %d agreements, want 1", n)
	}
}

// keepsKeys is wrong: what is destroyed can still be used.
type keepsKeys struct{ vault.Vault }

func (keepsKeys) Destroy(vault.Secret) error { return nil }

// The contract is checked outside a test, too; then the failures are text. What a wrong vault fails names the rule.
func TestVaultContractSeesWrong(t *testing.T) {
	subject := vaulttest.Subject{New: func() vault.Vault { return keepsKeys{newCountingVault(t)} }}
	ran, skipped := 0, 0
	var broken []string
	for _, check := range vaulttest.Checks() {
		failures, reason := check.Failures(subject)
		switch {
		case reason != "":
			skipped++
		case len(failures) > 0:
			broken = append(broken, check.Requirements...)
			fallthrough
		default:
			ran++
		}
	}
	if !slices.Contains(broken, "VAULT-001") {
		t.Errorf("%d checks ran, and found that the vault breaks %q, want VAULT-001 among them", ran, broken)
	}
	if all := len(vaulttest.Checks()); ran < 40 || ran+skipped != all {
		t.Errorf("%d checks ran and %d were skipped, of %d", ran, skipped, all)
	}
}
