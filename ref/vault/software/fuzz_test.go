package software_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/elliptic"
	"errors"
	"math/big"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// FuzzPublicKey gives any bytes to ECDH on both curves. An independent check of the curve equation tells whether P-256 may
// accept them; X25519 accepts all of 32 bytes but points of low order. A refusal leaves no secret.
func FuzzPublicKey(f *testing.F) {
	base := elliptic.P256().Params()
	point := append([]byte{4}, append(base.Gx.FillBytes(make([]byte, 32)), base.Gy.FillBytes(make([]byte, 32))...)...)
	f.Add([]byte(x25519Base))
	f.Add(make([]byte, 32))
	f.Add(point)
	f.Add(point[:33])
	f.Add(append([]byte{6}, point[1:]...))
	f.Add(append(point[:64:64], point[64]^1))
	f.Fuzz(func(t *testing.T, public []byte) {
		v := newVault(t, software.Config{MaxSecrets: 3})
		before := bytes.Clone(public)
		x := mustImport(t, v, vault.X25519PrivateKey, bytes.Repeat([]byte{7}, 32))
		p := mustImport(t, v, vault.P256PrivateKey, bytes.Repeat([]byte{7}, 32))

		shared, err := v.ECDH(x, public)
		switch {
		case len(public) != 32 && !errors.Is(err, vault.ErrInvalidPublicKey):
			t.Errorf("X25519 with %d bytes: %v", len(public), err)
		case len(public) == 32 && err != nil && !errors.Is(err, vault.ErrWeakPublicKey):
			t.Errorf("X25519: %v", err)
		case err == nil:
			if err := v.Destroy(shared); err != nil {
				t.Error(err)
			}
		}

		_, err = v.ECDH(p, public)
		if want := onP256(public); want != (err == nil) || !want && !errors.Is(err, vault.ErrInvalidPublicKey) {
			t.Errorf("P-256: %v, but the point is on the curve: %t", err, want)
		}
		if err != nil { // The last place is free.
			mustImport(t, v, vault.Buffer, nil)
		}
		if !bytes.Equal(public, before) {
			t.Error("ECDH changed its input")
		}
	})
}

// onP256 computes y^2 = x^3 - 3x + b.
func onP256(public []byte) bool {
	if len(public) != 65 || public[0] != 4 {
		return false
	}
	curve := elliptic.P256().Params()
	x, y := new(big.Int).SetBytes(public[1:33]), new(big.Int).SetBytes(public[33:])
	if x.Cmp(curve.P) >= 0 || y.Cmp(curve.P) >= 0 {
		return false
	}
	right := new(big.Int).Exp(x, big.NewInt(3), nil)
	right.Sub(right, new(big.Int).Mul(x, big.NewInt(3)))
	right.Add(right, curve.B)
	right.Mod(right, curve.P)
	return y.Mul(y, y).Mod(y, curve.P).Cmp(right) == 0
}

// FuzzOpen opens any ciphertext, with any room for the result. What opens is what seals to it; nothing else is released.
func FuzzOpen(f *testing.F) {
	key, nonce := make([]byte, 32), make([]byte, vault.NonceSize)
	f.Add(key, nonce, []byte("ad"), reference(f, key).Seal(nil, nonce, []byte("plaintext"), []byte("ad")), 9)
	f.Add(key, nonce, []byte(nil), reference(f, key).Seal(nil, nonce, nil, nil), 0)
	f.Add(key[:16], nonce, []byte(nil), make([]byte, 15), 15)
	f.Add(key[:16], nonce[:11], []byte(nil), make([]byte, 16), 0)
	f.Add(key[:17], nonce, []byte(nil), make([]byte, 40), 23)
	f.Fuzz(func(t *testing.T, key, nonce, ad, ciphertext []byte, room int) {
		room = max(0, min(room, 1<<16))
		v := newVault(t, software.Config{})
		typ := vault.AES256Key
		if len(key) == 16 {
			typ = vault.AES128Key
		}
		s, err := v.Import(vault.Attributes{Type: typ}, key)
		if valid := len(key) == 16 || len(key) == 32; valid != (err == nil) {
			t.Fatalf("Import of a key of %d bytes: %v", len(key), err)
		}
		if err != nil {
			return
		}
		dst := bytes.Repeat([]byte{0xa5}, room)
		got, err := v.Open(dst[:0], s, nonce, ad, ciphertext)
		if want := openError(t, key, nonce, ad, ciphertext, room); !errors.Is(err, want) {
			t.Fatalf("Open: %v, want %v", err, want)
		}
		if err == nil {
			if again := reference(t, key).Seal(nil, nonce, got, ad); !bytes.Equal(again, ciphertext) {
				t.Errorf("what opened seals to %x, not %x", again, ciphertext)
			}
			return
		}
		for i, b := range dst {
			if b != 0xa5 && b != 0 {
				t.Fatalf("byte %d of dst is %#x after %v", i, b, err)
			}
		}
	})
}

// openError is the error that Open has to give: lengths first, the tag last.
func openError(t *testing.T, key, nonce, ad, ciphertext []byte, room int) error {
	switch {
	case len(nonce) != vault.NonceSize:
		return vault.ErrInvalidLength
	case len(ciphertext) < vault.TagSize:
		return vault.ErrShortCiphertext
	case room < len(ciphertext)-vault.TagSize:
		return vault.ErrShortBuffer
	}
	if _, err := reference(t, key).Open(nil, nonce, ciphertext, ad); err != nil {
		return vault.ErrAuthentication
	}
	return nil
}

// reference is AES-GCM by the standard library.
func reference(t testing.TB, key []byte) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return gcm
}
