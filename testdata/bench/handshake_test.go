//go:build unix

package bench

import (
	"crypto/ecdh"
	"crypto/rand"
	"testing"

	flynn "github.com/flynn/noise"

	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// BenchmarkHandshake is XX_25519_AESGCM_SHA256, both sides, with empty payloads, beside its floor: the eight X25519 operations of
// crypto/ecdh that XX cannot do without.
func BenchmarkHandshake(b *testing.B) {
	paired(b,
		candidate{"floor", floor(b)},
		candidate{"ref", refHandshake(b)},
		candidate{"flynn", flynnHandshake(b)},
	)
}

func floor(b *testing.B) func() {
	generate := func() *ecdh.PrivateKey {
		k, err := ecdh.X25519().GenerateKey(rand.Reader)
		check(b, err)
		return k
	}
	s := generate()
	return func() {
		e, f := generate(), generate()
		for range 3 { // ee, es, se on either side
			for _, pair := range [][2]*ecdh.PrivateKey{{e, f}, {s, e}} {
				public, err := ecdh.X25519().NewPublicKey(pair[1].PublicKey().Bytes())
				check(b, err)
				_, err = pair[0].ECDH(public)
				check(b, err)
			}
		}
	}
}

// xxPair makes two agreements over one vault, with static keys of their own.
func xxPair(b *testing.B) func() (initiator, responder *key.XX) {
	v, err := software.New(software.Config{})
	check(b, err)
	var statics [2]vault.Secret
	for i := range statics {
		statics[i], err = v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
		check(b, err)
	}
	return func() (*key.XX, *key.XX) {
		var parties [2]*key.XX
		for i, s := range statics {
			parties[i], err = key.NewXX(key.XXConfig{Vault: v, Static: s, Suite: profile.X25519AES256(), Policy: key.AnyKey()})
			check(b, err)
		}
		return parties[0], parties[1]
	}
}

func refHandshake(b *testing.B) func() {
	newPair := xxPair(b)
	buf1, buf2, buf3 := make([]byte, 0, 32), make([]byte, 0, 96), make([]byte, 0, 64)
	return func() {
		i, r := newPair()
		agree(b, i, r, buf1, buf2, buf3)
		check(b, i.Close())
		check(b, r.Close())
	}
}

func agree(b *testing.B, i, r *key.XX, buf1, buf2, buf3 []byte) {
	check(b, r.Respond())
	m1, err := i.Initiate(buf1)
	check(b, err)
	m2, err := r.Handle(buf2, m1)
	check(b, err)
	m3, err := i.Handle(buf3, m2)
	check(b, err)
	_, err = r.Handle(nil, m3)
	check(b, err)
	if !i.Established() || !r.Established() {
		b.Fatal("handshake is not complete")
	}
}

func flynnHandshake(b *testing.B) func() {
	newPair := flynnPair(b)
	buf1, buf2, buf3 := make([]byte, 0, 128), make([]byte, 0, 128), make([]byte, 0, 128)
	return func() { flynnAgree(b, newPair, buf1, buf2, buf3) }
}

func flynnPair(b *testing.B) func(initiator bool) *flynn.HandshakeState {
	suite := flynn.NewCipherSuite(flynn.DH25519, flynn.CipherAESGCM, flynn.HashSHA256)
	s, err := suite.GenerateKeypair(rand.Reader)
	check(b, err)
	return func(initiator bool) *flynn.HandshakeState {
		hs, err := flynn.NewHandshakeState(flynn.Config{CipherSuite: suite, Pattern: flynn.HandshakeXX, Initiator: initiator, StaticKeypair: s})
		check(b, err)
		return hs
	}
}

// flynnAgree returns the initiator's sending and the responder's receiving cipher.
func flynnAgree(b *testing.B, newParty func(bool) *flynn.HandshakeState, buf1, buf2, buf3 []byte) (send, receive *flynn.CipherState) {
	i, r := newParty(true), newParty(false)
	m1, _, _, err := i.WriteMessage(buf1, nil)
	check(b, err)
	_, _, _, err = r.ReadMessage(nil, m1)
	check(b, err)
	m2, _, _, err := r.WriteMessage(buf2, nil)
	check(b, err)
	_, _, _, err = i.ReadMessage(nil, m2)
	check(b, err)
	m3, send, _, err := i.WriteMessage(buf3, nil)
	check(b, err)
	_, receive, _, err = r.ReadMessage(nil, m3)
	check(b, err)
	return send, receive
}

func check(b *testing.B, err error) {
	if err != nil {
		b.Helper()
		b.Fatal(err)
	}
}
