package refadapter

import (
	"errors"

	"ockamtest/conformance/harness"
	"ockamtest/ref/vault"
)

// The primitives are the operations of a vault. It gives neither a shared secret nor HKDF's blocks away (VAULT-003, VAULT-004): they are
// proved.
type primitives struct{ vault vault.Vault }

// with imports a secret for the time of a call.
func (p primitives) with(t vault.Type, raw []byte, do func(vault.Secret) error) error {
	s, err := p.vault.Import(vault.Attributes{Type: t, Length: len(raw)}, raw)
	if err != nil {
		return refusal(err)
	}
	return errors.Join(refusal(do(s)), p.vault.Destroy(s))
}

func agreementType(m harness.Agree) vault.Type {
	if m.P256 {
		return vault.P256PrivateKey
	}
	return vault.X25519PrivateKey
}

// PublicKey implements harness.Vault.
func (p primitives) PublicKey(m harness.Agree) (public []byte, err error) {
	err = p.with(agreementType(m), m.Private, func(private vault.Secret) error {
		public, err = p.vault.PublicKey(make([]byte, 0, vault.P256PublicKeySize), private)
		return err
	})
	return public, err
}

// Agree implements harness.Vault.
func (p primitives) Agree(m harness.Agree) (shared harness.Secret, err error) {
	err = p.with(agreementType(m), m.Private, func(private vault.Secret) error {
		s, err := p.vault.ECDH(private, m.Public)
		if err != nil {
			return err
		}
		shared.Proof, err = p.prove(nil, s)
		return err
	})
	return shared, err
}

// prove appends the proof of a block, which it destroys.
func (p primitives) prove(dst []byte, block vault.Secret) ([]byte, error) {
	err := p.vault.SetType(block, vault.AES256Key)
	proof := make([]byte, 0, vault.TagSize)
	if err == nil {
		proof, err = p.vault.Seal(proof, block, make([]byte, vault.NonceSize), nil, nil)
	}
	return append(dst, proof...), errors.Join(err, p.vault.Destroy(block))
}

// AEAD implements harness.Vault.
func (p primitives) AEAD(m harness.AEAD) (out []byte, err error) {
	t := vault.AES256Key
	if len(m.Key) == vault.AES128KeySize {
		t = vault.AES128Key
	}
	err = p.with(t, m.Key, func(key vault.Secret) error {
		buffer := make([]byte, 0, len(m.Data)+vault.TagSize)
		if m.Open {
			out, err = p.vault.Open(buffer, key, m.Nonce, m.Ad, m.Data)
		} else {
			out, err = p.vault.Seal(buffer, key, m.Nonce, m.Ad, m.Data)
		}
		return err
	})
	return out, err
}

// HKDF implements harness.Vault.
func (p primitives) HKDF(m harness.HKDF) (blocks harness.Secret, err error) {
	if m.Blocks < 1 || m.Blocks > 255 {
		return blocks, harness.Refuse(harness.ClassLength)
	}
	outputs := make([]vault.Secret, m.Blocks)
	derive := func(salt, ikm vault.Secret) error {
		if err := p.vault.HKDF(salt, ikm, outputs); err != nil {
			return err
		}
		for _, s := range outputs {
			proof, err := p.prove(blocks.Proof, s)
			if err != nil {
				return err
			}
			blocks.Proof = proof
		}
		return nil
	}
	err = p.with(vault.Buffer, m.Salt, func(salt vault.Secret) error {
		if m.IKM == nil {
			return derive(salt, vault.Secret{})
		}
		return p.with(vault.Buffer, m.IKM, func(ikm vault.Secret) error { return derive(salt, ikm) })
	})
	return blocks, err
}

// Hash implements harness.Vault.
func (p primitives) Hash(m harness.Hash) ([]byte, error) {
	sum, err := p.vault.SHA256(m.Data, nil)
	if err != nil {
		return nil, refusal(err)
	}
	return sum[:], nil
}
