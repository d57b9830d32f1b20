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
	"ockamtest/ref/vault/software/adx"
)

// BenchmarkHandshake is XX_25519_AESGCM_SHA256, both sides, with empty payloads, beside its floor: the eight X25519 operations that XX
// cannot do without, of crypto/ecdh and of package adx. The software vault expands the keys for records when the first record comes;
// "record" is the handshake with a record in either direction.
func BenchmarkHandshake(b *testing.B) {
	candidates := []candidate{
		{name: "floor", op: ecdhFloor(b)},
		{name: "floor-adx", op: adxFloor(b)},
		{name: "ref", op: refHandshake(b, nil, false)},
		{name: "ref-adx", op: refHandshake(b, adx.X25519{}, false), own: "floor-adx"},
		{name: "record", op: refHandshake(b, nil, true)},
		{name: "record-adx", op: refHandshake(b, adx.X25519{}, true), own: "floor-adx"},
		{name: "flynn", op: flynnHandshake(b)},
	}
	paired(b, candidates...)
	allocations(b, candidates...)
}

func ecdhFloor(b *testing.B) func() {
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

func adxFloor(b *testing.B) func() {
	var x adx.X25519
	generate := func(private *[32]byte) (public [32]byte) {
		_, err := rand.Read(private[:])
		check(b, err)
		return x.PublicKey(private)
	}
	var s, e, f, shared [32]byte
	generate(&s)
	return func() {
		publicE, publicF := generate(&e), generate(&f)
		for range 3 {
			if !x.SharedSecret(&shared, &e, &publicF) || !x.SharedSecret(&shared, &s, &publicE) {
				b.Fatal("weak public key")
			}
		}
	}
}

// xxPair makes two agreements over one vault, with static keys of their own. A nil x25519 is crypto/ecdh.
func xxPair(b *testing.B, x25519 software.X25519) func() (initiator, responder *key.XX) {
	v, err := software.New(software.Config{X25519: x25519})
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

// refHandshake is a handshake and, if that is asked for, a record in either direction.
func refHandshake(b *testing.B, x25519 software.X25519, records bool) func() {
	newPair := xxPair(b, x25519)
	buf1, buf2, buf3 := make([]byte, 0, 32), make([]byte, 0, 96), make([]byte, 0, 64)
	room, payload := make([]byte, 0, 80), make([]byte, 64)
	return func() {
		i, r := newPair()
		agree(b, i, r, buf1, buf2, buf3)
		if records {
			for _, side := range [][2]*key.XX{{i, r}, {r, i}} {
				sealed, err := side[0].Encrypt(room, payload)
				check(b, err)
				_, err = side[1].Decrypt(sealed[:0], sealed)
				check(b, err)
			}
		}
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
