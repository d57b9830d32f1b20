package software

import (
	"bytes"
	"testing"

	"ockamtest/ref/vault"
)

// MEM-001: after HKDF the hash has nothing of what it read.
func TestHKDFOverwritesTheHash(t *testing.T) {
	v, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	salt, err := v.Import(vault.Attributes{Type: vault.Buffer}, bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.HKDF(salt, salt, make([]vault.Secret, 2)); err != nil {
		t.Fatal(err)
	}
	state, err := v.hmac.h.AppendBinary(nil)
	if err != nil || !bytes.Equal(state, v.hmac.empty) {
		t.Errorf("the state is %x, %v, want %x", state, err, v.hmac.empty)
	}
	if err := v.Close(); err != nil {
		t.Error(err)
	}
}
