package software_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newVault(t *testing.T, cfg software.Config) *software.Vault {
	t.Helper()
	v, err := software.New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return v
}

// The ee step of specification section 12, as a first sign of life; vaulttest has the rest.
func TestKnownAnswerEE(t *testing.T) {
	v := newVault(t, software.Config{})
	e, err := v.Import(vault.Attributes{Type: vault.X25519PrivateKey},
		unhex(t, "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"))
	if err != nil {
		t.Fatal(err)
	}
	ee, err := v.ECDH(e, unhex(t, "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466"))
	if err != nil {
		t.Fatal(err)
	}
	name := make([]byte, 32)
	copy(name, "Noise_XX_25519_AESGCM_SHA256")
	ck, err := v.Import(vault.Attributes{Type: vault.Buffer}, name)
	if err != nil {
		t.Fatal(err)
	}
	var outputs [2]vault.Secret
	if err := v.HKDF(ck, ee, outputs[:]); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"674afe9e8a30e6dbf073b32cad4d711d11edf32a4b83470583e6893bd40041f4",
		"b85aa7e2e04a792d253b9598ed47601a5546881309478df8d70c5454328a74c7",
	} {
		if err := v.SetType(outputs[i], vault.AES256Key); err != nil {
			t.Fatal(err)
		}
		block, err := aes.NewCipher(unhex(t, want))
		if err != nil {
			t.Fatal(err)
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		nonce := make([]byte, vault.NonceSize)
		got, err := v.Seal(make([]byte, 0, 64), outputs[i], nonce, nil, []byte("hello"))
		if err != nil {
			t.Fatal(err)
		}
		if want := gcm.Seal(nil, nonce, []byte("hello"), nil); string(got) != string(want) {
			t.Errorf("output %d: sealed %x, want %x", i, got, want)
		}
	}
}
