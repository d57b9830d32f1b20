package software

import (
	"crypto/ecdh"
	"fmt"

	"ockamtest/ref/memory"
	"ockamtest/ref/vault"
)

// newPrivateKey parses 32 raw bytes. crypto/ecdh clamps X25519 scalars on use (NOISE-018).
func newPrivateKey(t vault.Type, raw []byte) (*ecdh.PrivateKey, error) {
	curve := ecdh.X25519()
	if t == vault.P256PrivateKey {
		curve = ecdh.P256()
	}
	private, err := curve.NewPrivateKey(raw)
	if err != nil {
		// The length is right, so the scalar is out of range. The library's text adds nothing.
		return nil, vault.ErrInvalidPrivateKey
	}
	return private, nil
}

// PublicKey appends the public key of a private key to dst.
func (v *Vault) PublicKey(dst []byte, handle vault.Secret) ([]byte, error) {
	private, err := v.private(handle)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	public := private.PublicKey().Bytes()
	if cap(dst)-len(dst) < len(public) {
		return nil, fmt.Errorf("public key: %w", vault.ErrShortBuffer)
	}
	return append(dst, public...), nil
}

// ECDH agrees on a shared secret: the X25519 output or the P-256 x coordinate, as a buffer (VAULT-003).
func (v *Vault) ECDH(handle vault.Secret, public []byte) (vault.Secret, error) {
	shared, err := v.ecdh(handle, public)
	if err != nil {
		return vault.Secret{}, fmt.Errorf("ecdh: %w", err)
	}
	return shared, nil
}

func (v *Vault) ecdh(handle vault.Secret, public []byte) (vault.Secret, error) {
	private, err := v.private(handle)
	if err != nil {
		return vault.Secret{}, err
	}
	// The curve work runs outside the lock.
	peer, err := newPublicKey(private.Curve(), public)
	if err != nil {
		return vault.Secret{}, err
	}
	shared, err := private.ECDH(peer)
	if err != nil {
		// NOISE-009: that the result is all zero is the only error left.
		return vault.Secret{}, vault.ErrWeakPublicKey
	}
	defer memory.Wipe(shared)
	a := vault.Attributes{Type: vault.Buffer, Length: len(shared)}
	return v.create(a, func(raw []byte) (secret, error) {
		copy(raw, shared)
		return newSecret(a, raw)
	})
}

// newPublicKey parses a copy of a public key. VAULT-002: the library refuses other lengths and, for P-256, other forms than
// the uncompressed one and points off the curve.
func newPublicKey(curve ecdh.Curve, public []byte) (*ecdh.PublicKey, error) {
	key, err := curve.NewPublicKey(public)
	if err != nil {
		return nil, vault.ErrInvalidPublicKey
	}
	return key, nil
}

// private returns the parsed key behind a handle.
func (v *Vault) private(handle vault.Secret) (*ecdh.PrivateKey, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(handle, vault.X25519PrivateKey, vault.P256PrivateKey)
	if err != nil {
		return nil, err
	}
	return s.private, nil
}
