package keyfile_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/keyfile"
)

// openSSL returns a function that runs the openssl command, or skips the test. What openssl wrote before is in testdata and tested anyway.
func openSSL(t *testing.T) func(arguments ...string) []byte {
	t.Helper()
	command, err := exec.LookPath("openssl")
	if err != nil {
		t.Skipf("openssl is not installed: %v", err)
	}
	run := func(arguments ...string) []byte {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), command, arguments...).CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %s: %v\n%s", strings.Join(arguments, " "), err, out)
		}
		return out
	}
	if v := run("version"); !bytes.HasPrefix(v, []byte("OpenSSL 3")) && !bytes.HasPrefix(v, []byte("OpenSSL 1.1.1")) {
		t.Skipf("not a version whose output is known: %s", v)
	}
	return run
}

// openssl makes keys that are imported, reads keys that are exported, and both derive the same public key.
func TestWithOpenSSL(t *testing.T) {
	openssl := openSSL(t)
	for typ, algorithm := range map[vault.Type][]string{
		vault.X25519PrivateKey: {"-algorithm", "X25519"},
		vault.P256PrivateKey:   {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"},
	} {
		for range 3 {
			v := newVault(t)
			dir := t.TempDir()
			theirs, ours := filepath.Join(dir, "theirs"), filepath.Join(dir, "ours")
			openssl(append([]string{"genpkey", "-out", theirs}, algorithm...)...)
			s, err := keyfile.Import(v, theirs, vault.Attributes{Exportable: true}, keyfile.Config{AllowExposed: true})
			if err != nil {
				t.Fatalf("%v: %v", typ, err)
			}
			samePublic(t, openssl, v, s, theirs)

			generated, err := v.Generate(vault.Attributes{Type: typ, Exportable: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []vault.Secret{s, generated} {
				if err := keyfile.Export(v, secret, ours, keyfile.PEM, keyfile.Config{}); err != nil {
					t.Fatalf("%v: %v", typ, err)
				}
				samePublic(t, openssl, v, secret, ours)
				again := openssl("pkey", "-in", ours)
				if text, err := os.ReadFile(ours); err != nil || !bytes.Equal(text, again) {
					t.Errorf("%v: openssl writes\n%s and we\n%s %v", typ, again, text, err)
				}
			}
		}
	}
}

// samePublic compares the public key of a secret with the one that openssl derives from a private key file.
func samePublic(t *testing.T, openssl func(...string) []byte, v vault.Vault, s vault.Secret, file string) {
	t.Helper()
	openssl("pkey", "-in", file, "-pubout", "-out", file+".pub")
	public, err := keyfile.ReadPublic(file + ".pub")
	if err != nil || !bytes.Equal(public.Bytes, publicKey(t, v, s)) {
		t.Errorf("%v: openssl derives %x, the vault %x, %v", public.Type, public.Bytes, publicKey(t, v, s), err)
	}
	ours := file + ".ours"
	if err := keyfile.WritePublic(ours, public); err != nil {
		t.Fatal(err)
	}
	if again, text := openssl("pkey", "-pubin", "-in", ours), mustRead(t, ours); !bytes.Equal(again, text) {
		t.Errorf("openssl writes\n%s and we\n%s", again, text)
	}
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
