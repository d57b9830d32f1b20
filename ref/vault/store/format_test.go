package store_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/argon2"

	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/atomicfile/atomicfiletest"
	"ockamtest/ref/vault/store"
)

// counter is a source of bytes that count.
type counter byte

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(*c)
		*c++
	}
	return len(p), nil
}

// twoEntries is the content of the files in testdata.
func twoEntries() []byte {
	content := []byte{
		0, 0, 0, 2,
		5, 'a', 'l', 'p', 'h', 'a', 1, 0, 0, 0, 0, 0, 3, 'x', 'y', 'z', // a buffer
		4, 'b', 'e', 't', 'a', 3, 0, 1, 0, 0, 0, 32, // an AES-256 key, exportable
	}
	return append(content, bytes.Repeat([]byte{7}, 32)...)
}

// byHand makes a file with content as the package comment describes it, and as the store does with a counter for randomness: salt, if
// there is a passphrase, and three nonces, the last of which counts.
func byHand(t *testing.T, passphrase, content []byte) []byte {
	t.Helper()
	var c counter
	salt, nonce, master := make([]byte, 16), make([]byte, 32), key()
	if passphrase != nil {
		_, _ = c.Read(salt)
		master = argon2.IDKey(passphrase, salt, 2, 16, 3, 32)
	}
	for range 3 {
		_, _ = c.Read(nonce)
	}
	keys, err := hkdf.Key(sha256.New, master, nonce, "ockamtest vault store v1", 60)
	if err != nil {
		t.Fatal(err)
	}
	header := append([]byte("ockvault"), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	if passphrase != nil {
		header = append([]byte("ockvault"), 1, 1, 0, 3, 0, 0, 0, 2, 0, 0, 0, 16)
	}
	header = append(append(header, salt...), nonce...)
	header = binary.BigEndian.AppendUint32(header, uint32(len(content)+16))
	header = append(header, keys[44:]...)
	sum := sha256.Sum256(header)
	header = append(header, sum[:8]...)
	block, err := aes.NewCipher(keys[:32])
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return gcm.Seal(header, keys[32:44], content, header)
}

// The store writes what the package comment says, byte for byte; so did earlier versions, whose files are in testdata.
func TestFormat(t *testing.T) {
	beta := store.Entry{
		Attributes: vault.Attributes{Type: vault.AES256Key, Length: 32, Persistence: vault.Persistent, Exportable: true, Label: "beta"},
		Raw:        bytes.Repeat([]byte{7}, 32),
	}
	alpha := store.Entry{
		Attributes: vault.Attributes{Type: vault.Buffer, Length: 3, Persistence: vault.Persistent, Label: "alpha"},
		Raw:        []byte("xyz"),
	}
	for file, cfg := range map[string]store.Config{
		"key":        {Key: key()},
		"passphrase": {Passphrase: []byte("correct horse"), KDF: store.KDF{Passes: 2, Memory: 16, Threads: 3}},
	} {
		d := atomicfiletest.NewDisk()
		cfg.FS, cfg.Random = d, new(counter)
		s, err := store.Create(name, cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range []store.Entry{beta, alpha} {
			if err := s.Add(e); err != nil {
				t.Fatal(err)
			}
		}
		s.Close()
		got, _ := d.Content(name)
		if want := byHand(t, cfg.Passphrase, twoEntries()); !bytes.Equal(got, want) {
			t.Errorf("%s:\ngot  %x\nwant %x", file, got, want)
		}
		fixture, err := os.ReadFile(filepath.Join("testdata", file+".store"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, fixture) {
			t.Errorf("%s: the file is not that of testdata", file)
		}
		d.Put(name, fixture)
		if s, err = store.Open(name, cfg); err != nil {
			t.Fatal(err)
		}
		if got := entriesOf(t, s); !equal(got, []store.Entry{alpha, beta}) {
			t.Errorf("%s: entries %+v", file, got)
		}
		s.Close()
	}
}

// What a file may cost is bounded before it is paid, and what this version does not write is refused, though its hash be right.
func TestHeaderValues(t *testing.T) {
	tests := []struct {
		name string
		at   int
		to   []byte
		want error
	}{
		{"version", 8, []byte{2}, store.ErrVersion},
		{"source of the key", 9, []byte{2}, store.ErrVersion},
		{"no threads", 10, []byte{0, 0}, store.ErrVersion},
		{"many threads", 10, []byte{1, 0}, store.ErrVersion},
		{"no passes", 12, []byte{0, 0, 0, 0}, store.ErrVersion},
		{"many passes", 12, []byte{0, 0, 0, 33}, store.ErrVersion},
		{"no memory", 16, []byte{0, 0, 0, 0}, store.ErrVersion},
		{"much memory", 16, []byte{0, 16, 0, 1}, store.ErrVersion},
		{"no content", 68, []byte{0, 0, 0, 19}, store.ErrCorrupt},
		{"much content", 68, []byte{1, 0, 0, 17}, store.ErrCorrupt},
		{"most content", 68, []byte{255, 255, 255, 255}, store.ErrCorrupt},
	}
	for _, test := range tests {
		d := atomicfiletest.NewDisk()
		file := byHand(t, []byte("correct horse"), twoEntries())
		copy(file[test.at:], test.to)
		d.Put(name, rehash(file))
		_, err := store.Open(name, store.Config{Passphrase: []byte("correct horse"), FS: d})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: got error %v, want %v", test.name, err, test.want)
		}
	}
	for _, at := range []int{10, 12, 16, 20} {
		d := atomicfiletest.NewDisk()
		file := byHand(t, nil, twoEntries())
		file[at]++
		d.Put(name, rehash(file))
		if _, err := store.Open(name, store.Config{Key: key(), FS: d}); !errors.Is(err, store.ErrVersion) {
			t.Errorf("byte %d with a given key: got error %v, want %v", at, err, store.ErrVersion)
		}
	}
}

// Content that verifies and is none is refused, with its place, and released.
func TestWrongContent(t *testing.T) {
	d := atomicfiletest.NewDisk()
	d.Put(name, byHand(t, nil, append(twoEntries(), 0)))
	var m memorytest.Counting
	s, err := store.Open(name, store.Config{Key: key(), FS: d, Memory: &m})
	var corrupt *store.CorruptError
	if !errors.As(err, &corrupt) || !corrupt.InContent || corrupt.Offset != len(twoEntries()) || s != nil {
		t.Errorf("got %v, %v, want a CorruptError", s, err)
	}
	if m.Live() != 0 || m.Allocations() != 2 {
		t.Errorf("%d buffers live of %d", m.Live(), m.Allocations())
	}
}

// rehash makes the hash in the header right.
func rehash(file []byte) []byte {
	if len(file) >= 96 {
		sum := sha256.Sum256(file[:88])
		copy(file[88:96], sum[:])
	}
	return file
}
