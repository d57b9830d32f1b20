package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ockamtest/ref/vault/store"
)

// damage checks that a damaged file is refused with the place in [from, to], that it stays as it is, and that no lock is left.
func damage(t *testing.T, what, dir string, damaged []byte, from, to int) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s, err := store.Open(file, store.Config{Key: key()})
		if errors.Is(err, store.ErrVersion) && from <= 8 && to >= 8 {
			err = &store.CorruptError{Offset: 8}
		}
		var corrupt *store.CorruptError
		if !errors.As(err, &corrupt) || s != nil {
			t.Errorf("%s: got %v, %v, want a CorruptError", what, s, err)
			continue
		}
		if corrupt.InContent || corrupt.Offset < from || corrupt.Offset > to {
			t.Errorf("%s: got %v, want a place from %d to %d", what, err, from, to)
		}
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, damaged) {
		t.Errorf("%s: the file has changed: %v", what, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 { // the file and its lock
		t.Errorf("%s: %d files, %v", what, len(entries), err)
	}
}

// Every byte changed, every strict prefix, and anything behind the end: an error that names the place, and nothing is lost.
func TestCorrupt(t *testing.T) {
	const headerSize, hashed = 96, 8
	d, _ := prepared(t, 3)
	file, _ := d.Content(name)
	dir := t.TempDir()
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 1 << (i % 8)
		switch {
		case i < hashed:
			damage(t, "magic", dir, changed, 0, 0)
		case i < headerSize:
			damage(t, "header", dir, changed, hashed, hashed)
		default:
			damage(t, "content", dir, changed, headerSize, headerSize)
		}
	}
	for n := range file {
		if n < hashed {
			damage(t, "prefix", dir, file[:n], 0, 0)
		} else {
			damage(t, "prefix", dir, file[:n], n, n)
		}
	}
	damage(t, "one more byte", dir, append(bytes.Clone(file), 0), len(file), len(file))
	damage(t, "zeros", dir, make([]byte, len(file)), 0, 0)
	const longest = headerSize + store.MaxContent + 16
	damage(t, "too long", dir, append(bytes.Clone(file), make([]byte, longest)...), longest, longest)

	if err := os.WriteFile(filepath.Join(dir, name), file, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(filepath.Join(dir, name), store.Config{Key: key()})
	if err != nil {
		t.Fatalf("the undamaged file: %v", err)
	}
	if got := entriesOf(t, s); len(got) != 3 {
		t.Errorf("%d entries", len(got))
	}
	s.Close()
}
