package store_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault/atomicfile/atomicfiletest"
	"ockamtest/ref/vault/store"
)

// isTyped reports whether err is one of those that Open promises for a file.
func isTyped(err error) bool {
	return errors.Is(err, store.ErrCorrupt) || errors.Is(err, store.ErrVersion) || errors.Is(err, store.ErrKey)
}

// FuzzOpen opens any file, with the hash in its header right and as it is: it opens, or fails with a typed error; it stays as it is;
// no buffer and no lock is left.
func FuzzOpen(f *testing.F) {
	fixture, err := os.ReadFile("testdata/key.store")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(fixture, true)
	f.Add(fixture[:100], true)
	f.Add([]byte("ockvault"), false)
	f.Add([]byte{}, false)
	f.Fuzz(func(t *testing.T, file []byte, fix bool) {
		if fix {
			file = rehash(bytes.Clone(file))
		}
		d := atomicfiletest.NewDisk()
		d.Put(name, file)
		var m memorytest.Counting
		for range 2 {
			s, err := store.Open(name, store.Config{Key: key(), FS: d, Memory: &m})
			if err == nil {
				if _, err := tryEntries(s); err != nil {
					t.Errorf("Each: %v", err)
				}
				err = s.Close()
			} else if isTyped(err) {
				err = nil
			}
			if err != nil {
				t.Errorf("got error %v", err)
			}
		}
		if got, _ := d.Content(name); !bytes.Equal(got, file) {
			t.Error("the file has changed")
		}
		if m.Live() != 0 || m.Err() != nil {
			t.Errorf("%d buffers live, %v", m.Live(), m.Err())
		}
	})
}
