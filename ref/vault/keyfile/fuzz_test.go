package keyfile

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault"
)

func seeds(f *testing.F) {
	names, err := filepath.Glob("testdata/*.pem")
	if err != nil || len(names) < 8 {
		f.Fatalf("%d seeds, %v", len(names), err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(hex.EncodeToString(bytes.Repeat([]byte{7}, 32)) + "\n"))
}

// FuzzPrivate parses any text: a key that is taken is the one that crypto/x509 finds there, what is refused is a typed error, and no buffer
// is left.
func FuzzPrivate(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		var m memorytest.Counting
		k, err := parsePrivate(text, &m)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Line < 0 || e.Line > 2+bytes.Count(text, []byte("\n")) {
				t.Errorf("got error %v", err)
			}
		} else {
			compare(t, k, text)
			k.Release()
		}
		if m.Live() != 0 || m.Err() != nil {
			t.Errorf("%d buffers live, %v", m.Live(), m.Err())
		}
	})
}

// compare compares a key with what the standard library reads.
func compare(t *testing.T, k *PrivateKey, text []byte) {
	t.Helper()
	want := make([]byte, rawSize)
	if k.Type == 0 {
		if _, err := hex.Decode(want, bytes.TrimSpace(text)); err != nil || !bytes.Equal(k.Raw, want) {
			t.Errorf("hex: got %x, want %x, %v", k.Raw, want, err)
		}
		return
	}
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatal("takes what is no PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		// A scalar out of range is the vault's to refuse.
		if _, err := ecdh.P256().NewPrivateKey(k.Raw); k.Type == vault.P256PrivateKey && err != nil {
			return
		}
		t.Fatalf("takes what crypto/x509 refuses: %v", err)
	}
	if ec, is := parsed.(*ecdsa.PrivateKey); is {
		if parsed, err = ec.ECDH(); err != nil {
			t.Fatal(err)
		}
	}
	if got := parsed.(*ecdh.PrivateKey); !bytes.Equal(got.Bytes(), k.Raw) {
		t.Errorf("got %x, want %x", k.Raw, got.Bytes())
	}
	if k.Type == vault.X25519PrivateKey {
		if again := appendPEM(nil, privateLabel, appendPrivate(nil, k.Type, k.Raw, nil)); !bytes.Equal(block.Bytes, mustDecode(t, again)) {
			t.Errorf("takes %x, writes %s", block.Bytes, again)
		}
	}
}

func mustDecode(t *testing.T, text []byte) []byte {
	t.Helper()
	block, rest := pem.Decode(text)
	if block == nil || len(rest) > 0 {
		t.Fatalf("writes what is no PEM: %s", text)
	}
	return block.Bytes
}

// FuzzPublic parses any text: a key that is taken is canonical, and the one that crypto/x509 finds there.
func FuzzPublic(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := parsePublic(text)
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("got error %v", err)
		}
		if err != nil {
			return
		}
		der := mustDecode(t, appendPEM(nil, publicLabel, appendPublic(nil, k)))
		if block, _ := pem.Decode(text); block == nil || !bytes.Equal(block.Bytes, der) {
			t.Errorf("takes %q, writes %x", text, der)
		}
		if _, err := x509.ParsePKIXPublicKey(der); err != nil {
			t.Errorf("takes what crypto/x509 refuses: %v", err)
		}
	})
}
