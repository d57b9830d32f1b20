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

// A scratch is room for what a vault reads or fills in: on the stack it would be allocated, for a vault is an interface.
type scratch struct {
	nonce   [vault.NonceSize]byte
	derived [2]vault.Secret
}

// initialize starts h and ck from the protocol name, zero-padded, and mixes in the prologue (NOISE-001).
func (hs *HandshakeState) initialize() (err error) {
	copy(hs.h[:], hs.cfg.Suite.Name)
	if hs.ck, err = hs.cfg.Vault.Import(vault.Attributes{Type: vault.Buffer}, hs.h[:]); err != nil {
		return err
	}
	return hs.mixHash(hs.cfg.Prologue)
}

// mixHash sets h to SHA-256(h || data).
func (hs *HandshakeState) mixHash(data []byte) error {
	h, err := hs.cfg.Vault.SHA256(hs.h[:], data)
	if err != nil {
		return fmt.Errorf("mix hash: %w", err)
	}
	hs.h = h
	return nil
}

// mixKey sets ck and k to HKDF(ck, ikm) and n to 0 (NOISE-003, NOISE-004).
func (hs *HandshakeState) mixKey(ikm vault.Secret) error {
	ck, k, err := hs.hkdf(ikm)
	if err != nil {
		return fmt.Errorf("mix key: %w", err)
	}
	hs.drop(hs.ck)
	hs.drop(hs.K)
	hs.ck, hs.CipherState = ck, CipherState{K: k}
	if err := hs.setCipherKey(k); err != nil {
		return fmt.Errorf("mix key: %w", err)
	}
	return nil
}

// hkdf returns HKDF(ck, ikm). The caller stores both at once.
func (hs *HandshakeState) hkdf(ikm vault.Secret) (a, b vault.Secret, err error) {
	if err := hs.cfg.Vault.HKDF(hs.ck, ikm, hs.scratch.derived[:]); err != nil {
		return vault.Secret{}, vault.Secret{}, err
	}
	a, b = hs.scratch.derived[0], hs.scratch.derived[1]
	hs.scratch = scratch{}
	return a, b, nil
}

func (hs *HandshakeState) setCipherKey(k vault.Secret) error {
	return hs.cfg.Vault.SetType(k, cipherKeyType(hs.cfg.Suite))
}

// encryptAndHash encrypts with h as associated data, appends the result to dst, and mixes it into h. Without a key it passes plaintext
// through.
func (hs *HandshakeState) encryptAndHash(dst, plaintext []byte) ([]byte, error) {
	if !hs.HasKey() {
		return append(dst, plaintext...), hs.mixHash(plaintext)
	}
	hs.scratch.nonce = Nonce(hs.N)
	out, err := hs.cfg.Vault.Seal(dst, hs.K, hs.scratch.nonce[:], hs.h[:], plaintext)
	if err != nil {
		return nil, err
	}
	hs.N++
	return out, hs.mixHash(out[len(dst):])
}

// decryptAndHash is the inverse of encryptAndHash. n grows only if the tag verified. data and dst do not overlap.
func (hs *HandshakeState) decryptAndHash(dst, data []byte) ([]byte, error) {
	if !hs.HasKey() {
		return append(dst, data...), hs.mixHash(data)
	}
	hs.scratch.nonce = Nonce(hs.N)
	out, err := hs.cfg.Vault.Open(dst, hs.K, hs.scratch.nonce[:], hs.h[:], data)
	if err != nil {
		return nil, err
	}
	hs.N++
	return out, hs.mixHash(data)
}

// split derives the keys of the transport phase from ck (NOISE-010).
func (hs *HandshakeState) split() (err error) {
	if hs.k1.K, hs.k2.K, err = hs.hkdf(vault.Secret{}); err != nil {
		return fmt.Errorf("split: %w", err)
	}
	for _, k := range [2]vault.Secret{hs.k1.K, hs.k2.K} {
		if err := hs.setCipherKey(k); err != nil {
			return fmt.Errorf("split: %w", err)
		}
	}
	return nil
}
