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
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(handle, vault.X25519PrivateKey, vault.P256PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	public := s.public[:]
	if s.private != nil {
		public = s.private.PublicKey().Bytes()
	}
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
	private, index, raw, err := v.takeShared(handle)
	if err != nil {
		return vault.Secret{}, err
	}
	// The curve work runs outside the lock.
	if private != nil {
		err = agree(raw, private, public)
	} else {
		err = v.agreeX25519(raw, public)
	}
	return v.settle(index, parsed{}, err)
}

// takeShared takes a slot for a shared secret and returns the parsed private key. It is nil if the key is for v.x25519: then raw holds a
// copy of it, so that the key may be destroyed meanwhile.
func (v *Vault) takeShared(handle vault.Secret) (private *ecdh.PrivateKey, index uint32, raw []byte, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.find(handle, vault.X25519PrivateKey, vault.P256PrivateKey)
	if err != nil {
		return nil, 0, nil, err
	}
	private, scalar := s.private, s.raw
	index, raw, err = v.table.take(vault.Attributes{Type: vault.Buffer, Length: vault.SharedSecretSize})
	if err != nil {
		return nil, 0, nil, err
	}
	if private == nil {
		copy(raw, scalar)
	}
	return private, index, raw, nil
}

// agree sets shared to what crypto/ecdh agrees on. VAULT-002: the library refuses other lengths and, for P-256, other forms than the
// uncompressed one and points off the curve.
func agree(shared []byte, private *ecdh.PrivateKey, public []byte) error {
	peer, err := private.Curve().NewPublicKey(public)
	if err != nil {
		return vault.ErrInvalidPublicKey
	}
	value, err := private.ECDH(peer)
	if err != nil {
		// NOISE-009: that the result is all zero is the only error left.
		return vault.ErrWeakPublicKey
	}
	copy(shared, value)
	memory.Wipe(value)
	return nil
}

// agreeX25519 replaces the private key in raw by what v.x25519 agrees on.
func (v *Vault) agreeX25519(raw, public []byte) error {
	if len(public) != vault.X25519PublicKeySize { // VAULT-002
		return vault.ErrInvalidPublicKey
	}
	key := (*[vault.SharedSecretSize]byte)(raw)
	if !v.x25519.SharedSecret(key, key, (*[vault.X25519PublicKeySize]byte)(public)) {
		return vault.ErrWeakPublicKey // NOISE-009
	}
	return nil
}
