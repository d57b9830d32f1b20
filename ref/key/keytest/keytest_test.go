package keytest_test

import (
	"slices"
	"testing"

	"ockamtest/ref/key"
	"ockamtest/ref/key/keytest"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// newPair makes a pair of XX over a counting vault.
func newPair(t testing.TB) keytest.Pair {
	t.Helper()
	sw, err := software.New(software.Config{})
	if err != nil {
		t.Fatal(err)
	}
	v := keytest.NewVault(sw)
	var refuse error
	policy := func([]byte) error { return refuse }
	xx := func() key.Agreement {
		static, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
		if err != nil {
			t.Fatal(err)
		}
		x, err := key.NewXX(key.XXConfig{Vault: v, Suite: profile.X25519AES256(), Static: static, Policy: policy})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	return keytest.Pair{
		Initiator: xx(), Responder: xx(),
		Refuse: func() { refuse = key.ErrUnknownPeer },
		Live:   func() int { return v.Live() - 2 },
	}
}

// Each broken agreement fails the check of the rule that it breaks, and no check that has nothing to do with it.
func TestBrokenAgreements(t *testing.T) {
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			caught := false
			for _, c := range keytest.Checks() {
				failures := c.Failures(func() keytest.Pair {
					p := newPair(t)
					p.Initiator, p.Responder = f.wrap(p.Initiator), f.wrap(p.Responder)
					return p
				})
				switch {
				case c.Name == f.breaks:
					caught = len(failures) > 0
				case len(failures) > 0 && !slices.Contains(f.entails, c.Name):
					t.Errorf("caught by %s too: %s", c.Name, failures[0])
				}
			}
			if !caught {
				t.Errorf("not caught by %s", f.breaks)
			}
		})
	}
}

// Every check is there for some broken agreement: one that nothing can fail examines nothing.
func TestEveryCheckCatches(t *testing.T) {
	checks := keytest.Checks()
	for _, c := range checks {
		if !slices.ContainsFunc(faults(), func(f fault) bool { return f.breaks == c.Name }) {
			t.Errorf("no broken agreement is there for %s", c.Name)
		}
		if len(c.Requirements) == 0 {
			t.Errorf("%s names no requirement", c.Name)
		}
	}
	if len(checks) < 20 {
		t.Errorf("%d checks, too few to be all", len(checks))
	}
}

func TestUnbroken(t *testing.T) {
	keytest.Run(t, func() keytest.Pair { return newPair(t) })
}
