package key_test

import (
	"errors"
	"testing"

	"ockamtest/ref/key"
	"ockamtest/ref/key/keytest"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// XX passes the contract in both suites, with h and with nothing as associated data, over a vault with the fast path and one without.
func TestContract(t *testing.T) {
	fast := func(v *software.Vault, _ *keytest.Vault) vault.Vault { return v }
	slow := func(_ *software.Vault, v *keytest.Vault) vault.Vault { return v }
	for _, tt := range []struct {
		name    string
		suite   profile.Suite
		ad      profile.AssociatedData
		records func(*software.Vault, *keytest.Vault) vault.Vault
	}{
		{"X25519", profile.X25519AES256(), profile.HandshakeHash, slow},
		{"X25519, no associated data", profile.X25519AES256(), profile.NoData, slow},
		{"X25519, fast path", profile.X25519AES256(), profile.HandshakeHash, fast},
		{"P-256", profile.P256AES128(), profile.HandshakeHash, slow},
		{"P-256, fast path", profile.P256AES128(), profile.HandshakeHash, fast},
	} {
		t.Run(tt.name, func(t *testing.T) {
			keytest.Run(t, func() keytest.Pair {
				sw := newVault(t)
				counting := keytest.NewVault(sw)
				var v vault.Vault = counting
				if tt.records(sw, counting) == vault.Vault(sw) {
					v = fastVault{counting, sw}
				}
				return newXXPair(t, v, counting, tt.suite, tt.ad)
			})
		})
	}
}

// A fastVault counts like a keytest.Vault and has the fast path of the vault below.
type fastVault struct {
	*keytest.Vault
	fast vault.AEADVault
}

func (v fastVault) AEAD(k vault.Secret) (vault.AEAD, error) { return v.fast.AEAD(k) }

func newXXPair(t *testing.T, v vault.Vault, counting *keytest.Vault, suite profile.Suite, ad profile.AssociatedData) keytest.Pair {
	t.Helper()
	var refuse error
	xx := func() key.Agreement {
		return newXX(t, key.XXConfig{
			Vault: v, Suite: suite, Static: generateKey(t, v, suite.P256), AssociatedData: ad,
			Policy: func([]byte) error { return refuse },
		})
	}
	p := keytest.Pair{Initiator: xx(), Responder: xx(), Refuse: func() { refuse = key.ErrUnknownPeer }}
	statics := counting.Live()
	p.Live = func() int { return counting.Live() - statics }
	return p
}

func generateKey(t testing.TB, v vault.Vault, p256 bool) vault.Secret {
	t.Helper()
	a := vault.Attributes{Type: vault.X25519PrivateKey}
	if p256 {
		a.Type = vault.P256PrivateKey
	}
	s, err := v.Generate(a)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// NOISE-011: there is no default policy; nor for the rest.
func TestConfig(t *testing.T) {
	v := newVault(t)
	valid := key.XXConfig{Vault: v, Suite: profile.X25519AES256(), Static: generateKey(t, v, false), Policy: key.AnyKey()}
	if _, err := key.NewXX(valid); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*key.XXConfig){
		"no vault":  func(c *key.XXConfig) { c.Vault = nil },
		"no policy": func(c *key.XXConfig) { c.Policy = nil },
		"no static": func(c *key.XXConfig) { c.Static = vault.Secret{} },
		"no suite":  func(c *key.XXConfig) { c.Suite = profile.Suite{} },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := valid
			change(&cfg)
			x, err := key.NewXX(cfg)
			if x != nil || !errors.Is(err, key.ErrConfig) {
				t.Errorf("got error %v, want %v", err, key.ErrConfig)
			}
		})
	}
	// A static key that the vault does not know, or of the other curve, shows when the handshake starts.
	for name, static := range map[string]vault.Secret{
		"foreign":         generateKey(t, newVault(t), false),
		"the other curve": generateKey(t, v, true),
	} {
		cfg := valid
		cfg.Static = static
		for role, start := range map[string]func(x *key.XX) error{
			"initiator": func(x *key.XX) error { _, err := x.Initiate(make([]byte, 0, 64)); return err },
			"responder": (*key.XX).Respond,
		} {
			x := newXX(t, cfg)
			before := *x
			if err := start(x); !errors.Is(err, key.ErrVault) || *x != before {
				t.Errorf("%s, %s: got error %v, want %v, and no change", role, name, err, key.ErrVault)
			}
		}
	}
}

func TestPolicies(t *testing.T) {
	a, b := []byte("one key"), []byte("other key")
	exact, set := key.ExactKey(a), key.AnyOf(a, b)
	b[0]++ // policies keep copies
	b = []byte("other key")
	for _, tt := range []struct {
		name   string
		policy key.Policy
		static []byte
		want   error
	}{
		{"exact", exact, a, nil},
		{"exact, other", exact, b, key.ErrUnknownPeer},
		{"exact, prefix", exact, a[:3], key.ErrUnknownPeer},
		{"exact, nothing", exact, nil, key.ErrUnknownPeer},
		{"set, first", set, a, nil},
		{"set, second", set, b, nil},
		{"set, none of them", set, []byte("third key"), key.ErrUnknownPeer},
		{"empty set", key.AnyOf(), a, key.ErrUnknownPeer},
		{"any", key.AnyKey(), a, nil},
	} {
		if err := tt.policy(tt.static); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

// The policy's own error reaches the caller.
func TestPolicyError(t *testing.T) {
	errMine := errors.New("not on Sundays")
	v := newVault(t)
	cfg := key.XXConfig{Vault: v, Suite: profile.X25519AES256(), Static: generateKey(t, v, false), Policy: key.AnyKey()}
	r := newXX(t, cfg)
	cfg.Policy = func([]byte) error { return errMine }
	i := newXX(t, cfg)
	m1, err := i.Initiate(make([]byte, 0, 32))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Respond(); err != nil {
		t.Fatal(err)
	}
	m2, err := r.Handle(make([]byte, 0, 96), m1)
	if err != nil {
		t.Fatal(err)
	}
	before := *i
	_, err = i.Handle(make([]byte, 0, 64), m2)
	var e *key.Error
	if !errors.Is(err, errMine) || !errors.As(err, &e) || e.Requirement != "NOISE-011" || e.Message != 2 {
		t.Errorf("got error %v, want the policy's, in m2 (NOISE-011)", err)
	}
	if *i != before {
		t.Error("the agreement has changed")
	}
}
