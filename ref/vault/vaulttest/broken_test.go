package vaulttest_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/atomicfile/atomicfiletest"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/vault/store"
	"ockamtest/ref/vault/vaulttest"
)

// A broken vault is the software vault with one thing wrong.
type broken struct {
	name   string
	breaks string // a check that has to fail
	patch  func(p *patched)
}

// stores reports whether the vault has persistent types: if it is those that it breaks.
func (b broken) stores() bool {
	return strings.HasPrefix(b.breaks, "persistence/") || strings.HasPrefix(b.breaks, "label/")
}

// patched is a vault with some methods replaced. Replacements call the real ones through AEADVault.
type patched struct {
	vault.AEADVault
	kept   vault.PersistentVault // the same vault
	store  *store.Store
	mu     sync.Mutex
	atOnce bool // patches guard their own state

	capabilities func() vault.Capabilities
	random       func(p []byte) error
	sha256       func(a, b []byte) ([vault.HashSize]byte, error)
	generate     func(a vault.Attributes) (vault.Secret, error)
	load         func(a vault.Attributes, raw []byte) (vault.Secret, error)
	export       func(dst []byte, s vault.Secret) ([]byte, error)
	public       func(dst []byte, s vault.Secret) ([]byte, error)
	attributes   func(s vault.Secret) (vault.Attributes, error)
	setType      func(s vault.Secret, t vault.Type) error
	destroy      func(s vault.Secret) error
	ecdh         func(s vault.Secret, public []byte) (vault.Secret, error)
	hkdf         func(salt, ikm vault.Secret, outputs []vault.Secret) error
	seal         func(dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error)
	open         func(dst []byte, key vault.Secret, nonce, ad, ciphertext []byte) ([]byte, error)
	aead         func(key vault.Secret) (vault.AEAD, error)
	close        func() error
	lookup       func(label string) (vault.Secret, error)
	labels       func() ([]string, error)
}

// enter takes the lock under which patches run, for they have state, and returns what gives it back.
func (p *patched) enter() (leave func()) {
	if p.atOnce {
		return func() {}
	}
	p.mu.Lock()
	return p.mu.Unlock
}

// or returns the patch, or the real method if there is none.
func or[F any](patch, real F) F {
	if reflect.ValueOf(patch).IsNil() {
		return real
	}
	return patch
}

func (p *patched) Capabilities() vault.Capabilities {
	defer p.enter()()
	return or(p.capabilities, p.AEADVault.Capabilities)()
}

func (p *patched) Random(b []byte) error {
	defer p.enter()()
	return or(p.random, p.AEADVault.Random)(b)
}

func (p *patched) SHA256(a, b []byte) ([vault.HashSize]byte, error) {
	defer p.enter()()
	return or(p.sha256, p.AEADVault.SHA256)(a, b)
}

func (p *patched) Generate(a vault.Attributes) (vault.Secret, error) {
	defer p.enter()()
	return or(p.generate, p.AEADVault.Generate)(a)
}

func (p *patched) Import(a vault.Attributes, raw []byte) (vault.Secret, error) {
	defer p.enter()()
	return or(p.load, p.AEADVault.Import)(a, raw)
}

func (p *patched) Export(dst []byte, s vault.Secret) ([]byte, error) {
	defer p.enter()()
	return or(p.export, p.AEADVault.Export)(dst, s)
}

func (p *patched) PublicKey(dst []byte, s vault.Secret) ([]byte, error) {
	defer p.enter()()
	return or(p.public, p.AEADVault.PublicKey)(dst, s)
}

func (p *patched) Attributes(s vault.Secret) (vault.Attributes, error) {
	defer p.enter()()
	return or(p.attributes, p.AEADVault.Attributes)(s)
}

func (p *patched) SetType(s vault.Secret, t vault.Type) error {
	defer p.enter()()
	return or(p.setType, p.AEADVault.SetType)(s, t)
}

func (p *patched) Destroy(s vault.Secret) error {
	defer p.enter()()
	return or(p.destroy, p.AEADVault.Destroy)(s)
}

func (p *patched) ECDH(s vault.Secret, public []byte) (vault.Secret, error) {
	defer p.enter()()
	return or(p.ecdh, p.AEADVault.ECDH)(s, public)
}

func (p *patched) HKDF(salt, ikm vault.Secret, outputs []vault.Secret) error {
	defer p.enter()()
	return or(p.hkdf, p.AEADVault.HKDF)(salt, ikm, outputs)
}

func (p *patched) Seal(dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error) {
	defer p.enter()()
	return or(p.seal, p.AEADVault.Seal)(dst, key, nonce, ad, plaintext)
}

func (p *patched) Open(dst []byte, key vault.Secret, nonce, ad, ciphertext []byte) ([]byte, error) {
	defer p.enter()()
	return or(p.open, p.AEADVault.Open)(dst, key, nonce, ad, ciphertext)
}

func (p *patched) AEAD(key vault.Secret) (vault.AEAD, error) {
	defer p.enter()()
	return or(p.aead, p.AEADVault.AEAD)(key)
}

func (p *patched) Close() error {
	defer p.enter()()
	return or(p.close, p.AEADVault.Close)()
}

func (p *patched) Lookup(label string) (vault.Secret, error) {
	defer p.enter()()
	return or(p.lookup, p.kept.Lookup)(label)
}

func (p *patched) Labels() ([]string, error) {
	defer p.enter()()
	return or(p.labels, p.kept.Labels)()
}

// subject returns what makes vaults with the patch, each with a disk of its own if it stores secrets.
func (b broken) subject() vaulttest.Subject {
	disks := make(map[vault.Vault]*atomicfiletest.Disk)
	s := vaulttest.Subject{New: func() vault.Vault {
		if !b.stores() {
			return b.on(nil)
		}
		d := atomicfiletest.NewDisk()
		v := b.on(must(store.Create("keys", storeConfig(d))))
		disks[v] = d
		return v
	}}
	if b.stores() {
		s.Restart = func(v vault.Vault) vault.Vault {
			p, d := v.(*patched), disks[v]
			if err := errors.Join(p.AEADVault.Close(), p.store.Close()); err != nil {
				panic(err)
			}
			again := b.on(must(store.Open("keys", storeConfig(d))))
			disks[again] = d
			return again
		}
	}
	return s
}

func storeConfig(d *atomicfiletest.Disk) store.Config {
	return store.Config{Key: make([]byte, store.KeySize), FS: d}
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// on returns a vault with the patch over a store, or without one.
func (b broken) on(s *store.Store) *patched {
	cfg := software.Config{MaxSecrets: 20, MaxBuffer: 300}
	if s != nil {
		cfg.Store = s
	}
	v := must(software.New(cfg))
	p := &patched{AEADVault: v, kept: v, store: s}
	b.patch(p)
	return p
}

func brokenVaults() []broken {
	return slices.Concat(brokenHandles(), brokenSecrets(), brokenKeys(), brokenDerivations(), brokenAEADs(), brokenLocators(),
		brokenPersistence(), brokenLabels())
}

// The suite is not vacuous: every broken vault fails the check that it names, and every check is named by one of them.
func TestBrokenVaultsFail(t *testing.T) {
	checks := make(map[string]vaulttest.Check)
	for _, c := range vaulttest.Checks() {
		checks[c.Name] = c
	}
	names, broke := make(map[string]bool), make(map[string]bool)
	for _, b := range brokenVaults() {
		if names[b.name] {
			t.Errorf("two broken vaults %q", b.name)
		}
		names[b.name] = true
		c, known := checks[b.breaks]
		if !known {
			t.Errorf("%s: no check %s", b.name, b.breaks)
			continue
		}
		if failures, _ := c.Failures(b.subject()); len(failures) > 0 {
			broke[c.Name] = true
			t.Logf("%s: %s: %s", b.name, c.Name, failures[0])
		} else {
			t.Errorf("%s: %s passes", b.name, c.Name)
		}
	}
	for name := range checks {
		if !broke[name] {
			t.Errorf("no broken vault fails %s", name)
		}
	}
	if len(names) < 80 {
		t.Errorf("%d broken vaults", len(names))
	}
}

// The same machinery finds nothing wrong with the vault that is patched nowhere, with persistent types and without.
func TestUnbrokenVaultPasses(t *testing.T) {
	for _, breaks := range []string{"none", "persistence/none"} {
		whole := broken{breaks: breaks, patch: func(*patched) {}}
		ran := 0
		for _, c := range vaulttest.Checks() {
			failures, skipped := c.Failures(whole.subject())
			for _, failure := range failures {
				t.Errorf("%s: %s", c.Name, failure)
			}
			if skipped == "" {
				ran++
			}
		}
		if want := len(vaulttest.Checks()) - 15; ran < want || whole.stores() && ran != len(vaulttest.Checks()) {
			t.Errorf("%s: %d checks of %d apply", breaks, ran, len(vaulttest.Checks()))
		}
	}
}

// A vault that claims persistent types has to be a vault.PersistentVault, and its Subject to restart it.
func TestPersistenceNeedsMore(t *testing.T) {
	whole := broken{breaks: "persistence/none", patch: func(*patched) {}}
	subjects := map[string]vaulttest.Subject{
		"no Restart":           {New: whole.subject().New},
		"no PersistentVault":   {New: func() vault.Vault { return struct{ vault.Vault }{whole.subject().New()} }},
		"a Restart that fails": {New: whole.subject().New, Restart: func(vault.Vault) vault.Vault { panic("no power") }},
	}
	for name, subject := range subjects {
		failed := 0
		for _, c := range vaulttest.Checks() {
			if failures, _ := c.Failures(subject); len(failures) > 0 {
				failed++
			}
		}
		if failed < 8 {
			t.Errorf("%s: %d checks fail", name, failed)
		}
	}
}
