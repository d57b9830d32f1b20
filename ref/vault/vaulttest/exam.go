package vaulttest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"ockamtest/ref/vault"
)

// An exam is one check at work: the vault that it examines, with what checks need to ask of it.
type exam struct {
	T
	vault.Vault
	capabilities vault.Capabilities
	subject      Subject
	opened       []vault.Vault
	asserted     int // comparisons made: a check that makes none is a mistake
}

// another returns one more new vault.
func (s *exam) another() vault.Vault {
	v := s.subject.New()
	s.opened = append(s.opened, v)
	return v
}

func (s *exam) closeAll() {
	for _, v := range s.opened {
		if err := v.Close(); err != nil {
			s.Errorf("Close: %v", err)
		}
	}
}

// types returns the types that the vault has, one way or the other.
func (s *exam) types() []vault.Type {
	return slices.DeleteFunc(allTypes(), func(t vault.Type) bool {
		return !s.capabilities.CanImport(t) && !s.capabilities.CanGenerate(t)
	})
}

func (s *exam) has(t vault.Type) bool { return slices.Contains(s.types(), t) }

// ok stops the check if err is not nil.
func (s *exam) ok(op string, err error) {
	s.Helper()
	s.asserted++
	if err != nil {
		s.Fatalf("%s: %v", op, err)
	}
}

// equal compares bytes.
func (s *exam) equal(op string, got, want []byte) {
	s.Helper()
	s.asserted++
	if !bytes.Equal(got, want) {
		s.Errorf("%s: got %x, want %x", op, got, want)
	}
}

// fails checks that err is want.
func (s *exam) fails(op string, err, want error) {
	s.Helper()
	s.asserted++
	if !errors.Is(err, want) {
		s.Errorf("%s: got error %v, want %v", op, err, want)
	}
}

// refuses checks that f fails with want and that every secret in watch is afterwards what it was before.
func (s *exam) refuses(op string, want error, f func() error, watch ...vault.Secret) {
	s.Helper()
	var before [][]byte
	for _, secret := range watch {
		before = append(before, s.fingerprint(secret))
	}
	s.fails(op, f(), want)
	for i, secret := range watch {
		s.equal(op+": a secret after the refusal", s.fingerprint(secret), before[i])
	}
}

// importRaw imports raw as a secret of type t.
func (s *exam) importRaw(t vault.Type, raw []byte) vault.Secret {
	s.Helper()
	return s.importWith(vault.Attributes{Type: t}, raw)
}

func (s *exam) importWith(a vault.Attributes, raw []byte) vault.Secret {
	s.Helper()
	secret, err := s.Import(a, raw)
	s.ok("Import "+a.Type.String(), err)
	return secret
}

// make returns a secret of type t, of 32 bytes if it is a buffer, by whichever way the vault has.
func (s *exam) make(t vault.Type) vault.Secret {
	s.Helper()
	secret, err := s.tryMake(t)
	s.ok("a new "+t.String(), err)
	return secret
}

// tryMake is make for other goroutines than the check's own, which may not use T.
func (s *exam) tryMake(t vault.Type) (vault.Secret, error) {
	a := vault.Attributes{Type: t, Length: len(sample(t))}
	if s.capabilities.CanImport(t) {
		return s.Import(a, sample(t))
	}
	return s.Generate(a)
}

func (s *exam) destroy(secrets ...vault.Secret) {
	s.Helper()
	for _, secret := range secrets {
		s.ok("Destroy", s.Destroy(secret))
	}
}

func (s *exam) attributes(secret vault.Secret) vault.Attributes {
	s.Helper()
	a, err := s.Attributes(secret)
	s.ok("Attributes", err)
	return a
}

// hasAttributes compares a secret's attributes.
func (s *exam) hasAttributes(op string, secret vault.Secret, want vault.Attributes) {
	s.Helper()
	if got := s.attributes(secret); got != want {
		s.Errorf("%s: attributes %+v, want %+v", op, got, want)
	}
}

// publicKey returns the public key of a private key.
func (s *exam) publicKey(secret vault.Secret) []byte {
	s.Helper()
	public, err := s.PublicKey(make([]byte, 0, vault.P256PublicKeySize), secret)
	s.ok("PublicKey", err)
	return public
}

// holds checks that a 32-byte buffer that cannot be exported has the value want, and destroys it: as an AES key it
// encrypts as want does.
func (s *exam) holds(op string, secret vault.Secret, want []byte) {
	s.Helper()
	s.hasAttributes(op, secret, vault.Attributes{Type: vault.Buffer, Length: 32})
	if !s.has(vault.AES256Key) {
		want = want[:vault.AES128KeySize]
	}
	s.ok(op+": SetType", s.SetType(secret, s.aesType()))
	s.equal(op+": encryption under the value", s.seal(secret), seal(want, make([]byte, vault.NonceSize), nil, nil))
	s.destroy(secret)
}

// aesType returns the AES key type that shows most of a 32-byte buffer.
func (s *exam) aesType() vault.Type {
	if s.has(vault.AES256Key) {
		return vault.AES256Key
	}
	return vault.AES128Key
}

// seal encrypts the empty plaintext with the zero nonce.
func (s *exam) seal(key vault.Secret) []byte {
	s.Helper()
	out, err := s.Seal(make([]byte, 0, vault.TagSize), key, make([]byte, vault.NonceSize), nil, nil)
	s.ok("Seal", err)
	return out
}

// fingerprint returns bytes that depend on the secret's value and attributes, through operations that change neither.
func (s *exam) fingerprint(secret vault.Secret) []byte {
	s.Helper()
	value, err := s.tryFingerprint(secret)
	s.ok("fingerprint", err)
	return value
}

// tryFingerprint is fingerprint for other goroutines than the check's own, which may not use T.
func (s *exam) tryFingerprint(secret vault.Secret) ([]byte, error) {
	a, err := s.Attributes(secret)
	if err != nil {
		return nil, err
	}
	value := fmt.Appendf(nil, "%+v ", a)
	room := make([]byte, 0, vault.P256PublicKeySize)
	switch a.Type {
	case vault.Buffer:
	case vault.X25519PrivateKey, vault.P256PrivateKey:
		public, err := s.PublicKey(room, secret)
		return append(value, public...), err
	case vault.AES128Key, vault.AES256Key:
		sealed, err := s.Seal(room, secret, make([]byte, vault.NonceSize), nil, nil)
		return append(value, sealed...), err
	}
	var derived [1]vault.Secret
	if err := s.HKDF(secret, vault.Secret{}, derived[:]); err != nil {
		return nil, err
	}
	if err := s.SetType(derived[0], s.aesType()); err != nil {
		return nil, err
	}
	sealed, err := s.Seal(room, derived[0], make([]byte, vault.NonceSize), nil, nil)
	return append(value, sealed...), errors.Join(err, s.Destroy(derived[0]))
}

// seal is AES-GCM by the standard library.
func seal(key, nonce, ad, plaintext []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return gcm.Seal(nil, nonce, plaintext, ad)
}

// allTypes returns the types of the specification.
func allTypes() []vault.Type {
	return []vault.Type{vault.Buffer, vault.AES128Key, vault.AES256Key, vault.X25519PrivateKey, vault.P256PrivateKey}
}

// sample returns a secret of type t; a buffer is 32 bytes.
func sample(t vault.Type) []byte {
	raw := unhex("202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f")
	if t == vault.AES128Key {
		return raw[:vault.AES128KeySize]
	}
	return raw
}

// unhex decodes a constant of this package.
func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}
