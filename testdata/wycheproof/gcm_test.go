package wycheproof

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/vectors"
)

// A gcmTest is one message.
type gcmTest struct {
	meta
	Key vectors.Hex `json:"key"`
	IV  vectors.Hex `json:"iv"`
	AAD vectors.Hex `json:"aad"`
	Msg vectors.Hex `json:"msg"`
	Ct  vectors.Hex `json:"ct"`
	Tag vectors.Hex `json:"tag"`
}

func (v gcmTest) sealed() []byte { return slices.Concat(v.Ct, v.Tag) }

// A keyed makes the cipher of a key for f.
type keyed func(key []byte, f func(vault.AEAD) error) error

// byHandle is Seal and Open of a vault, as an AEAD.
type byHandle struct {
	vault.Vault
	key vault.Secret
}

func (h byHandle) Seal(dst, nonce, ad, plaintext []byte) ([]byte, error) {
	return h.Vault.Seal(dst, h.key, nonce, ad, plaintext)
}

func (h byHandle) Open(dst, nonce, ad, ciphertext []byte) ([]byte, error) {
	return h.Vault.Open(dst, h.key, nonce, ad, ciphertext)
}

// withHandles makes ciphers of byHandle, or, if the vault is to bind keys, its own. 24 bytes are a key of no type: VAULT-008.
func withHandles(v vault.AEADVault, bind bool) keyed {
	return func(key []byte, f func(vault.AEAD) error) error {
		typ := vault.AES256Key
		if len(key) == vault.AES128KeySize {
			typ = vault.AES128Key
		}
		return with(v, typ, key, func(s vault.Secret) error {
			if !bind {
				return f(byHandle{v, s})
			}
			a, err := v.AEAD(s)
			if err != nil {
				return err
			}
			return f(a)
		})
	}
}

func gcmRule(cipher keyed) rule[gcmTest] {
	return rule[gcmTest]{
		scope: func(v gcmTest) scope {
			switch {
			case len(v.Key) != vault.AES128KeySize && len(v.Key) != vault.AES256KeySize:
				return keySize
			case len(v.IV) != vault.NonceSize:
				return nonceSize
			}
			return inside
		},
		run: func(v gcmTest) error {
			return cipher(v.Key, func(a vault.AEAD) error { return sealAndOpen(a, v) })
		},
		beyond:  func(v gcmTest, _ scope) error { return refusesLength(cipher, v) },
		refusal: vault.ErrAuthentication, // VAULT-005
	}
}

// sealAndOpen opens what is to be opened, seals what is valid, and finds its counter.
func sealAndOpen(a vault.AEAD, v gcmTest) error {
	room := bytes.Repeat([]byte{0xa5}, len(v.Msg)+1)
	opened, err := a.Open(room[:0:len(v.Msg)], v.IV, v.AAD, v.sealed())
	if err != nil {
		// VAULT-005: no plaintext is released, not even beside an error.
		if opened != nil || slices.ContainsFunc(room, func(b byte) bool { return b != 0 && b != 0xa5 }) {
			return errWrong
		}
		if located(a, v) {
			return errWrong
		}
		return err
	}
	sealed, err := a.Seal(make([]byte, 0, len(v.Msg)+vault.TagSize), v.IV, v.AAD, v.Msg)
	if err == nil && !located(a, v) {
		err = errWrong
	}
	return errors.Join(err, same(opened, v.Msg), same(sealed, v.sealed()), same(room[len(v.Msg):], []byte{0xa5}))
}

// located tells whether the counter that the nonce ends with is found among those around it (REC-012). An AEAD that is no vault.Locator
// finds what it can open.
func located(a vault.AEAD, v gcmTest) bool {
	l, ok := a.(vault.Locator)
	if !ok {
		_, err := a.Open(make([]byte, 0, len(v.Msg)), v.IV, v.AAD, v.sealed())
		return err == nil
	}
	n := binary.BigEndian.Uint64(v.IV[4:])
	ciphertext := v.sealed()
	found, ok := l.Locate([4]byte(v.IV), n-min(n, 3), n+min(^n, 2), v.AAD, ciphertext)
	return ok && found == n && bytes.Equal(ciphertext, v.sealed())
}

// refusesLength checks that a key or nonce of another length than the protocol's is refused, to seal and to open.
func refusesLength(cipher keyed, v gcmTest) error {
	err := cipher(v.Key, func(a vault.AEAD) error {
		_, err := a.Seal(make([]byte, 0, len(v.Msg)+vault.TagSize), v.IV, v.AAD, v.Msg)
		if !errors.Is(err, vault.ErrInvalidLength) {
			return orAccepted(err)
		}
		_, err = a.Open(make([]byte, 0, len(v.Msg)), v.IV, v.AAD, v.sealed())
		return err
	})
	if errors.Is(err, vault.ErrInvalidLength) {
		return nil
	}
	return orAccepted(err)
}

func TestAESGCM(t *testing.T) {
	all := load[gcmTest](t, gcmFile)
	for _, v := range all {
		if len(v.Tag) != vault.TagSize {
			t.Fatalf("tcId %d has a tag of %d bytes, which our API cannot say", v.TcID, len(v.Tag))
		}
	}
	want := tally{total: 316, valid: 79, invalid: 54, outside: [scopes]int{keySize: 103, nonceSize: 80}}
	v := newVault(t, 1, nil)
	for name, bind := range map[string]bool{"handles": false, "bound keys": true} {
		t.Run(name, func(t *testing.T) { gcmRule(withHandles(v, bind)).holds(t, all, want) })
	}
}
