package software

import "ockamtest/ref/vault"

// X25519 is the function of RFC 7748, for a Vault to use in place of crypto/ecdh. It clamps scalars, and ignores the top bit of public
// keys and accepts those that are not reduced (NOISE-018). Implementations keep nothing of their arguments and are safe for concurrent
// use.
type X25519 interface {
	// PublicKey returns the public key of a private key.
	PublicKey(private *[vault.X25519PrivateKeySize]byte) [vault.X25519PublicKeySize]byte

	// SharedSecret sets shared to what private and public agree on, and reports false if that is all zero (NOISE-009). shared may be
	// private.
	SharedSecret(shared, private *[vault.SharedSecretSize]byte, public *[vault.X25519PublicKeySize]byte) bool
}
