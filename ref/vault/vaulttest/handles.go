package vaulttest

import (
	"slices"

	"ockamtest/ref/vault"
)

func handleChecks() []Check {
	return []Check{
		{"handle/live/accepts", []string{"VAULT-001"}, nil, liveHandles},
		{"handle/destroyed/refuses", []string{"VAULT-001"}, nil, destroyedHandles},
		{"handle/reused/refuses", []string{"VAULT-001"}, nil, reusedHandles},
		{"handle/zero/refuses", []string{"VAULT-001"}, nil, zeroHandle},
		{"handle/foreign/refuses", []string{"VAULT-001"}, nil, foreignHandles},
		{"handle/wrong-type/refuses", []string{"VAULT-001"}, nil, wrongTypes},
	}
}

// A use is an operation on one secret, as far as refusals go.
type use struct {
	name  string
	takes []vault.Type // the types that the operation works on; nil: all
	call  func(s *exam, secret vault.Secret) error
}

// uses returns every operation that takes a handle. partner is a buffer, the other input where there have to be two.
func uses(s *exam, partner vault.Secret) []use {
	private := []vault.Type{vault.X25519PrivateKey, vault.P256PrivateKey}
	aes := []vault.Type{vault.AES128Key, vault.AES256Key}
	buffer := []vault.Type{vault.Buffer}
	nonce, dst := make([]byte, vault.NonceSize), make([]byte, 0, 128)
	all := []use{
		{"Attributes", nil, func(s *exam, x vault.Secret) error { _, err := s.Attributes(x); return err }},
		{"Export", nil, func(s *exam, x vault.Secret) error { _, err := s.Export(dst, x); return err }},
		{"Destroy", nil, func(s *exam, x vault.Secret) error { return s.Destroy(x) }},
		{"SetType", buffer, func(s *exam, x vault.Secret) error { return s.SetType(x, s.aesType()) }},
		{"PublicKey", private, func(s *exam, x vault.Secret) error { _, err := s.PublicKey(dst, x); return err }},
		{"ECDH with a P-256 key", private, func(s *exam, x vault.Secret) error {
			_, err := s.ECDH(x, unhex(p256Base))
			return err
		}},
		{"ECDH with an X25519 key", private, func(s *exam, x vault.Secret) error {
			_, err := s.ECDH(x, unhex(x25519Base))
			return err
		}},
		{"HKDF, salt", buffer, func(s *exam, x vault.Secret) error { return failedHKDF(s, x, vault.Secret{}) }},
		{"Seal", aes, func(s *exam, x vault.Secret) error { _, err := s.Seal(dst, x, nonce, nil, nil); return err }},
		{"Open", aes, func(s *exam, x vault.Secret) error {
			_, err := s.Open(dst, x, nonce, nil, make([]byte, vault.TagSize))
			return err
		}},
	}
	if !partner.IsZero() {
		all = append(all,
			use{"HKDF, salt before ikm", buffer, func(s *exam, x vault.Secret) error { return failedHKDF(s, x, partner) }},
			use{"HKDF, ikm", buffer, func(s *exam, x vault.Secret) error { return failedHKDF(s, partner, x) }})
	}
	if v, is := s.Vault.(vault.AEADVault); is {
		all = append(all, use{"AEAD", aes, func(_ *exam, x vault.Secret) error { _, err := v.AEAD(x); return err }})
	}
	return all
}

// failedHKDF calls HKDF, which has to leave outputs zero when it fails.
func failedHKDF(s *exam, salt, ikm vault.Secret) error {
	outputs := []vault.Secret{{Slot: 7}, {Generation: 7}}
	err := s.HKDF(salt, ikm, outputs)
	if err != nil && (!outputs[0].IsZero() || !outputs[1].IsZero()) {
		s.Errorf("HKDF failed and left outputs %v", outputs)
	}
	return err
}

// partner returns a buffer to be used beside the secret under test, or the zero Secret if the vault has no buffers.
func (s *exam) partner() vault.Secret {
	if !s.has(vault.Buffer) {
		return vault.Secret{}
	}
	return s.make(vault.Buffer)
}

func liveHandles(s *exam) {
	for _, t := range s.types() {
		a, b := s.make(t), s.make(t)
		if a.IsZero() || b.IsZero() || a == b {
			s.Errorf("two secrets of type %v have handles %v and %v", t, a, b)
		}
		before := s.fingerprint(b)
		s.destroy(a)
		s.equal("the second secret after the first is destroyed", s.fingerprint(b), before)
		s.destroy(b)
	}
}

func destroyedHandles(s *exam) {
	partner := s.partner()
	for _, t := range s.types() {
		bystander := s.make(t)
		secret := s.make(t)
		s.destroy(secret)
		for _, u := range uses(s, partner) {
			s.refuses(u.name+" of a destroyed "+t.String(), vault.ErrInvalidSecret,
				func() error { return u.call(s, secret) }, bystander)
		}
		s.destroy(bystander)
	}
}

// reusedHandles makes secrets until each place that can be used again was: old handles name none of the new secrets.
func reusedHandles(s *exam) {
	partner := s.partner()
	for _, t := range s.types() {
		var old []vault.Secret
		for range 8 {
			secret := s.make(t)
			for _, gone := range old {
				if gone == secret {
					s.Errorf("a new %v has the handle of a destroyed one", t)
				}
			}
			s.destroy(secret)
			old = append(old, secret)
		}
		present := s.make(t)
		for _, u := range uses(s, partner) {
			for _, gone := range old {
				s.fails(u.name+" of an old handle", u.call(s, gone), vault.ErrInvalidSecret)
			}
		}
		s.hasAttributes("the secret that is there now", present, vault.Attributes{Type: t, Length: len(sample(t))})
		s.destroy(present)
	}
}

func zeroHandle(s *exam) {
	partner := s.partner()
	bystander := s.make(s.types()[0])
	for _, u := range uses(s, partner) {
		if u.name == "HKDF, ikm" { // The zero ikm is the empty one.
			continue
		}
		s.refuses(u.name+" of the zero handle", vault.ErrInvalidSecret,
			func() error { return u.call(s, vault.Secret{}) }, bystander)
	}
}

// foreignHandles fills two vaults alike, so that what one issued looks like what the other issued.
func foreignHandles(s *exam) {
	other := &exam{T: s.T, Vault: s.another(), capabilities: s.capabilities}
	partner := s.partner()
	other.partner()
	for _, t := range s.types() {
		own, foreign := s.make(t), other.make(t)
		before := other.fingerprint(foreign)
		for _, u := range uses(s, partner) {
			s.refuses(u.name+" of a foreign "+t.String(), vault.ErrInvalidSecret,
				func() error { return u.call(s, foreign) }, own)
		}
		s.equal("the foreign secret in its own vault", other.fingerprint(foreign), before)
		s.destroy(own)
		other.destroy(foreign)
	}
}

func wrongTypes(s *exam) {
	partner := s.partner()
	for _, t := range s.types() {
		secret := s.make(t)
		for _, u := range uses(s, partner) {
			if u.takes != nil && !slices.Contains(u.takes, t) {
				s.refuses(u.name+" of a secret of type "+t.String(), vault.ErrWrongType,
					func() error { return u.call(s, secret) }, secret)
			}
		}
		s.destroy(secret)
	}
}
