package noise_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"testing"

	"ockamtest/ref/key/keytest"
	"ockamtest/ref/noise"
	"ockamtest/ref/vault"
)

// Messages, h, k1, and k2 of section 12, byte for byte, in both suites and with payloads.
func TestKnownAnswers(t *testing.T) {
	all := keytest.KnownAnswers()
	if len(all) != 3 {
		t.Fatalf("%d known answers, want 3", len(all))
	}
	for _, known := range all {
		t.Run(known.Name, func(t *testing.T) {
			i := newParty(t, known.Suite, true, knownKeys)
			r := newParty(t, known.Suite, false, knownKeys)
			messages := exchange(i, r, known.Payloads)
			for n, want := range [][]byte{known.M1, known.M2, known.M3} {
				equalBytes(t, "message", messages[n], want)
			}
			for _, p := range []*party{i, r} {
				h, ok := p.hs.ChannelBinding()
				if !ok {
					t.Fatal("no channel binding after the handshake")
				}
				equalBytes(t, "h", h[:], known.H)
				k1, k2, err := p.hs.Split()
				if err != nil {
					t.Fatal(err)
				}
				holdsKey(t, "k1", p.vault, k1.K, known.K1)
				holdsKey(t, "k2", p.vault, k2.K, known.K2)
			}
			equalBytes(t, "initiator's rs", i.hs.PeerStatic(), r.public())
			equalBytes(t, "responder's rs", r.hs.PeerStatic(), i.public())
		})
	}
}

// NOISE-015: what lives after the handshake is the static key and, until Close, the two keys of the transport phase.
func TestNoSecretIsLeft(t *testing.T) {
	for name, suite := range suites() {
		t.Run(name, func(t *testing.T) {
			i, r := newParty(t, suite, true), newParty(t, suite, false)
			exchange(i, r, [3][]byte{})
			for _, p := range []*party{i, r} {
				if _, _, err := p.hs.Split(); err != nil {
					t.Fatal(err)
				}
				if got := p.vault.Live(); got != 3 {
					t.Errorf("after Split %d secrets live, want static, k1, k2", got)
				}
				for range 2 {
					if err := p.hs.Close(); err != nil {
						t.Fatal(err)
					}
					if got := p.vault.Live(); got != 1 {
						t.Errorf("after Close %d secrets live, want static", got)
					}
				}
				_, err := p.hs.WriteMessage(nil, nil)
				equalError(t, err, noise.ErrClosed)
				_, _, err = p.hs.Split()
				equalError(t, err, noise.ErrClosed)
				if p.hs.PeerStatic() != nil {
					t.Error("a closed handshake has a peer")
				}
			}
		})
	}
}

// holdsKey checks the value of a key that cannot be exported: it encrypts as want does.
func holdsKey(t *testing.T, name string, v vault.Vault, k vault.Secret, want []byte) {
	t.Helper()
	if _, err := v.Export(make([]byte, 0, 32), k); !errors.Is(err, vault.ErrNotExportable) {
		t.Errorf("%s: export: got %v, want %v", name, err, vault.ErrNotExportable)
	}
	nonce := noise.Nonce(7)
	got, err := v.Seal(make([]byte, 0, 32), k, nonce[:], []byte("ad"), []byte("plaintext"))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	equalBytes(t, name+" in use", got, seal(t, want, nonce[:], []byte("ad"), []byte("plaintext")))
}

// seal is AES-GCM of the standard library.
func seal(t *testing.T, key, nonce, ad, plaintext []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return gcm.Seal(nil, nonce, plaintext, ad)
}

func equalBytes(t *testing.T, name string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got %x, want %x", name, got, want)
	}
}

func equalError(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got error %v, want %v", got, want)
	}
}
