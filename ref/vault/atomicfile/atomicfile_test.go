package atomicfile_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"ockamtest/ref/vault/atomicfile"
	"ockamtest/ref/vault/atomicfile/atomicfiletest"
)

const (
	name      = "file"
	temporary = "file.new"
)

func contents() (before, after []byte) {
	return bytes.Repeat([]byte("old "), 100), bytes.Repeat([]byte("new, longer "), 100)
}

// newDisk returns a disk with the old content, and whether a temporary file was left there.
func newDisk(leftover bool) *atomicfiletest.Disk {
	d := atomicfiletest.NewDisk()
	before, _ := contents()
	d.Put(name, before)
	if leftover {
		d.Put(temporary, []byte("of a crash"))
	}
	return d
}

// VAULT-007: the machine crashes in every call, before, within, and after it. Whatever the disk kept, the file has the old content or the
// new; and the new if Replace had returned.
func TestReplaceCrashes(t *testing.T) {
	before, after := contents()
	states, news := 0, 0
	for _, leftover := range []bool{false, true} {
		for _, extent := range []atomicfiletest.Extent{atomicfiletest.None, atomicfiletest.Half, atomicfiletest.All} {
			for k := 1; ; k++ {
				d := newDisk(leftover)
				d.CrashAt(k, extent)
				err := atomicfile.Replace(d, name, temporary, after)
				if err != nil && !errors.Is(err, atomicfiletest.ErrCrashed) {
					t.Fatalf("crash in call %d: %v", k, err)
				}
				for _, s := range append(d.States(), d.Killed()) {
					states++
					got, _ := s.Content(name)
					isNew := bytes.Equal(got, after)
					if isNew {
						news++
					}
					if !isNew && (err == nil || !bytes.Equal(got, before)) {
						t.Errorf("crash in call %d, extent %d, error %v: the file has %d bytes, neither old nor new", k, extent, err, len(got))
					}
				}
				if err == nil {
					break
				}
			}
		}
	}
	if states < 100 || news < 10 {
		t.Errorf("looked at %d states, %d with the new content", states, news)
	}
}

// Each call fails, done or not. The error is told; the file has the old content or the new; and the next Replace works.
func TestReplaceFails(t *testing.T) {
	before, after := contents()
	for _, extent := range []atomicfiletest.Extent{atomicfiletest.None, atomicfiletest.Half, atomicfiletest.All} {
		failures := 0
		for k := 1; ; k++ {
			d := newDisk(true)
			d.FailAt(k, extent)
			err := atomicfile.Replace(d, name, temporary, after)
			if err == nil && d.Calls() < k {
				break
			}
			failures++
			got, _ := d.Content(name)
			if !errors.Is(err, atomicfiletest.ErrInjected) || !bytes.Equal(got, before) && !bytes.Equal(got, after) {
				t.Errorf("fault in call %d: error %v, %d bytes", k, err, len(got))
			}
			if want := []string{name}; k > 1 && !slices.Equal(d.Names(), want) { // 1 is the removal itself
				t.Errorf("fault in call %d leaves files %v, want %v", k, d.Names(), want)
			}
			if err := atomicfile.Replace(d, name, temporary, after); err != nil {
				t.Errorf("after a fault in call %d: %v", k, err)
			}
			if got, _ := d.Content(name); !bytes.Equal(got, after) || len(d.Names()) != 1 {
				t.Errorf("after a fault in call %d: %d bytes in files %v", k, len(got), d.Names())
			}
		}
		if failures != 7 { // remove, create, write, sync, close, rename, sync the directory
			t.Errorf("%d calls failed, want 7", failures)
		}
	}
}

// A replacement without one of its steps is found out by the simulated disk, so the test above is not vacuous.
func TestDiskFindsHaste(t *testing.T) {
	_, after := contents()
	hasty := map[string]func(d *atomicfiletest.Disk) error{
		"no flush": func(d *atomicfiletest.Disk) error {
			f, _ := d.Create(temporary)
			_, err := f.Write(after)
			return errors.Join(err, f.Close(), d.Rename(temporary, name), d.SyncDir("."))
		},
		"no directory flush": func(d *atomicfiletest.Disk) error {
			f, _ := d.Create(temporary)
			_, err := f.Write(after)
			return errors.Join(err, f.Sync(), f.Close(), d.Rename(temporary, name))
		},
		"in place": func(d *atomicfiletest.Disk) error {
			err := d.Remove(name)
			f, _ := d.Create(name)
			_, e := f.Write(after)
			return errors.Join(err, e, f.Sync(), f.Close(), d.SyncDir("."))
		},
	}
	for what, replace := range hasty {
		found := false
		for k := 1; !found && k < 10; k++ {
			d := newDisk(false)
			d.CrashAt(k, atomicfiletest.All)
			err := func() (err error) {
				defer func() {
					if recover() != nil { // a call on a file that was not opened
						err = atomicfiletest.ErrCrashed
					}
				}()
				return replace(d)
			}()
			before, _ := contents()
			for _, s := range d.States() {
				got, _ := s.Content(name)
				if !bytes.Equal(got, after) && (err == nil || !bytes.Equal(got, before)) {
					found = true
				}
			}
		}
		if !found {
			t.Errorf("%s: nothing is found", what)
		}
	}
}

// The same on the real file system: content, mode, nothing left behind.
func TestReplaceForReal(t *testing.T) {
	dir := t.TempDir()
	file, temp := filepath.Join(dir, name), filepath.Join(dir, temporary)
	before, after := contents()
	if err := os.WriteFile(temp, []byte("of a crash"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, content := range [][]byte{before, after, {}, after} {
		if err := atomicfile.Replace(atomicfile.OS{}, file, temp, content); err != nil {
			t.Fatal(err)
		}
		f, err := atomicfile.OS{}.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if err = errors.Join(err, f.Close()); err != nil || !bytes.Equal(got, content) {
			t.Errorf("read %d bytes, %v, want %d", len(got), err, len(content))
		}
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files, %v, want one", len(entries), err)
	}
}

// The two file systems fail alike.
func TestFileSystemErrors(t *testing.T) {
	dir := t.TempDir()
	for what, f := range map[string]atomicfile.FS{"os": atomicfile.OS{}, "simulated": atomicfiletest.NewDisk()} {
		in := func(name string) string { return filepath.Join(dir, name) }
		created, err := f.Create(in("a"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := created.Write([]byte("x")); err != nil {
			t.Errorf("%s: Write: %v", what, err)
		}
		if err := errors.Join(created.Sync(), created.Close(), f.SyncDir(dir)); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		for op, test := range map[string]struct{ err, want error }{
			"Open":   {second(f.Open(in("none"))), fs.ErrNotExist},
			"Create": {second(f.Create(in("a"))), fs.ErrExist},
			"Rename": {f.Rename(in("none"), in("b")), fs.ErrNotExist},
			"Remove": {f.Remove(in("none")), fs.ErrNotExist},
		} {
			if !errors.Is(test.err, test.want) {
				t.Errorf("%s: %s: %v, want %v", what, op, test.err, test.want)
			}
		}
	}
	for what, f := range map[string]atomicfile.FS{"os": atomicfile.OS{}, "simulated": atomicfiletest.NewDisk()} {
		testLock(t, what, f, filepath.Join(dir, "lock"))
	}
	if got := slices.Sorted(slices.Values(atomicfiletest.NewDisk().Names())); len(got) != 0 {
		t.Errorf("a new disk has files %v", got)
	}
}

func second(_ atomicfile.File, err error) error { return err }

func testLock(t *testing.T, what string, f atomicfile.FS, name string) {
	t.Helper()
	for range 2 {
		lock, err := f.Lock(name)
		if err != nil {
			t.Fatalf("%s: Lock: %v", what, err)
		}
		if again, err := f.Lock(name); !errors.Is(err, atomicfile.ErrLocked) || again != nil {
			t.Errorf("%s: Lock again: %v, %v, want %v", what, again, err, atomicfile.ErrLocked)
		}
		if err := lock.Close(); err != nil {
			t.Errorf("%s: Close: %v", what, err)
		}
	}
}
