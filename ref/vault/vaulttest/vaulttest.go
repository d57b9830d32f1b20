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
// A vault that claims persistent types is restarted by its Subject (VAULT-007). Device faults (VAULT-009) and crashes are not here: they need
// a hand on the device. The checks run one after the other; only those of concurrency start goroutines, and wait for them.
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

// A Subject is where the vaults come from that checks examine.
type Subject struct {
	// New returns a vault without secrets, that shares none with other vaults.
	New func() vault.Vault
	// Restart closes a vault that New or Restart made, and returns one over the same medium, as after a restart of program and device.
	// Vaults without persistent types go without.
	Restart func(vault.Vault) vault.Vault
}

// A Check examines one rule. Its name is area/rule/accepts or area/rule/refuses.
type Check struct {
	Name         string
	Requirements []string
	needs        func(vault.Capabilities) string // why the check does not apply, or ""; nil: it always does
	run          func(*exam)
}

// Checks returns all checks, in the order in which they run.
func Checks() []Check {
	return slices.Concat(capabilityChecks(), randomChecks(), handleChecks(), createChecks(), exportChecks(), setTypeChecks(),
		persistentChecks(), labelChecks(), keyChecks(), x25519Checks(), p256Checks(), hkdfChecks(), aeadChecks(), openChecks(), locateChecks(), closeChecks(), limitChecks(),
		concurrencyChecks())
}

// Run is RunSubject for vaults without persistent types.
func Run(t *testing.T, newVault func(t *testing.T) vault.Vault) {
	t.Helper()
	RunSubject(t, func(t *testing.T) Subject { return Subject{New: func() vault.Vault { return newVault(t) }} })
}

// RunSubject runs every check as a subtest, each on a new subject and its new vaults, which it closes. It fails if none applies.
func RunSubject(t *testing.T, newSubject func(t *testing.T) Subject) {
	t.Helper()
	ran := 0
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) {
			reason := c.Verify(t, newSubject(t))
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
func (c Check) Verify(t T, subject Subject) (reason string) {
	t.Helper()
	s := &exam{T: t, subject: subject}
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
