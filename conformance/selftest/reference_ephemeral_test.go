package selftest_test

import (
	"testing"

	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// A scripted vault generates certain keys, one after the other, the last again and again.
type scripted struct {
	counting
	keys  [][]byte
	draws int
}

func (v *scripted) Generate(a vault.Attributes) (vault.Secret, error) {
	key := v.keys[min(v.draws, len(v.keys)-1)]
	if v.draws++; v.draws > 100 {
		return vault.Secret{}, vault.ErrUnsupported // nobody needs so many
	}
	return v.Import(a, key)
}

// NOISE-008: a handshake has the vault generate its ephemeral key, and one again as long as its public key begins with what cannot travel, but 16
// times at most. Keys that are thrown away are destroyed.
func TestReferenceOfEphemerals(t *testing.T) {
	good, bad := []byte{31: 1}, []byte{31: 2}
	first := func(key []byte) byte {
		v, s := imported(t, key)
		defer v.Close()
		public, err := v.PublicKey(make([]byte, 0, 32), s)
		if err != nil {
			t.Fatal(err)
		}
		return public[0]
	}
	if first(good) == first(bad) {
		t.Fatal("the keys begin with the same byte")
	}
	for unwanted, want := range map[int]struct {
		draws int
		begin byte
	}{0: {1, first(good)}, 1: {2, first(good)}, 16: {17, first(good)}, 17: {17, first(bad)}, 40: {17, first(bad)}} {
		inner, err := software.New(software.Config{})
		if err != nil {
			t.Fatal(err)
		}
		v := &scripted{counting: counting{Vault: inner}}
		for range unwanted {
			v.keys = append(v.keys, bad)
		}
		v.keys = append(v.keys, good)
		static, err := v.Import(vault.Attributes{Type: vault.X25519PrivateKey}, []byte{31: 3})
		if err != nil {
			t.Fatal(err)
		}
		hs, err := noise.NewHandshakeState(noise.Config{
			Vault: v, Suite: profile.X25519AES256(), Initiator: true, Static: static, Avoided: []byte{first(bad)},
			Verify: func([]byte) error { return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		m1, err := hs.WriteMessage(make([]byte, 0, 100), nil)
		if err != nil || m1[0] != want.begin || v.draws != want.draws {
			t.Errorf("%d unwanted keys: m1 begins with %x after %d draws, want %x and %d: %v", unwanted, m1[:1], v.draws, want.begin, want.draws, err)
		}
		if err := hs.Close(); err != nil || v.live != 1 {
			t.Errorf("%d unwanted keys: %d secrets at the end, want the static key: %v", unwanted, v.live, err)
		}
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	}
}

// imported is a vault with a private key.
func imported(t *testing.T, key []byte) (vault.Vault, vault.Secret) {
	t.Helper()
	v, err := software.New(software.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := v.Import(vault.Attributes{Type: vault.X25519PrivateKey}, key)
	if err != nil {
		t.Fatal(err)
	}
	return v, s
}
