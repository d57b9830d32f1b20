package vaulttest_test

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/vaulttest"
)

func TestChecksAreNamed(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9-]+/(accepts|refuses)$`)
	id := regexp.MustCompile(`^(VAULT|NOISE|REC)-\d{3}$`)
	seen := make(map[string]bool)
	for _, c := range vaulttest.Checks() {
		if !form.MatchString(c.Name) || seen[c.Name] {
			t.Errorf("check %q has a wrong name, or that of another", c.Name)
		}
		seen[c.Name] = true
		for _, r := range c.Requirements {
			if !id.MatchString(r) {
				t.Errorf("%s: requirement %q", c.Name, r)
			}
		}
	}
	if len(seen) < 60 {
		t.Errorf("%d checks", len(seen))
	}
}

// Every requirement that a contract test can examine has a check.
func TestRequirementsAreCovered(t *testing.T) {
	covered := make(map[string]int)
	for _, c := range vaulttest.Checks() {
		if len(c.Requirements) == 0 {
			t.Errorf("%s has no requirement", c.Name)
		}
		for _, r := range c.Requirements {
			covered[r]++
		}
	}
	want := []string{"NOISE-003", "NOISE-008", "NOISE-009", "NOISE-018", "REC-012", "VAULT-001", "VAULT-002", "VAULT-003", "VAULT-004",
		"VAULT-005", "VAULT-006", "VAULT-007", "VAULT-008", "VAULT-010", "VAULT-011", "VAULT-012"}
	if got := slices.Sorted(maps.Keys(covered)); !slices.Equal(got, want) {
		t.Errorf("requirements %v, want %v", got, want)
	}
}

// A vault that claims nothing passes no check, and one that lies about a type is not skipped.
func TestEmptyVaultFails(t *testing.T) {
	empty := broken{patch: func(p *patched) {
		p.capabilities = func() vault.Capabilities { return vault.Capabilities{} }
	}}
	for _, c := range vaulttest.Checks() {
		if failures, skipped := c.Failures(empty.subject()); len(failures) == 0 && skipped == "" {
			t.Errorf("%s passes", c.Name)
		}
	}
}

// Vaults with fewer types, as hardware has, pass too.
func TestSmallVaultsPass(t *testing.T) {
	small := func(generate, load []vault.Type) broken {
		return broken{patch: func(p *patched) {
			p.capabilities = func() vault.Capabilities {
				c := p.AEADVault.Capabilities()
				c.Generate, c.Import = slices.Clone(generate), slices.Clone(load)
				return c
			}
			p.generate = func(a vault.Attributes) (vault.Secret, error) {
				if !slices.Contains(generate, a.Type) {
					return vault.Secret{}, closedOr(p, vault.ErrUnsupported)
				}
				return p.AEADVault.Generate(a)
			}
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				if !slices.Contains(load, a.Type) {
					return vault.Secret{}, closedOr(p, vault.ErrUnsupported)
				}
				return p.AEADVault.Import(a, raw)
			}
		}}
	}
	tests := []struct {
		name string
		b    broken
		runs int // checks that have to apply
	}{
		{"P-256 and AES-128", small([]vault.Type{vault.P256PrivateKey, vault.AES128Key},
			[]vault.Type{vault.P256PrivateKey, vault.AES128Key, vault.Buffer}), 60},
		{"keys are generated, not imported", small([]vault.Type{vault.P256PrivateKey, vault.AES256Key}, nil), 40},
		{"X25519 without AES-128", small([]vault.Type{vault.X25519PrivateKey},
			[]vault.Type{vault.X25519PrivateKey, vault.AES256Key, vault.Buffer}), 60},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ran := 0
			for _, c := range vaulttest.Checks() {
				failures, skipped := c.Failures(test.b.subject())
				for _, f := range failures {
					t.Errorf("%s: %s", c.Name, f)
				}
				if skipped == "" {
					ran++
				}
			}
			if ran < test.runs {
				t.Errorf("%d checks applied, want at least %d", ran, test.runs)
			}
		})
	}
}

// closedOr returns vault.ErrClosed from a closed vault, else err.
func closedOr(p *patched, err error) error {
	if e := p.AEADVault.Random(nil); e != nil {
		return e
	}
	return err
}
