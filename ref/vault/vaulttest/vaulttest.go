// Package vaulttest is the contract test of vault.Vault: every vault passes the same checks, whatever backs it (VAULT-010;
// specification section 9).
//
//	func TestContract(t *testing.T) {
//		vaulttest.Run(t, func(t *testing.T) vault.Vault { ... })
//	}
//
// What a vault claims in Capabilities is required of it; what it does not claim has to fail with vault.ErrUnsupported. Known
// answers come from RFC 7748, RFC 5869, NIST, and the specification; other expected values from Go's standard library.
//
// Restarts (VAULT-007) and device faults (VAULT-009) are not here: they need a hand on the device. The checks run one after
// the other; only those of concurrency start goroutines, and wait for them.
package vaulttest

import (
	"slices"
	"testing"

	"ockamtest/ref/vault"
)

// A T is the part of *testing.T that checks use. As there, Fatalf does not return.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// A Check examines one rule. Its name is area/rule/accepts or area/rule/refuses.
type Check struct {
	Name         string
	Requirements []string
	needs        func(vault.Capabilities) string // why the check does not apply, or ""; nil: it always does
	run          func(*subject)
}

// Checks returns all checks, in the order in which they run.
func Checks() []Check {
	return slices.Concat(capabilityChecks(), randomChecks(), handleChecks(), createChecks(), exportChecks(), setTypeChecks(),
		keyChecks(), x25519Checks(), p256Checks(), hkdfChecks(), aeadChecks(), openChecks(), locateChecks(), closeChecks(), limitChecks(),
		concurrencyChecks())
}

// Run runs every check as a subtest, each on a new vault, which it closes. It fails if none applies.
func Run(t *testing.T, newVault func(t *testing.T) vault.Vault) {
	t.Helper()
	ran := 0
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) {
			reason := c.Verify(t, func() vault.Vault { return newVault(t) })
			if reason != "" {
				t.Skip(reason)
			}
			ran++
		})
	}
	if ran == 0 {
		t.Error("vaulttest: no check ran")
	}
}

// Verify runs the check on new vaults, which it closes, and reports failures to t. It returns why the check does not
// apply to such a vault, or "" if it ran.
func (c Check) Verify(t T, newVault func() vault.Vault) (reason string) {
	t.Helper()
	s := &subject{T: t, newVault: newVault}
	defer s.closeAll()
	s.Vault = s.another()
	s.capabilities = s.Capabilities()
	if c.needs != nil {
		if reason := c.needs(s.capabilities); reason != "" {
			return reason
		}
	}
	if len(s.types()) == 0 {
		t.Fatalf("the vault claims no type at all")
	}
	c.run(s)
	if s.asserted == 0 {
		t.Errorf("%s looked at nothing", c.Name)
	}
	return ""
}

// imports makes a check need a vault that can import secrets of all the types.
func imports(types ...vault.Type) func(vault.Capabilities) string {
	return func(c vault.Capabilities) string {
		for _, t := range types {
			if !c.CanImport(t) {
				return "the vault cannot import a secret of type " + t.String()
			}
		}
		return ""
	}
}
