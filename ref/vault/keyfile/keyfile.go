// Package keyfile reads and writes the keys of a vault as files that other tools know (specification section 9): private keys of X25519 and
// P-256 as PKCS#8 in PEM, what `openssl genpkey` and `openssl pkey` write and read (RFC 5208, RFC 8410, RFC 5915), or as 64 hex digits,
// what the kit writes for {key}; public keys as SubjectPublicKeyInfo in PEM.
//
// It is strict: one key in a file, nothing beside it but white space, DER and base64 in their canonical form. It knows no encrypted keys, no
// SEC 1 ("EC PRIVATE KEY"), and no explicit curves; openssl converts them. Errors name the file and the place and hold nothing of the
// content.
//
// Private keys are written with mode 0600, as one step: after a crash there is the old file or the new one. What a crash leaves beside
// it, NAME.*.new, holds a key too.
//
// MEM-001: file content and keys are in buffers of Config.Memory. The operating system's cache and the medium keep what they keep.
//
// Functions are safe for concurrent use.
package keyfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"

	"ockamtest/ref/memory"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/atomicfile"
)

// A Format is a form of private key files.
type Format uint8

// PEM is the zero Format.
const (
	PEM Format = iota // PKCS#8
	Hex               // 64 digits; does not tell the type
)

// maxFile is the longest key file in bytes.
const maxFile = 4096

// Config configures reading and writing of private keys. Its zero value is ready to use.
type Config struct {
	// Memory is where keys and files are kept; nil means memory.Heap.
	Memory memory.Allocator
	// AllowExposed reads also files that other users can read or write; else that is an *ExposedError.
	AllowExposed bool
}

func (cfg Config) withDefaults() Config {
	if cfg.Memory == nil {
		cfg.Memory = memory.Heap{}
	}
	return cfg
}

// A PrivateKey is a private key in clear. Release wipes it.
type PrivateKey struct {
	Type   vault.Type // 0 if the file does not tell
	Raw    []byte     // 32 bytes
	Public []byte     // 65 bytes, if the file has them; not compared with Raw

	memory memory.Allocator
}

// Release wipes Raw and gives it back.
func (k *PrivateKey) Release() {
	k.memory.Release(k.Raw)
	k.Raw = nil
}

// Read reads a private key file of either format. It fails with the errors of package os, *ExposedError, or *Error.
func Read(name string, cfg Config) (*PrivateKey, error) {
	cfg = cfg.withDefaults()
	text, err := cfg.Memory.Allocate(maxFile + 1)
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", name, err)
	}
	defer cfg.Memory.Release(text)
	n, err := readFile(name, text, cfg.AllowExposed)
	if err != nil {
		return nil, err
	}
	k, err := parsePrivate(text[:n], cfg.Memory)
	return k, named(name, err)
}

// readFile reads a file into text.
func readFile(name string, text []byte, allowExposed bool) (n int, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, fmt.Errorf("read key: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("read key: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && !allowExposed && runtime.GOOS != "windows" {
		return 0, &ExposedError{Name: name, Mode: mode}
	}
	n, err = io.ReadFull(f, text)
	switch {
	case err == nil:
		return 0, &Error{Name: name, Err: ErrFormat, Reason: fmt.Sprintf("more than %d bytes", maxFile)}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return n, nil
	}
	return 0, fmt.Errorf("read key: %w", err)
}

// Import reads a private key file and imports the key with the attributes. A zero Type is that of the file, X25519 for hex; another one has to
// be that of the file, else it is vault.ErrWrongType. A public key in the file that does not belong to the private key is ErrMismatch.
func Import(v vault.Vault, name string, a vault.Attributes, cfg Config) (vault.Secret, error) {
	k, err := Read(name, cfg)
	if err != nil {
		return vault.Secret{}, err
	}
	defer k.Release()
	switch {
	case k.Type == 0 && a.Type == 0:
		a.Type = vault.X25519PrivateKey
	case a.Type == 0:
		a.Type = k.Type
	case k.Type != 0 && k.Type != a.Type, a.Type != vault.X25519PrivateKey && a.Type != vault.P256PrivateKey:
		return vault.Secret{}, fmt.Errorf("import key %s: %w", name, vault.ErrWrongType)
	}
	if err := k.match(v, a.Type); err != nil {
		return vault.Secret{}, fmt.Errorf("import key %s: %w", name, err)
	}
	s, err := v.Import(a, k.Raw)
	if err != nil {
		return vault.Secret{}, fmt.Errorf("import key %s: %w", name, err)
	}
	return s, nil
}

// match compares the public key of the file, if it has one, with that of an ephemeral import.
func (k *PrivateKey) match(v vault.Vault, t vault.Type) error {
	if k.Public == nil {
		return nil
	}
	s, err := v.Import(vault.Attributes{Type: t}, k.Raw)
	if err != nil {
		return err
	}
	public, err := v.PublicKey(make([]byte, 0, vault.P256PublicKeySize), s)
	if err == nil && string(public) != string(k.Public) {
		err = ErrMismatch
	}
	return errors.Join(err, v.Destroy(s))
}

// Export writes an exportable private key to a file, which it replaces if it is there.
func Export(v vault.Vault, s vault.Secret, name string, format Format, cfg Config) error {
	cfg = cfg.withDefaults()
	if err := export(v, s, name, format, cfg.Memory); err != nil {
		return fmt.Errorf("export key %s: %w", name, err)
	}
	return nil
}

func export(v vault.Vault, s vault.Secret, name string, format Format, m memory.Allocator) error {
	a, err := v.Attributes(s)
	if err != nil {
		return err
	}
	public, err := v.PublicKey(make([]byte, 0, vault.P256PublicKeySize), s) // refuses what is no private key
	if err != nil {
		return err
	}
	raw, err := m.Allocate(rawSize)
	if err != nil {
		return err
	}
	defer m.Release(raw)
	if _, err := v.Export(raw[:0], s); err != nil {
		return err
	}
	text, err := m.Allocate(maxText)
	if err != nil {
		return err
	}
	defer m.Release(text)
	if format == Hex {
		return replace(name, appendHex(text[:0], raw), 0o600)
	}
	der, err := m.Allocate(maxDER)
	if err != nil {
		return err
	}
	defer m.Release(der)
	return replace(name, appendPEM(text[:0], privateLabel, appendPrivate(der[:0], a.Type, raw, public)), 0o600)
}

// replace writes a file. The name of the temporary file is nobody else's.
func replace(name string, text []byte, mode fs.FileMode) error {
	return atomicfile.Replace(atomicfile.OS{Mode: mode}, name, name+"."+rand.Text()+".new", text)
}
