package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/atomicfile"
	"ockamtest/ref/vault/atomicfile/atomicfiletest"
	"ockamtest/ref/vault/store"
)

const name = "keys"

func key() []byte { return []byte("0123456789abcdef0123456789abcdef") }

// cheap is a cost for tests.
func cheap() store.KDF { return store.KDF{Passes: 1, Memory: 8, Threads: 1} }

// entry returns an entry whose secret follows from its label.
func entry(label string, t vault.Type) store.Entry {
	raw := bytes.Repeat([]byte(label+"."), 40)[:32]
	if t == vault.Buffer {
		raw = bytes.Repeat([]byte(label), 20)
	}
	return store.Entry{
		Attributes: vault.Attributes{
			Type: t, Length: len(raw), Persistence: vault.Persistent, Exportable: t == vault.AES256Key, Label: label,
		},
		Raw: raw,
	}
}

// entriesOf returns copies of all entries.
func entriesOf(t testing.TB, s *store.Store) []store.Entry {
	t.Helper()
	all, err := tryEntries(s)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func tryEntries(s *store.Store) (all []store.Entry, err error) {
	err = s.Each(func(e store.Entry) error {
		e.Raw = bytes.Clone(e.Raw)
		all = append(all, e)
		return nil
	})
	return all, err
}

// contentOn opens the store on a disk and returns its entries.
func contentOn(t testing.TB, d atomicfile.FS, file string) []store.Entry {
	t.Helper()
	all, err := tryContent(d, file)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func tryContent(d atomicfile.FS, file string) ([]store.Entry, error) {
	s, err := store.Open(file, store.Config{Key: key(), FS: d})
	if err != nil {
		return nil, err
	}
	all, err := tryEntries(s)
	return all, errors.Join(err, s.Close())
}

func equal(a, b []store.Entry) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

// A change is one step of a script.
type change struct {
	name  string
	apply func(s *store.Store) error
	after []store.Entry
}

// script returns changes, from an empty store on, with the entries after each.
func script() []change {
	a, b, c := entry("a", vault.X25519PrivateKey), entry("b", vault.Buffer), entry("c", vault.AES256Key)
	b2 := entry("b", vault.AES256Key)
	large := entry("large", vault.Buffer)
	large.Raw = bytes.Repeat([]byte("0123456789"), 1000)
	large.Attributes.Length = len(large.Raw)
	add := func(e store.Entry) func(*store.Store) error { return func(s *store.Store) error { return s.Add(e) } }
	remove := func(label string) func(*store.Store) error {
		return func(s *store.Store) error { return s.Remove(label) }
	}
	return []change{
		{"add c", add(c), []store.Entry{c}},
		{"add a", add(a), []store.Entry{a, c}},
		{"add b", add(b), []store.Entry{a, b, c}},
		{"set b", func(s *store.Store) error { return s.Set(b2) }, []store.Entry{a, b2, c}},
		{"remove a", remove("a"), []store.Entry{b2, c}},
		{"add large", add(large), []store.Entry{b2, c, large}},
		{"add a again", add(a), []store.Entry{a, b2, c, large}},
		{"remove b", remove("b"), []store.Entry{a, c, large}},
		{"remove large", remove("large"), []store.Entry{a, c}},
		{"remove c", remove("c"), []store.Entry{a}},
		{"remove a again", remove("a"), nil},
	}
}

// prepared returns a disk with the file as it is before change i of the script.
func prepared(t testing.TB, i int) (d *atomicfiletest.Disk, before []store.Entry) {
	t.Helper()
	d = atomicfiletest.NewDisk()
	s, err := store.Create(name, store.Config{Key: key(), FS: d})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range script()[:i] {
		if err := c.apply(s); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		before = c.after
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return d, before
}

// VAULT-007: what was written is found again, by a key and by a passphrase, on a real disk.
func TestReopen(t *testing.T) {
	for what, cfg := range map[string]store.Config{
		"key":        {Key: key()},
		"passphrase": {Passphrase: []byte("correct horse"), KDF: cheap()},
	} {
		t.Run(what, func(t *testing.T) {
			var m memorytest.Counting
			cfg.Memory = &m
			file := filepath.Join(t.TempDir(), name)
			s, err := store.Create(file, cfg)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range script()[:7] {
				if err := c.apply(s); err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				if got := entriesOf(t, s); !equal(got, c.after) {
					t.Errorf("%s: got %d entries %+v", c.name, len(got), got)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				cfg.KDF = store.KDF{} // that of the file counts
				if s, err = store.Open(file, cfg); err != nil {
					t.Fatalf("Open after %s: %v", c.name, err)
				}
				if got := entriesOf(t, s); !equal(got, c.after) {
					t.Errorf("%s, reopened: got %d entries %+v", c.name, len(got), got)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if m.Live() != 0 || m.Err() != nil || m.Allocations() < 20 {
				t.Errorf("%d buffers live of %d, %v", m.Live(), m.Allocations(), m.Err())
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	d, before := prepared(t, 3)
	s, err := store.Open(name, store.Config{Key: key(), FS: d})
	if err != nil {
		t.Fatal(err)
	}
	file, _ := d.Content(name)
	huge := entry("huge", vault.Buffer)
	huge.Raw = make([]byte, store.MaxContent)
	stop := errors.New("stop")
	tests := []struct {
		name string
		err  error
		want error
	}{
		{"add a taken label", s.Add(entry("b", vault.Buffer)), vault.ErrLabelTaken},
		{"add without a label", s.Add(entry("", vault.X25519PrivateKey)), vault.ErrInvalidLabel},
		{"add a bad label", s.Add(entry("a/b", vault.Buffer)), vault.ErrInvalidLabel},
		{"add a long label", s.Add(entry(strings.Repeat("x", 65), vault.Buffer)), vault.ErrInvalidLabel},
		{"add too much", s.Add(huge), store.ErrFull},
		{"set what is not there", s.Set(entry("d", vault.Buffer)), vault.ErrNotFound},
		{"remove what is not there", s.Remove("d"), vault.ErrNotFound},
		{"remove a bad label", s.Remove(""), vault.ErrInvalidLabel},
		{"each that stops", s.Each(func(store.Entry) error { return stop }), stop},
		{"open again", second(store.Open(name, store.Config{Key: key(), FS: d})), atomicfile.ErrLocked},
		{"create again", second(store.Create(name, store.Config{Key: key(), FS: d})), atomicfile.ErrLocked},
		{"no key", second(store.Open(name, store.Config{FS: d})), store.ErrConfig},
		{"both", second(store.Open(name, store.Config{FS: d, Key: key(), Passphrase: key()})), store.ErrConfig},
		{"short key", second(store.Open(name, store.Config{FS: d, Key: key()[1:]})), store.ErrConfig},
		{"cost", second(store.Open(name, store.Config{FS: d, Key: key(), KDF: store.KDF{Passes: 33, Memory: 8, Threads: 1}})), store.ErrConfig},
	}
	for _, test := range tests {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s: got error %v, want %v", test.name, test.err, test.want)
		}
	}
	if after, _ := d.Content(name); !bytes.Equal(after, file) || !equal(entriesOf(t, s), before) {
		t.Error("a refusal changed the file, or the store")
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	for op, err := range map[string]error{
		"Each": s.Each(nil), "Add": s.Add(entry("d", vault.Buffer)), "Set": s.Set(entry("b", vault.Buffer)), "Remove": s.Remove("b"),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s after Close: %v, want %v", op, err, store.ErrClosed)
		}
	}
	if err := second(store.Create(name, store.Config{Key: key(), FS: d})); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create over a file: %v, want %v", err, fs.ErrExist)
	}
	if err := second(store.Open("none", store.Config{Key: key(), FS: d})); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of nothing: %v, want %v", err, fs.ErrNotExist)
	}
	if !equal(contentOn(t, d, name), before) {
		t.Error("the file has changed")
	}
}

func second(_ *store.Store, err error) error { return err }

// The wrong key is told apart from damage, and changes nothing.
func TestWrongKey(t *testing.T) {
	d := atomicfiletest.NewDisk()
	pass := store.Config{Passphrase: []byte("correct horse"), KDF: cheap(), FS: d}
	given := store.Config{Key: key(), FS: d}
	for file, cfg := range map[string]store.Config{"pass": pass, "key": given} {
		s, err := store.Create(file, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Add(entry("a", vault.X25519PrivateKey)), s.Close()); err != nil {
			t.Fatal(err)
		}
	}
	other := key()
	other[31] ^= 1
	for what, err := range map[string]error{
		"key":                 second(store.Open("key", store.Config{Key: other, FS: d})),
		"passphrase":          second(store.Open("pass", store.Config{Passphrase: []byte("Correct horse"), FS: d})),
		"key for passphrase":  second(store.Open("pass", given)),
		"passphrase for key":  second(store.Open("key", pass)),
		"passphrase as bytes": second(store.Open("key", store.Config{Passphrase: key(), FS: d})),
	} {
		if !errors.Is(err, store.ErrKey) || errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s: got error %v, want %v", what, err, store.ErrKey)
		}
	}
	for file, cfg := range map[string]store.Config{"pass": pass, "key": given} {
		s, err := store.Open(file, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := entriesOf(t, s); len(got) != 1 {
			t.Errorf("%s: %d entries", file, len(got))
		}
		s.Close()
	}
}

// Nothing of a secret or label is in the file, and no two writes of the same content are alike.
func TestSealed(t *testing.T) {
	d, before := prepared(t, 3)
	s, err := store.Open(name, store.Config{Key: key(), FS: d})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	seen := make(map[string]bool)
	for range 50 {
		if err := s.Set(before[0]); err != nil {
			t.Fatal(err)
		}
		file, _ := d.Content(name)
		seen[string(file[36:68])] = true
		seen[string(file[96:])] = true
		for _, e := range before {
			if bytes.Contains(file, e.Raw[:8]) {
				t.Fatalf("the file holds secret %s", e.Attributes.Label)
			}
		}
	}
	if len(seen) != 100 {
		t.Errorf("%d nonces and contents of 50 writes, want 100", len(seen))
	}
}

// Many goroutines change one store.
func TestConcurrent(t *testing.T) {
	d, _ := prepared(t, 0)
	s, err := store.Open(name, store.Config{Key: key(), FS: d})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			label := fmt.Sprintf("label-%d", i)
			for range 5 {
				err := s.Add(entry(label, vault.Buffer))
				err = errors.Join(err, s.Set(entry(label, vault.AES256Key)))
				err = errors.Join(err, s.Each(func(store.Entry) error { return nil }))
				err = errors.Join(err, s.Remove(label))
				if err != nil {
					t.Error(err)
				}
			}
			if err := s.Add(entry(label, vault.X25519PrivateKey)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var labels []string
	for _, e := range entriesOf(t, s) {
		labels = append(labels, e.Attributes.Label)
	}
	if len(labels) != 8 || !slices.IsSorted(labels) {
		t.Errorf("labels %v, want 8 in order", labels)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
