package software_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"ockamtest/ref/memory"
	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/atomicfile/atomicfiletest"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/vault/store"
)

// persistent asks for a persistent secret.
func persistent(t vault.Type, label string) vault.Attributes {
	return vault.Attributes{Type: t, Length: lengthOf(t), Persistence: vault.Persistent, Exportable: true, Label: label}
}

// A persistentStep changes the persistent secrets. It starts from a vault with a buffer "buffer" and a key "key".
type persistentStep struct {
	name string
	do   func(v vault.PersistentVault) error
}

func persistentSteps() []persistentStep {
	use := func(label string, f func(v vault.PersistentVault, s vault.Secret) error) func(vault.PersistentVault) error {
		return func(v vault.PersistentVault) error {
			s, err := v.Lookup(label)
			if err != nil {
				return err
			}
			return f(v, s)
		}
	}
	return []persistentStep{
		{"generate", func(v vault.PersistentVault) error {
			_, err := v.Generate(persistent(vault.P256PrivateKey, "made"))
			return err
		}},
		{"import", func(v vault.PersistentVault) error {
			_, err := v.Import(persistent(vault.X25519PrivateKey, "made"), make32(3))
			return err
		}},
		{"set type", use("buffer", func(v vault.PersistentVault, s vault.Secret) error { return v.SetType(s, vault.AES128Key) })},
		{"destroy", use("key", func(v vault.PersistentVault, s vault.Secret) error { return v.Destroy(s) })},
	}
}

// prepare makes the secrets from which the steps start.
func prepare(t testing.TB, v vault.Vault) {
	t.Helper()
	for _, a := range []vault.Attributes{persistent(vault.Buffer, "buffer"), persistent(vault.AES256Key, "key")} {
		if _, err := v.Import(a, make32(1)); err != nil {
			t.Fatal(err)
		}
	}
}

// picture is all persistent secrets of a vault in words, but for the bytes of generated ones.
func picture(t testing.TB, v vault.PersistentVault) string {
	t.Helper()
	labels, err := v.Labels()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, label := range labels {
		s, err := v.Lookup(label)
		if err != nil {
			t.Fatal(err)
		}
		a, err := v.Attributes(s)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := v.Export(make([]byte, 0, 64), s)
		if err != nil {
			t.Fatal(err)
		}
		if a.Type == vault.P256PrivateKey {
			raw = nil
		}
		all = append(all, fmt.Sprintf("%+v %x", a, raw))
	}
	return fmt.Sprintf("%q", all)
}

// MEM-002, VAULT-007: each step is refused each call of the disk, and each allocation. It fails, the vault has what it had before, the same
// step then succeeds, and a restart finds what the vault says.
func TestPersistentFaults(t *testing.T) {
	for _, step := range persistentSteps() {
		for _, what := range []string{"disk", "memory"} {
			t.Run(step.name+"/"+what, func(t *testing.T) {
				faults := 0
				for k, done := 1, false; !done; k++ {
					var m memorytest.Counting
					p := newPersistentVault(t, atomicfiletest.NewDisk(), software.Config{Memory: &m, MaxSecrets: 3})
					prepare(t, p)
					before, want := picture(t, p), atomicfiletest.ErrInjected
					if what == "disk" {
						p.disk.FailAt(k, atomicfiletest.All)
					} else {
						m.FailAt(k)
						want = memory.ErrOutOfMemory
					}
					err := step.do(p)
					p.disk.FailAt(0, atomicfiletest.None)
					m.FailAt(0)
					if done = err == nil; !done {
						faults++
						if !errors.Is(err, want) {
							t.Errorf("fault %d: got error %v, want %v", k, err, want)
						}
						if got := picture(t, p); got != before {
							t.Errorf("fault %d: the vault has %s, want %s", k, got, before)
						}
						if err := step.do(p); err != nil {
							t.Errorf("after fault %d: %v", k, err)
						}
					}
					after := picture(t, p)
					p.close(t)
					if m.Live() != 0 || m.Err() != nil {
						t.Errorf("fault %d: %d buffers live, %v", k, m.Live(), m.Err())
					}
					p = newPersistentVault(t, p.disk, software.Config{})
					if got := picture(t, p); got != after || got == before {
						t.Errorf("fault %d: after a restart the vault has %s, want %s", k, got, after)
					}
					p.close(t)
				}
				if want := map[string]int{"disk": 7, "memory": 2}[what]; faults != want {
					t.Errorf("%d faults, want %d", faults, want)
				}
			})
		}
	}
}

// New makes no vault of entries that it cannot have, and leaves nothing of those before.
func TestRestoreRefusals(t *testing.T) {
	good := store.Entry{Attributes: persistent(vault.AES256Key, "a"), Raw: make32(1)}
	with := func(change func(e *store.Entry)) store.Entry {
		e := store.Entry{Attributes: persistent(vault.P256PrivateKey, "b"), Raw: make32(1)}
		change(&e)
		return e
	}
	tests := []struct {
		name string
		bad  store.Entry
		cfg  software.Config
		want error
	}{
		{"type", with(func(e *store.Entry) { e.Attributes.Type = 77 }), software.Config{}, vault.ErrUnsupported},
		{"purpose", with(func(e *store.Entry) { e.Attributes.Purpose = 1 }), software.Config{}, vault.ErrUnsupported},
		{"length", with(func(e *store.Entry) { e.Raw = e.Raw[:31] }), software.Config{}, vault.ErrInvalidLength},
		{"no scalar", with(func(e *store.Entry) { e.Raw = make32(0) }), software.Config{}, vault.ErrInvalidPrivateKey},
		{"too many", with(func(*store.Entry) {}), software.Config{MaxSecrets: 1}, vault.ErrExhausted},
		{"too long", with(func(e *store.Entry) { e.Attributes.Type = vault.Buffer }), software.Config{MaxBuffer: 31}, vault.ErrUnsupported},
	}
	for _, test := range tests {
		p := newPersistentVault(t, atomicfiletest.NewDisk(), software.Config{})
		for _, e := range []store.Entry{good, test.bad} {
			if err := p.store.Add(e); err != nil {
				t.Fatal(err)
			}
		}
		var m memorytest.Counting
		test.cfg.Memory, test.cfg.Store = &m, p.store
		if v, err := software.New(test.cfg); !errors.Is(err, test.want) || v != nil {
			t.Errorf("%s: got %v, %v, want %v", test.name, v, err, test.want)
		}
		if m.Live() != 0 || m.Allocations() == 0 {
			t.Errorf("%s: %d buffers live", test.name, m.Live())
		}
		p.close(t)
	}
}

// A slow is a store whose changes wait: the first one, until it may leave.
type slow struct {
	*store.Store
	entered, leave chan struct{}
	once           *sync.Once
}

func (s slow) wait() {
	s.once.Do(func() {
		close(s.entered)
		<-s.leave
	})
}

func (s slow) Add(e store.Entry) error {
	s.wait()
	return s.Store.Add(e)
}

func (s slow) Set(e store.Entry) error {
	s.wait()
	return s.Store.Set(e)
}

// newSlowVault returns a vault, with the secrets of prepare, over a slow store.
func newSlowVault(t *testing.T) (*persistentVault, slow) {
	t.Helper()
	p := newPersistentVault(t, atomicfiletest.NewDisk(), software.Config{})
	prepare(t, p)
	if err := p.Vault.Close(); err != nil {
		t.Fatal(err)
	}
	s := slow{p.store, make(chan struct{}), make(chan struct{}), new(sync.Once)}
	v, err := software.New(software.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	p.Vault = v
	return p, s
}

// While the store writes, everything goes on that does not need it.
func TestStoreHoldsUpNothing(t *testing.T) {
	v, s := newSlowVault(t)
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := v.Generate(persistent(vault.X25519PrivateKey, "slow")); err != nil {
			t.Error(err)
		}
	})
	<-s.entered
	key, err := v.Lookup("key")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Lookup("slow"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Lookup of a secret that is being made: %v, want %v", err, vault.ErrNotFound)
	}
	if _, err := v.Seal(make([]byte, 0, 32), key, make([]byte, 12), nil, nil); err != nil {
		t.Error(err)
	}
	ephemeral, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
	if err == nil {
		err = v.Destroy(ephemeral)
	}
	if err != nil {
		t.Error(err)
	}
	close(s.leave)
	group.Wait()
	v.close(t)
}

// yield lets other goroutines run for a while. No test needs it to pass; it is there to let faults show.
func yield() {
	for range 1000 {
		runtime.Gosched()
	}
}

// Close waits for what is being stored, which then succeeds.
func TestCloseWaitsForStore(t *testing.T) {
	v, s := newSlowVault(t)
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := v.Generate(persistent(vault.X25519PrivateKey, "slow")); err != nil {
			t.Errorf("Generate: %v", err)
		}
	})
	<-s.entered
	group.Go(func() {
		if err := v.Vault.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	yield()
	close(s.leave)
	group.Wait()
	v.close(t)
	again := newPersistentVault(t, v.disk, software.Config{})
	if _, err := again.Lookup("slow"); err != nil {
		t.Errorf("Lookup after a restart: %v", err)
	}
	again.close(t)
}

// Of two types that are set at once one counts, in the vault and in the store.
func TestSetTypeTwiceAtOnce(t *testing.T) {
	v, s := newSlowVault(t)
	buffer, err := v.Lookup("buffer")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		if err := v.SetType(buffer, vault.AES256Key); err != nil {
			t.Errorf("SetType: %v", err)
		}
	})
	<-s.entered
	group.Go(func() {
		if err := v.SetType(buffer, vault.AES128Key); !errors.Is(err, vault.ErrWrongType) {
			t.Errorf("SetType meanwhile: %v, want %v", err, vault.ErrWrongType)
		}
	})
	yield()
	close(s.leave)
	group.Wait()
	before := picture(t, v)
	v.close(t)
	again := newPersistentVault(t, v.disk, software.Config{})
	if got := picture(t, again); got != before {
		t.Errorf("after a restart the vault has %s, want %s", got, before)
	}
	again.close(t)
}

// Persistent secrets are made, changed, and destroyed at once, by several goroutines each, until the vault is closed under them. What
// the store has then is what a new vault has.
func TestPersistentConcurrently(t *testing.T) {
	var m memorytest.Counting
	p := newPersistentVault(t, atomicfiletest.NewDisk(), software.Config{Memory: &m})
	var group sync.WaitGroup
	for i := range 4 {
		label := fmt.Sprintf("label-%d", i)
		for range 2 { // in each other's way
			group.Go(func() {
				for range 10 {
					if err := churn(p.Vault, label); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	group.Wait()
	group.Go(func() { _ = churn(p.Vault, "last") }) // at any point of which the vault is closed
	if err := p.Vault.Close(); err != nil {
		t.Error(err)
	}
	group.Wait()
	p.close(t)
	if m.Live() != 0 || m.Err() != nil {
		t.Errorf("%d buffers live, %v", m.Live(), m.Err())
	}
	again := newPersistentVault(t, p.disk, software.Config{})
	labels, err := again.Labels()
	if err != nil || slices.ContainsFunc(labels, func(label string) bool { return label != "last" }) {
		t.Errorf("labels %v, %v, want none, or the last", labels, err)
	}
	again.close(t)
}

// churn makes a secret, changes it, and destroys it, unless another is quicker.
func churn(v *software.Vault, label string) error {
	s, err := v.Import(persistent(vault.Buffer, label), make32(1))
	if errors.Is(err, vault.ErrLabelTaken) {
		if s, err = v.Lookup(label); err != nil {
			return tolerate(err)
		}
	}
	if err != nil {
		return tolerate(err)
	}
	return errors.Join(tolerate(v.SetType(s, vault.AES256Key)), tolerate(v.Destroy(s)))
}

// tolerate forgets the errors that come of being late.
func tolerate(err error) error {
	for _, late := range []error{vault.ErrNotFound, vault.ErrInvalidSecret, vault.ErrWrongType, vault.ErrClosed} {
		if errors.Is(err, late) {
			return nil
		}
	}
	return err
}

// Labels that the vault chooses come from its source of randomness.
func TestChosenLabel(t *testing.T) {
	d := atomicfiletest.NewDisk()
	p := newPersistentVault(t, d, software.Config{Random: bytes.NewReader(make32(0xab))})
	s, err := p.Import(persistent(vault.AES256Key, ""), make32(1))
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.Attributes(s)
	if want := "abababababababababababababababab"; err != nil || a.Label != want {
		t.Errorf("label %q, %v, want %q", a.Label, err, want)
	}
	for range 2 { // The second time there is no randomness left.
		if _, err = p.Import(persistent(vault.AES256Key, ""), make32(1)); err == nil {
			t.Error("the same label, or one without randomness, is chosen")
		}
	}
	if labels, err := p.Labels(); err != nil || len(labels) != 1 {
		t.Errorf("labels %v, %v, want one", labels, err)
	}
	p.close(t)
}
