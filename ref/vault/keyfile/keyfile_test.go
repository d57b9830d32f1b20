package keyfile_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ockamtest/ref/memory"
	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/keyfile"
	"ockamtest/ref/vault/software"
)

func newVault(t testing.TB) *software.Vault {
	t.Helper()
	v, err := software.New(software.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// put writes a file that only the user can read.
func put(t testing.TB, text []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// library reads a private key as crypto/x509 does.
func library(t testing.TB, text []byte) *ecdh.PrivateKey {
	t.Helper()
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatal("no PEM")
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if ec, is := k.(*ecdsa.PrivateKey); is {
		if k, err = ec.ECDH(); err != nil {
			t.Fatal(err)
		}
	}
	return k.(*ecdh.PrivateKey)
}

func publicKey(t testing.TB, v vault.Vault, s vault.Secret) []byte {
	t.Helper()
	public, err := v.PublicKey(make([]byte, 0, vault.P256PublicKeySize), s)
	if err != nil {
		t.Fatal(err)
	}
	return public
}

// kinds are the fixtures that openssl made, with their type. The second of P-256 is without the public key.
func kinds() map[string]vault.Type {
	return map[string]vault.Type{
		"x25519.pem": vault.X25519PrivateKey, "p256.pem": vault.P256PrivateKey, "p256.nopublic.pem": vault.P256PrivateKey,
	}
}

// What openssl wrote is imported: the vault has the key that crypto/x509 reads from the same file, and the public key that openssl derived.
func TestImportOfOpenSSL(t *testing.T) {
	for name, typ := range kinds() {
		v := newVault(t)
		file := put(t, fixture(t, name))
		for _, asked := range []vault.Type{0, typ} {
			s, err := keyfile.Import(v, file, vault.Attributes{Type: asked, Exportable: true}, keyfile.Config{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			a, err := v.Attributes(s)
			if want := (vault.Attributes{Type: typ, Length: 32, Exportable: true}); err != nil || a != want {
				t.Errorf("%s: attributes %+v, %v, want %+v", name, a, err, want)
			}
			want := library(t, fixture(t, name))
			if got := publicKey(t, v, s); !bytes.Equal(got, want.PublicKey().Bytes()) {
				t.Errorf("%s: public key %x, want %x", name, got, want.PublicKey().Bytes())
			}
			kind, _, _ := strings.Cut(name, ".")
			public, err := keyfile.ReadPublic(filepath.Join("testdata", kind+".pub.pem"))
			if err != nil || public.Type != typ || !bytes.Equal(public.Bytes, publicKey(t, v, s)) {
				t.Errorf("%s: public key file: %v, %v", name, public, err)
			}
		}
	}
}

// Line ends of Windows and blank lines around the key are good.
func TestLineEnds(t *testing.T) {
	v := newVault(t)
	for name := range kinds() {
		text := fixture(t, name)
		for _, form := range [][]byte{
			bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), append([]byte("\n \r\n"), text...), append(bytes.Clone(text), " \n\n"...),
			bytes.TrimSpace(text),
		} {
			s, err := keyfile.Import(v, put(t, form), vault.Attributes{}, keyfile.Config{})
			if err != nil {
				t.Fatalf("%q: %v", form, err)
			}
			if want := library(t, text).PublicKey().Bytes(); !bytes.Equal(publicKey(t, v, s), want) {
				t.Errorf("%q: another key", form)
			}
		}
	}
}

// A key comes back from each format as it was; PEM is what openssl writes, byte for byte.
func TestExport(t *testing.T) {
	for _, name := range []string{"x25519.pem", "p256.pem"} {
		v := newVault(t)
		s, err := keyfile.Import(v, put(t, fixture(t, name)), vault.Attributes{Exportable: true}, keyfile.Config{})
		if err != nil {
			t.Fatal(err)
		}
		raw := library(t, fixture(t, name)).Bytes()
		for format, want := range map[keyfile.Format]string{
			keyfile.PEM: string(fixture(t, name)), keyfile.Hex: hex.EncodeToString(raw) + "\n",
		} {
			file := put(t, []byte("something else"))
			if err := os.Chmod(file, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := keyfile.Export(v, s, file, format, keyfile.Config{}); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(file)
			if err != nil || string(got) != want {
				t.Errorf("%s, format %d: got %q, %v, want %q", name, format, got, err, want)
			}
			if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
				t.Errorf("%s, format %d: mode %v, %v, want 0600", name, format, info.Mode(), err)
			}
			if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
				t.Errorf("%d files, %v, want one", len(left), err)
			}
			k, err := keyfile.Read(file, keyfile.Config{})
			if err != nil || !bytes.Equal(k.Raw, raw) {
				t.Fatalf("%s, format %d: Read: %v", name, format, err)
			}
			k.Release()
		}
	}
}

// Hex does not tell its type: it is X25519, or what the caller says.
func TestHex(t *testing.T) {
	raw := library(t, fixture(t, "p256.pem")).Bytes()
	digits := hex.EncodeToString(raw)
	v := newVault(t)
	for _, text := range []string{digits, digits + "\n", " \r\n\t" + digits + "\r\n\n", strings.ToUpper(digits)} {
		for asked, want := range map[vault.Type]vault.Type{
			0: vault.X25519PrivateKey, vault.X25519PrivateKey: vault.X25519PrivateKey, vault.P256PrivateKey: vault.P256PrivateKey,
		} {
			s, err := keyfile.Import(v, put(t, []byte(text)), vault.Attributes{Type: asked, Exportable: true}, keyfile.Config{})
			if err != nil {
				t.Fatal(err)
			}
			a, err := v.Attributes(s)
			got, exportErr := v.Export(make([]byte, 0, 32), s)
			if errors.Join(err, exportErr) != nil || a.Type != want || !bytes.Equal(got, raw) {
				t.Errorf("%q: type %v, %v, %v, want %v", text, a.Type, err, exportErr, want)
			}
		}
	}
}

// Files that others can read are refused with a typed error, unless that was allowed.
func TestExposed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("windows has no modes")
	}
	v := newVault(t)
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o644, 0o620, 0o602, 0o610, 0o666} {
		file := put(t, fixture(t, "x25519.pem"))
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		s, err := keyfile.Import(v, file, vault.Attributes{}, keyfile.Config{})
		var exposed *keyfile.ExposedError
		if !errors.As(err, &exposed) || !errors.Is(err, keyfile.ErrExposed) || exposed.Mode != mode || exposed.Name != file || !s.IsZero() {
			t.Errorf("mode %v: got %v, %v", mode, s, err)
		}
		if _, err := keyfile.Import(v, file, vault.Attributes{}, keyfile.Config{AllowExposed: true}); err != nil {
			t.Errorf("mode %v, allowed: %v", mode, err)
		}
	}
	for _, mode := range []fs.FileMode{0o600, 0o400, 0o700} {
		file := put(t, fixture(t, "x25519.pem"))
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := keyfile.Import(v, file, vault.Attributes{}, keyfile.Config{}); err != nil {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
}

func TestImportRefusals(t *testing.T) {
	v := newVault(t)
	x25519 := put(t, fixture(t, "x25519.pem"))
	mismatch := put(t, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: swapPublic(t)}))
	tests := []struct {
		name string
		file string
		a    vault.Attributes
		want error
	}{
		{"no file", filepath.Join(t.TempDir(), "none"), vault.Attributes{}, fs.ErrNotExist},
		{"a directory", t.TempDir(), vault.Attributes{}, nil},
		{"another type", x25519, vault.Attributes{Type: vault.P256PrivateKey}, vault.ErrWrongType},
		{"no private key", x25519, vault.Attributes{Type: vault.Buffer}, vault.ErrWrongType},
		{"hex as a buffer", put(t, []byte(strings.Repeat("07", 32))), vault.Attributes{Type: vault.AES256Key}, vault.ErrWrongType},
		{"P-256 scalar 0", put(t, []byte(strings.Repeat("0", 64))), vault.Attributes{Type: vault.P256PrivateKey}, vault.ErrInvalidPrivateKey},
		{"another's public key", mismatch, vault.Attributes{}, keyfile.ErrMismatch},
		{"what the vault refuses", x25519, vault.Attributes{Purpose: 7}, vault.ErrUnsupported},
	}
	for _, test := range tests {
		s, err := keyfile.Import(v, test.file, test.a, keyfile.Config{AllowExposed: true})
		if err == nil || test.want != nil && !errors.Is(err, test.want) || !s.IsZero() {
			t.Errorf("%s: got %v, %v, want %v", test.name, s, err, test.want)
		}
	}
	one, err := software.New(software.Config{MaxSecrets: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	for range 3 { // Nothing is left of a refusal.
		if _, err := keyfile.Import(one, mismatch, vault.Attributes{}, keyfile.Config{}); !errors.Is(err, keyfile.ErrMismatch) {
			t.Errorf("got error %v, want %v", err, keyfile.ErrMismatch)
		}
	}
	if _, err := keyfile.Import(one, put(t, fixture(t, "p256.pem")), vault.Attributes{}, keyfile.Config{}); err != nil {
		t.Error(err)
	}
}

// swapPublic returns the PKCS#8 of one private key with the public key of another.
func swapPublic(t *testing.T) []byte {
	t.Helper()
	block, _ := pem.Decode(fixture(t, "p256.pem"))
	other, err := ecdh.P256().NewPrivateKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	copy(block.Bytes[len(block.Bytes)-65:], other.PublicKey().Bytes())
	return block.Bytes
}

// A refused export leaves the file as it was.
func TestExportRefusals(t *testing.T) {
	v := newVault(t)
	make := func(a vault.Attributes) vault.Secret {
		s, err := v.Generate(a)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	good := make(vault.Attributes{Type: vault.X25519PrivateKey, Exportable: true})
	tests := []struct {
		name   string
		secret vault.Secret
		want   error
	}{
		{"not exportable", make(vault.Attributes{Type: vault.X25519PrivateKey}), vault.ErrNotExportable},
		{"no private key", make(vault.Attributes{Type: vault.AES256Key, Exportable: true}), vault.ErrWrongType},
		{"a buffer", make(vault.Attributes{Type: vault.Buffer, Length: 100, Exportable: true}), vault.ErrWrongType},
		{"no secret", vault.Secret{}, vault.ErrInvalidSecret},
	}
	for _, test := range tests {
		file := put(t, []byte("something else"))
		if err := keyfile.Export(v, test.secret, file, keyfile.PEM, keyfile.Config{}); !errors.Is(err, test.want) {
			t.Errorf("%s: got error %v, want %v", test.name, err, test.want)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != "something else" {
			t.Errorf("%s: the file holds %q, %v", test.name, got, err)
		}
	}
	none := filepath.Join(t.TempDir(), "none", "key")
	if err := keyfile.Export(v, good, none, keyfile.PEM, keyfile.Config{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: got error %v, want %v", err, fs.ErrNotExist)
	}
}

// MEM-001, MEM-002: every buffer is wiped and released, whichever is refused.
func TestMemory(t *testing.T) {
	v := newVault(t)
	for _, name := range []string{"x25519.pem", "p256.pem"} {
		file, out := put(t, fixture(t, name)), filepath.Join(t.TempDir(), "out")
		for _, format := range []keyfile.Format{keyfile.PEM, keyfile.Hex} {
			refusals := 0
			for k, done := 1, false; !done; k++ {
				var m memorytest.Counting
				m.FailAt(k)
				cfg := keyfile.Config{Memory: &m}
				s, err := keyfile.Import(v, file, vault.Attributes{Exportable: true}, cfg)
				if err == nil {
					err = keyfile.Export(v, s, out, format, cfg)
				}
				if done = err == nil; !done {
					refusals++
					if !errors.Is(err, memory.ErrOutOfMemory) {
						t.Errorf("refusal %d: got error %v, want %v", k, err, memory.ErrOutOfMemory)
					}
				}
				if m.Live() != 0 || m.Err() != nil {
					t.Errorf("refusal %d: %d buffers live, %v", k, m.Live(), m.Err())
				}
			}
			if refusals < 5 {
				t.Errorf("%d refusals", refusals)
			}
		}
	}
}

func TestPublic(t *testing.T) {
	for _, kind := range []string{"x25519", "p256"} {
		want := fixture(t, kind+".pub.pem")
		k, err := keyfile.ReadPublic(filepath.Join("testdata", kind+".pub.pem"))
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(want)
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if ec, is := parsed.(*ecdsa.PublicKey); is {
			if parsed, err = ec.ECDH(); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(k.Bytes, parsed.(*ecdh.PublicKey).Bytes()) {
			t.Errorf("%s: got %x", kind, k.Bytes)
		}
		file := filepath.Join(t.TempDir(), "public")
		if err := keyfile.WritePublic(file, k); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: wrote %q, %v, want %q", kind, got, err, want)
		}
		if _, err := keyfile.ReadPublic(file); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	for _, k := range []keyfile.PublicKey{
		{}, {vault.X25519PrivateKey, make([]byte, 31)}, {vault.P256PrivateKey, make([]byte, 65)}, {vault.Buffer, make([]byte, 32)},
	} {
		file := filepath.Join(t.TempDir(), "public")
		if err := keyfile.WritePublic(file, k); !errors.Is(err, vault.ErrInvalidPublicKey) {
			t.Errorf("WritePublic(%v): got error %v, want %v", k, err, vault.ErrInvalidPublicKey)
		}
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("WritePublic(%v) wrote a file: %v", k, err)
		}
	}
}
