package software_test

import (
	"fmt"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

func benchVault(b *testing.B) *software.Vault {
	b.Helper()
	v, err := software.New(software.Config{})
	if err != nil {
		b.Fatal(err)
	}
	return v
}

func generate(b *testing.B, v vault.Vault, a vault.Attributes) vault.Secret {
	b.Helper()
	s, err := v.Generate(a)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkSealOpen(b *testing.B) {
	for _, size := range []int{64, 1024, 16384} {
		for _, t := range []vault.Type{vault.AES128Key, vault.AES256Key} {
			b.Run(fmt.Sprintf("%v/%d", t, size), func(b *testing.B) { sealOpen(b, t, size) })
		}
	}
}

func sealOpen(b *testing.B, t vault.Type, size int) {
	v := benchVault(b)
	key, err := v.AEAD(generate(b, v, vault.Attributes{Type: t}))
	if err != nil {
		b.Fatal(err)
	}
	buffer := make([]byte, size, size+vault.TagSize)
	nonce, ad := make([]byte, vault.NonceSize), make([]byte, vault.HashSize)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		sealed, err := key.Seal(buffer[:0], nonce, ad, buffer)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := key.Open(sealed[:0], nonce, ad, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealByHandle(b *testing.B) {
	v := benchVault(b)
	key := generate(b, v, vault.Attributes{Type: vault.AES256Key})
	buffer := make([]byte, 64, 64+vault.TagSize)
	nonce, ad := make([]byte, vault.NonceSize), make([]byte, vault.HashSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Seal(buffer[:0], key, nonce, ad, buffer); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	for _, t := range []vault.Type{vault.X25519PrivateKey, vault.P256PrivateKey, vault.AES256Key} {
		b.Run(t.String(), func(b *testing.B) {
			v := benchVault(b)
			b.ReportAllocs()
			for b.Loop() {
				if err := v.Destroy(generate(b, v, vault.Attributes{Type: t})); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkECDH(b *testing.B) {
	for _, t := range []vault.Type{vault.X25519PrivateKey, vault.P256PrivateKey} {
		b.Run(t.String(), func(b *testing.B) {
			v := benchVault(b)
			private := generate(b, v, vault.Attributes{Type: t})
			public, err := v.PublicKey(make([]byte, 0, vault.P256PublicKeySize), private)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				shared, err := v.ECDH(private, public)
				if err != nil {
					b.Fatal(err)
				}
				if err := v.Destroy(shared); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkHKDF(b *testing.B) {
	v := benchVault(b)
	salt := generate(b, v, vault.Attributes{Type: vault.Buffer, Length: vault.HashSize})
	ikm := generate(b, v, vault.Attributes{Type: vault.Buffer, Length: vault.SharedSecretSize})
	outputs := make([]vault.Secret, 2)
	b.ReportAllocs()
	for b.Loop() {
		if err := v.HKDF(salt, ikm, outputs); err != nil {
			b.Fatal(err)
		}
		for _, s := range outputs {
			if err := v.Destroy(s); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkSHA256(b *testing.B) {
	v := benchVault(b)
	h, message := make([]byte, vault.HashSize), make([]byte, 48)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.SHA256(h, message); err != nil {
			b.Fatal(err)
		}
	}
}
