package store_test

import (
	"errors"
	"testing"

	"ockamtest/ref/memory"
	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault/atomicfile/atomicfiletest"
	"ockamtest/ref/vault/store"
)

func extents() []atomicfiletest.Extent {
	return []atomicfiletest.Extent{atomicfiletest.None, atomicfiletest.Half, atomicfiletest.All}
}

// VAULT-007: the machine crashes, or the process is killed, in every call of every change. Whatever the disk kept, the store opens
// with the old entries or the new; and the new if the change had returned.
func TestCrashes(t *testing.T) {
	states, news := 0, 0
	for i, c := range script() {
		for _, extent := range extents() {
			for k, returned := 1, false; !returned; k++ {
				d, before := prepared(t, i)
				s, err := store.Open(name, store.Config{Key: key(), FS: d})
				if err != nil {
					t.Fatal(err)
				}
				d.CrashAt(k, extent)
				err = c.apply(s)
				returned = err == nil
				if !returned && !errors.Is(err, atomicfiletest.ErrCrashed) {
					t.Fatalf("%s: crash in call %d: %v", c.name, k, err)
				}
				for _, after := range append(d.States(), d.Killed()) {
					states++
					got := contentOn(t, after, name)
					isNew := equal(got, c.after)
					if isNew {
						news++
					}
					if !isNew && (returned || !equal(got, before)) {
						t.Errorf("%s: crash in call %d, extent %d, returned %t: %d entries, neither old nor new", c.name, k, extent, returned, len(got))
					}
				}
				_ = s.Close() // there is no disk any more
			}
		}
	}
	if states < 1000 || news < 200 {
		t.Errorf("looked at %d states, %d of them new", states, news)
	}
}

// The machine crashes while the file is made: there is none, or an empty one.
func TestCreateCrashes(t *testing.T) {
	states := 0
	for _, extent := range extents() {
		for k, returned := 1, false; !returned; k++ {
			d := atomicfiletest.NewDisk()
			d.CrashAt(k, extent)
			_, err := store.Create(name, store.Config{Key: key(), FS: d})
			returned = err == nil
			for _, after := range append(d.States(), d.Killed()) {
				states++
				if _, there := after.Content(name); !there && !returned {
					if s, err := store.Create(name, store.Config{Key: key(), FS: after}); err != nil {
						t.Errorf("Create after a crash in call %d: %v", k, err)
					} else {
						s.Close()
					}
				}
				if got := contentOn(t, after, name); len(got) != 0 {
					t.Errorf("%d entries", len(got))
				}
			}
		}
	}
	if states < 50 {
		t.Errorf("looked at %d states", states)
	}
}

// Every call fails once, done or not. The error is told, the store goes on as if nothing had been asked, the same change then succeeds,
// and the file has what the store says.
func TestFaults(t *testing.T) {
	for i, c := range script() {
		for _, extent := range extents() {
			faults := 0
			for k := 1; ; k++ {
				d, before := prepared(t, i)
				s, err := store.Open(name, store.Config{Key: key(), FS: d})
				if err != nil {
					t.Fatal(err)
				}
				d.FailAt(k, extent)
				err = c.apply(s)
				done := err == nil && d.Calls() < k
				d.FailAt(0, extent)
				if !done {
					faults++
					if !errors.Is(err, atomicfiletest.ErrInjected) {
						t.Errorf("%s: fault in call %d: got error %v", c.name, k, err)
					}
					if got := entriesOf(t, s); !equal(got, before) {
						t.Errorf("%s: fault in call %d: the store has %d entries, want the old", c.name, k, len(got))
					}
					if got := contentOn(t, d.Killed(), name); !equal(got, before) && !equal(got, c.after) {
						t.Errorf("%s: fault in call %d: the file has %d entries, neither old nor new", c.name, k, len(got))
					}
					if err := c.apply(s); err != nil {
						t.Errorf("%s: again after a fault in call %d: %v", c.name, k, err)
					}
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				if got := contentOn(t, d, name); !equal(got, c.after) {
					t.Errorf("%s: after a fault in call %d and a second try: %d entries", c.name, k, len(got))
				}
				if done {
					break
				}
			}
			if faults != 7 {
				t.Errorf("%s: %d calls failed, want 7", c.name, faults)
			}
		}
	}
}

// Opening and making a file fail in every call: the error is told, no lock is left, the file is as it was.
func TestOpenFaults(t *testing.T) {
	for _, extent := range []atomicfiletest.Extent{atomicfiletest.None, atomicfiletest.All} {
		faults := 0
		for k := 1; ; k++ {
			d, before := prepared(t, 3)
			d.FailAt(k, extent)
			s, err := store.Open(name, store.Config{Key: key(), FS: d})
			if err == nil {
				err = s.Close()
			}
			if err == nil {
				break
			}
			faults++
			if !errors.Is(err, atomicfiletest.ErrInjected) {
				t.Errorf("Open: fault in call %d: %v", k, err)
			}
			if d = d.Killed(); !equal(contentOn(t, d, name), before) {
				t.Errorf("Open: a fault in call %d changed the file", k)
			}
		}
		if faults < 4 { // lock, open, read, read to the end, close
			t.Errorf("Open: %d faults", faults)
		}
	}
	for k, done := 1, false; !done; k++ {
		d := atomicfiletest.NewDisk()
		d.FailAt(k, atomicfiletest.None)
		s, err := store.Create(name, store.Config{Key: key(), FS: d})
		if err == nil {
			err = s.Close()
		}
		d.FailAt(0, atomicfiletest.None)
		if done = err == nil; !done && !errors.Is(err, atomicfiletest.ErrInjected) {
			t.Errorf("Create: fault in call %d: %v", k, err)
		}
		if _, there := d.Content(name); !there {
			s, err := store.Create(name, store.Config{Key: key(), FS: d})
			if err != nil {
				t.Fatalf("Create after a fault in call %d: %v", k, err)
			}
			s.Close()
		}
		contentOn(t, d, name)
	}
}

// MEM-002: each operation is refused each of its allocations. It is out of memory, leaks nothing, and works afterwards; nothing was
// written. MEM-001: every buffer was wiped and released.
func TestOutOfMemory(t *testing.T) {
	refusals := 0
	for i, c := range script() {
		for k, done := 1, false; !done; k++ {
			d, before := prepared(t, i)
			var m memorytest.Counting
			cfg := store.Config{Key: key(), FS: d, Memory: &m}
			m.FailAt(k)
			s, err := store.Open(name, cfg)
			if err == nil {
				err = c.apply(s)
			}
			done = err == nil
			m.FailAt(0)
			if !done {
				refusals++
				if !errors.Is(err, memory.ErrOutOfMemory) {
					t.Errorf("%s: refusal %d: got error %v, want %v", c.name, k, err, memory.ErrOutOfMemory)
				}
				if !equal(contentOn(t, d.Killed(), name), before) {
					t.Errorf("%s: refusal %d changed the file", c.name, k)
				}
				if s == nil {
					s, err = store.Open(name, cfg)
					if err != nil {
						t.Fatal(err)
					}
				}
				if err := c.apply(s); err != nil {
					t.Errorf("%s: after refusal %d: %v", c.name, k, err)
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if m.Live() != 0 || m.Err() != nil {
				t.Errorf("%s: refusal %d: %d buffers live, %v", c.name, k, m.Live(), m.Err())
			}
		}
	}
	if want := 4 * len(script()); refusals != want {
		t.Errorf("%d refusals, want %d", refusals, want)
	}
}
