// Package noise is the handshake Noise_XX of specification section 5 (area NOISE) over vault handles: both suites, either role,
// payloads included. Names are those of the Noise Protocol Framework, revision 34.
//
// A HandshakeState is a value, and each call is a transaction: it begins with a copy and goes back to it unless everything
// succeeds. A call that failed leaves the state as it was, bit for bit, and no secret behind in the vault.
//
// NOISE-015: the handles of e, ck, k, and the DH results are destroyed when the handshake ends, whichever way. This package never sees the
// bytes behind them. What a vault cannot wipe at that moment its own documentation names (MEM-001): with the vault in software, the
// ephemeral scalar within crypto/ecdh and each k within crypto/aes wait for the garbage collector. h is no secret and stays.
//
// It does not frame messages, keep deadlines, refuse payloads, or encrypt records: see packages channel and key. It does no IO,
// starts no goroutine, and has no randomness of its own. Nothing here is safe for concurrent use.
package noise

import (
	"fmt"

	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// Config is what a handshake is made of. Vault, Suite, Static, and Verify are required.
type Config struct {
	Vault     vault.Vault
	Suite     profile.Suite
	Initiator bool
	// Static is the private key s, of the suite's type. It stays the caller's (NOISE-012).
	Static vault.Secret
	// Prologue is mixed into h; version 1 has none (NOISE-001).
	Prologue []byte
	// Verify is asked about the peer's static key when every tag of its message has verified and before anything of the message is
	// kept (NOISE-011). An error refuses the key and the message. static is Verify's to keep.
	Verify func(static []byte) error
	// Avoided are first bytes that a generated ephemeral public key does not get: a message that begins with one of them cannot travel in some
	// profiles (section 11). Of public keys so few are left out that nothing is lost.
	Avoided []byte
	// UnsafeEphemeral is a private key that replaces the one the vault would generate, so that a handshake can be reproduced. It
	// belongs to the handshake, which destroys it. Two handshakes with the same one break NOISE-008: for tests only.
	UnsafeEphemeral vault.Secret
}

func (c Config) check() error {
	switch {
	case c.Vault == nil:
		return fmt.Errorf("%w: no vault", ErrConfig)
	case c.Verify == nil:
		return fmt.Errorf("%w: no policy for the peer's static key", ErrConfig) // NOISE-011: there is no default
	case c.Suite.PublicKeySize != publicKeySize(c.Suite):
		return fmt.Errorf("%w: suite with public keys of %d bytes", ErrConfig, c.Suite.PublicKeySize)
	case c.Suite.KeySize != vault.AES128KeySize && c.Suite.KeySize != vault.AES256KeySize:
		return fmt.Errorf("%w: suite with AEAD keys of %d bytes", ErrConfig, c.Suite.KeySize)
	case len(c.Suite.Name) > vault.HashSize:
		return fmt.Errorf("%w: protocol name of %d bytes", ErrConfig, len(c.Suite.Name))
	}
	return nil
}

func publicKeySize(s profile.Suite) int {
	if s.P256 {
		return vault.P256PublicKeySize
	}
	return vault.X25519PublicKeySize
}

// privateKeyType is the type of s and e.
func privateKeyType(s profile.Suite) vault.Type {
	if s.P256 {
		return vault.P256PrivateKey
	}
	return vault.X25519PrivateKey
}

// cipherKeyType is the type of k: SetType takes the first bytes of the HKDF block.
func cipherKeyType(s profile.Suite) vault.Type {
	if s.KeySize == vault.AES128KeySize {
		return vault.AES128Key
	}
	return vault.AES256Key
}
