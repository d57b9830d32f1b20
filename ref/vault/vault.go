// Package vault defines the interface behind which secrets live and every cryptographic operation of a channel runs
// (specification section 9, area VAULT). Software, a TPM, and an HSM are the same argument to the layers above.
//
// Secrets are handles. The package holds no key material and implements no cryptography; implementations live below it
// (vault/software) and pass the contract test in vault/vaulttest (VAULT-010).
package vault

// Sizes in bytes.
const (
	X25519PublicKeySize  = 32 // VAULT-002
	X25519PrivateKeySize = 32
	P256PublicKeySize    = 65 // 04 x y, VAULT-002
	P256PrivateKeySize   = 32 // big-endian scalar
	SharedSecretSize     = 32 // VAULT-003
	HashSize             = 32 // SHA-256
	NonceSize            = 12
	TagSize              = 16
	AES128KeySize        = 16
	AES256KeySize        = 32
)

// A Vault generates, holds, and uses secrets.
//
// Output parameters named dst are appended to within their capacity and never beyond it: when cap(dst)-len(dst) is
// too small the operation fails with ErrShortBuffer and changes nothing. Inputs are not kept and not changed, except
// that Seal and Open may work in place (see there).
//
// Implementations are safe for concurrent use. After Close every operation fails with ErrClosed.
type Vault interface {
	// Capabilities tells which types, sizes, and persistence the vault supports (VAULT-008).
	Capabilities() Capabilities

	// Random fills p with random bytes from a generator seeded with at least 256 bits of entropy.
	Random(p []byte) error

	// SHA256 returns the hash of the concatenation of a and b; either may be empty.
	SHA256(a, b []byte) ([HashSize]byte, error)

	// Generate makes a new random secret. Attributes.Length may be 0 for types that have one length.
	Generate(a Attributes) (Secret, error)

	// Import makes a secret from raw bytes: a key of the type's exact length, or a buffer of any length up to the
	// vault's limit. It never replaces an existing secret. Private keys are clamped on use, not on import.
	Import(a Attributes, raw []byte) (Secret, error)

	// Export appends the secret's raw bytes to dst. It fails with ErrNotExportable unless the secret was created
	// exportable (VAULT-006).
	Export(dst []byte, s Secret) ([]byte, error)

	// PublicKey appends the public key of a private key to dst: 32 bytes for X25519, 65 for P-256.
	PublicKey(dst []byte, s Secret) ([]byte, error)

	// Attributes returns the secret's attributes.
	Attributes(s Secret) (Attributes, error)

	// SetType turns a buffer secret into an AES key (VAULT-011): AES-256 takes all of 32 bytes, AES-128 the first 16 of 16 or
	// more. Exportability stays as it was at creation (VAULT-006). Any other change is ErrWrongType.
	SetType(s Secret, t Type) error

	// Destroy wipes the secret and frees its slot. A persistent secret is removed for good.
	Destroy(s Secret) error

	// ECDH returns the shared secret of a private key and a peer's public key as a 32-byte ephemeral buffer secret that
	// is not exportable: the X25519 output or the P-256 x coordinate (VAULT-003). A malformed public key is
	// ErrInvalidPublicKey, an all-zero X25519 result ErrWeakPublicKey (NOISE-009).
	ECDH(private Secret, public []byte) (Secret, error)

	// HKDF fills outputs with consecutive 32-byte blocks of HKDF-SHA256 with empty info, each as an ephemeral buffer
	// secret (VAULT-004). salt is a buffer secret; ikm is a buffer secret, or the zero Secret for the empty ikm.
	// There are 1 to 255 outputs; on failure none is left allocated and outputs is all zero Secrets.
	HKDF(salt, ikm Secret, outputs []Secret) error

	// Seal encrypts plaintext with AES-GCM and appends ciphertext and 16-byte tag to dst. nonce is 12 bytes. dst and
	// plaintext must not overlap, or must do so exactly (dst = plaintext[:0]).
	Seal(dst []byte, key Secret, nonce, ad, plaintext []byte) ([]byte, error)

	// Open verifies and decrypts ciphertext (tag included) and appends the plaintext to dst. Input shorter than the
	// tag is ErrShortCiphertext, a wrong tag ErrAuthentication; then no plaintext is released and the bytes of dst's
	// capacity that would have held it are zero or as they were (VAULT-005). Overlap is as for Seal.
	Open(dst []byte, key Secret, nonce, ad, ciphertext []byte) ([]byte, error)

	// Close destroys all ephemeral secrets and releases the vault. Closing twice is harmless (VAULT-012).
	Close() error
}

// An AEADVault is a Vault that can bind an AES key once, so that records cost no handle look-up. It is optional;
// callers fall back to Seal and Open.
type AEADVault interface {
	Vault

	// AEAD returns the cipher of an AES key. It fails once the key is destroyed.
	AEAD(key Secret) (AEAD, error)
}

// An AEAD seals and opens with one key, with the rules of Vault.Seal and Vault.Open. It does not outlive its key: after the
// key is destroyed both methods fail with ErrInvalidSecret. It is safe for concurrent use.
type AEAD interface {
	Seal(dst, nonce, ad, plaintext []byte) ([]byte, error)
	Open(dst, nonce, ad, ciphertext []byte) ([]byte, error)
}

// A Locator is an AEAD that finds the counter of a record without decrypting it, for receivers that try many counters (REC-008). It is
// optional; callers fall back to Open, counter by counter.
type Locator interface {
	AEAD

	// Locate returns the counter in [from, to] under which ciphertext, tag included, verifies; ok is false if there is none, the
	// ciphertext is shorter than a tag, or the key is destroyed. A nonce is prefix, then the counter as 8 bytes big-endian.
	//
	// It costs one pass over ad and ciphertext, and one AES block for each counter that is tried (REC-012); the caller bounds the range.
	// Counters are tried in the order of Outward, for most records are lost or overtaken one by one. It allocates nothing. Locate
	// writes to ciphertext while it works and leaves every byte as it was.
	Locate(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (n uint64, ok bool)
}

// Outward is the counter of [from, to] that is tried after i others, i from 0 to to-from: the one in the middle first (of two the lower),
// then those next to it, above and below, the ends last. The middle of a receive window is the highest counter that verified (REC-008).
func Outward(from, to, i uint64) uint64 {
	middle := from + (to-from)/2
	if i%2 == 1 {
		return middle + i/2 + 1
	}
	return middle - i/2
}
