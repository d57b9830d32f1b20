package software_test

import (
	"errors"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// MEM-003: what runs for each record allocates nothing, by AEAD and by handle, accepted or forged.
func TestRecordsAllocateNothing(t *testing.T) {
	v := newVault(t, software.Config{})
	key := mustImport(t, v, vault.AES256Key, make([]byte, 32))
	aead, err := v.AEAD(key)
	if err != nil {
		t.Fatal(err)
	}
	nonce, ad, message := make([]byte, vault.NonceSize), make([]byte, 32), make([]byte, 1024)
	sealed, err := aead.Seal(make([]byte, 0, 1040), nonce, ad, message)
	if err != nil {
		t.Fatal(err)
	}
	room := make([]byte, 0, 1040)
	tests := []struct {
		name string
		run  func() error
		want error
	}{
		{"AEAD.Seal", func() error { _, err := aead.Seal(room, nonce, ad, message); return err }, nil},
		{"AEAD.Open", func() error { _, err := aead.Open(room, nonce, ad, sealed); return err }, nil},
		{"AEAD.Open of a forgery", func() error { _, err := aead.Open(room, nonce, nil, sealed); return err }, vault.ErrAuthentication},
		{"AEAD.Open of too little", func() error { _, err := aead.Open(room, nonce, ad, nil); return err }, vault.ErrShortCiphertext},
		{"Locate", func() error {
			_, found := aead.(vault.Locator).Locate([4]byte{}, 0, 40, ad, sealed)
			return foundOr(found)
		}, nil},
		{"Locate of a forgery", func() error {
			_, found := aead.(vault.Locator).Locate([4]byte{}, 1, 40, ad, sealed)
			return foundOr(found)
		},
			vault.ErrAuthentication},
		{"Vault.Seal", func() error { _, err := v.Seal(room, key, nonce, ad, message); return err }, nil},
		{"Vault.Open", func() error { _, err := v.Open(room, key, nonce, ad, sealed); return err }, nil},
		{"Vault.AEAD", func() error { _, err := v.AEAD(key); return err }, nil},
		{"Vault.SHA256", func() error { _, err := v.SHA256(ad, message); return err }, nil},
	}
	for _, test := range tests {
		if err := test.run(); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
		if got := testing.AllocsPerRun(100, func() { _ = test.run() }); got != 0 {
			t.Errorf("%s: %v allocations", test.name, got)
		}
	}
}

func foundOr(found bool) error {
	if found {
		return nil
	}
	return vault.ErrAuthentication
}

// A handshake's operations allocate what crypto/ecdh does, and nothing else.
func TestHandshakeAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("under the race detector SHA-256 allocates when its state is kept")
	}
	v := newVault(t, software.Config{})
	private := mustImport(t, v, vault.X25519PrivateKey, make([]byte, 32))
	buffer := mustImport(t, v, vault.Buffer, make([]byte, 32))
	outputs, peer := make([]vault.Secret, 2), []byte(x25519Base)
	public := make([]byte, 0, vault.X25519PublicKeySize)
	tests := []struct {
		name string
		most float64
		run  func() error
	}{
		{"HKDF with two outputs", 0, func() error {
			err := v.HKDF(buffer, buffer, outputs)
			return errors.Join(err, v.Destroy(outputs[0]), v.Destroy(outputs[1]))
		}},
		{"ECDH", 3, func() error {
			s, err := v.ECDH(private, peer)
			return errors.Join(err, v.Destroy(s))
		}},
		{"PublicKey", 0, func() error { _, err := v.PublicKey(public, private); return err }},
		{"Generate", 4, func() error {
			s, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
			return errors.Join(err, v.Destroy(s))
		}},
	}
	for _, test := range tests {
		if err := test.run(); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if got := testing.AllocsPerRun(50, func() { _ = test.run() }); got > test.most {
			t.Errorf("%s: %v allocations, want at most %v", test.name, got, test.most)
		}
	}
}
