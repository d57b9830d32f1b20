package noise

import (
	"fmt"

	"ockamtest/ref/vault"
)

// A symmetricState is Noise's SymmetricState (section 5.2): ck and k as vault handles, h in the open.
type symmetricState struct {
	CipherState
	ck vault.Secret
	h  [vault.HashSize]byte
}

// initialize starts h and ck from the protocol name, zero-padded, and mixes in the prologue (NOISE-001).
func (s *symmetricState) initialize(tx *transaction, prologue []byte) error {
	copy(s.h[:], tx.suite.Name)
	ck, err := tx.importBuffer(s.h[:])
	if err != nil {
		return err
	}
	s.ck = ck
	return s.mixHash(tx, prologue)
}

// mixHash sets h to SHA-256(h || data).
func (s *symmetricState) mixHash(tx *transaction, data []byte) error {
	h, err := tx.vault.SHA256(s.h[:], data)
	if err != nil {
		return fmt.Errorf("mix hash: %w", err)
	}
	s.h = h
	return nil
}

// mixKey sets ck and k to HKDF(ck, ikm) and n to 0 (NOISE-003, NOISE-004).
func (s *symmetricState) mixKey(tx *transaction, ikm vault.Secret) error {
	ck, k, err := tx.hkdf(s.ck, ikm)
	if err != nil {
		return fmt.Errorf("mix key: %w", err)
	}
	if err := tx.setCipherKey(k); err != nil {
		return fmt.Errorf("mix key: %w", err)
	}
	tx.drop(s.ck)
	tx.drop(s.K)
	s.ck, s.CipherState = ck, CipherState{K: k}
	return nil
}

// encryptAndHash encrypts with h as associated data, appends the result to dst, and mixes it into h.
func (s *symmetricState) encryptAndHash(tx *transaction, dst, plaintext []byte) ([]byte, error) {
	out, err := s.encryptWithAd(tx.vault, dst, s.h[:], plaintext)
	if err != nil {
		return nil, err
	}
	return out, s.mixHash(tx, out[len(dst):])
}

// decryptAndHash is the inverse of encryptAndHash. data and dst do not overlap.
func (s *symmetricState) decryptAndHash(tx *transaction, dst, data []byte) ([]byte, error) {
	out, err := s.decryptWithAd(tx.vault, dst, s.h[:], data)
	if err != nil {
		return nil, err
	}
	return out, s.mixHash(tx, data)
}

// split derives the keys of the transport phase from ck (NOISE-010).
func (s *symmetricState) split(tx *transaction) (k1, k2 CipherState, err error) {
	k1.K, k2.K, err = tx.hkdf(s.ck, vault.Secret{})
	if err != nil {
		return CipherState{}, CipherState{}, fmt.Errorf("split: %w", err)
	}
	for _, k := range []vault.Secret{k1.K, k2.K} {
		if err := tx.setCipherKey(k); err != nil {
			return CipherState{}, CipherState{}, fmt.Errorf("split: %w", err)
		}
	}
	return k1, k2, nil
}
