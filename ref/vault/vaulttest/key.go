package vaulttest

import (
	"crypto/ecdh"
	"crypto/rand"

	"ockamtest/ref/vault"
)

func keyChecks() []Check {
	return []Check{
		{"public-key/known/accepts", []string{"VAULT-002"}, nil, knownPublicKeys},
		{"ecdh/generated/accepts", []string{"VAULT-003"}, nil, generatedKeysAgree},
		{"ecdh/result/accepts", []string{"VAULT-003"}, nil, resultIsABuffer},
		{"ecdh/other-curve/refuses", []string{"VAULT-002"}, nil, otherCurve},
	}
}

// privateTypes returns the private key types that the vault has, each with its curve in the standard library.
func (s *exam) privateTypes() map[vault.Type]ecdh.Curve {
	curves := map[vault.Type]ecdh.Curve{vault.X25519PrivateKey: ecdh.X25519(), vault.P256PrivateKey: ecdh.P256()}
	for t := range curves {
		if !s.has(t) {
			delete(curves, t)
		}
	}
	s.asserted++ // A vault may have none.
	return curves
}

// knownPublicKeys has the keys of specification section 12: 202122..3f on both curves.
func knownPublicKeys(s *exam) {
	known := map[vault.Type]string{
		vault.X25519PrivateKey: "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254",
		vault.P256PrivateKey: "04c6559d416dfb56af714f146d917c24abf818b2fb121604129649848230a2d2" +
			"58b2a6d82dc6c6734cf092ffaa9fc012f10f7008d3952a08d5797e85feaba5d977",
	}
	for t := range s.privateTypes() {
		if s.capabilities.CanImport(t) {
			secret := s.importRaw(t, sample(t))
			s.appends("PublicKey", unhex(known[t]), func(dst []byte) ([]byte, error) { return s.PublicKey(dst, secret) })
		}
	}
}

// generatedKeysAgree agrees with a key of the standard library, both ways.
func generatedKeysAgree(s *exam) {
	for t, curve := range s.privateTypes() {
		if !s.capabilities.CanGenerate(t) {
			continue
		}
		private, err := s.Generate(vault.Attributes{Type: t})
		s.ok("Generate", err)
		public, err := curve.NewPublicKey(s.publicKey(private))
		s.ok("the public key of a generated key", err)
		peer, err := curve.GenerateKey(rand.Reader)
		s.ok("the peer's key", err)
		want, err := peer.ECDH(public)
		s.ok("the peer's agreement", err)
		got, err := s.ECDH(private, peer.PublicKey().Bytes())
		s.ok("ECDH", err)
		s.holds("ECDH with a generated key", got, want)
		s.destroy(private)
	}
}

// resultIsABuffer also checks that agreeing changes neither the private key nor the bytes of the public one.
func resultIsABuffer(s *exam) {
	for t, base := range map[vault.Type]string{vault.X25519PrivateKey: x25519Base, vault.P256PrivateKey: p256Base} {
		if !s.has(t) {
			continue
		}
		private := s.make(t)
		before, public := s.fingerprint(private), unhex(base)
		first, err := s.ECDH(private, public)
		s.ok("ECDH", err)
		second, err := s.ECDH(private, public)
		s.ok("ECDH", err)
		if first == second {
			s.Errorf("two results of ECDH have one handle")
		}
		s.equal("the peer's public key", public, unhex(base))
		s.equal("the private key", s.fingerprint(private), before)
		s.hasAttributes("the result", first, vault.Attributes{Type: vault.Buffer, Length: vault.SharedSecretSize})
		s.equal("the second result", s.fingerprint(second), s.fingerprint(first))
		s.destroy(first, second, private)
	}
}

func otherCurve(s *exam) {
	for t, public := range map[vault.Type]string{vault.X25519PrivateKey: p256Base, vault.P256PrivateKey: x25519Base} {
		if s.has(t) {
			s.refusesPublicKeys("the other curve's key", t, vault.ErrInvalidPublicKey, unhex(public))
		}
	}
	s.asserted++ // A vault may have neither.
}

// refusesPublicKeys checks that ECDH with a private key of type t fails with want for each public key.
func (s *exam) refusesPublicKeys(op string, t vault.Type, want error, publics ...[]byte) {
	s.Helper()
	private := s.make(t)
	for _, public := range publics {
		s.refuses(op, want, func() error { _, err := s.ECDH(private, public); return err }, private)
	}
	s.destroy(private)
}

// An agreement is a known answer of ECDH.
type agreement struct{ private, public, want string }

// agrees checks known answers.
func (s *exam) agrees(t vault.Type, known ...agreement) {
	s.Helper()
	for _, k := range known {
		private := s.importRaw(t, unhex(k.private))
		shared, err := s.ECDH(private, unhex(k.public))
		s.ok("ECDH", err)
		s.holds("ECDH", shared, unhex(k.want))
		s.destroy(private)
	}
}
