// Package adx is an X25519 (RFC 7748) for package vault/software that uses the ADX and BMI2 instructions of amd64, by way of
// github.com/cloudflare/circl, which no other package imports:
//
//	software.New(software.Config{X25519: adx.X25519{}})
//
// It takes about two thirds of the time of crypto/ecdh, and allocates nothing. Where the instructions are missing it works as well, with
// assembly or Go that is about as fast as crypto/ecdh. Results and refusals are those of crypto/ecdh, which a fuzz target compares.
//
// MEM-001: a private key is nowhere but in the vault's own memory, and is wiped with it; crypto/ecdh keeps a copy of its own in each
// PrivateKey, which nobody can wipe. What is left is on the stack during a call: a clamped copy of the scalar is only ever where the
// result goes, but the field elements of the ladder are not wiped.
package adx

import (
	"github.com/cloudflare/circl/dh/x25519"

	"ockamtest/ref/vault/software"
)

// X25519 implements software.X25519. It has no state.
type X25519 struct{}

var _ software.X25519 = X25519{}

// PublicKey implements software.X25519.
func (X25519) PublicKey(private *[x25519.Size]byte) (public [x25519.Size]byte) {
	x25519.KeyGen((*x25519.Key)(&public), (*x25519.Key)(private))
	return public
}

// SharedSecret implements software.X25519. shared is written also when it is all zero.
func (X25519) SharedSecret(shared, private, public *[x25519.Size]byte) bool {
	return x25519.Shared((*x25519.Key)(shared), (*x25519.Key)(private), (*x25519.Key)(public))
}
