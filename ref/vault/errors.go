package vault

import "errors"

// What callers branch on. Implementations wrap these with the operation that failed.
var (
	// ErrInvalidSecret: the handle is zero, destroyed, or of another vault (VAULT-001).
	ErrInvalidSecret = errors.New("vault: invalid secret handle")
	// ErrWrongType: the secret's type does not fit the operation (VAULT-001).
	ErrWrongType = errors.New("vault: wrong secret type")
	// ErrInvalidLength: a key, nonce, or output count of a length that the operation does not allow.
	ErrInvalidLength = errors.New("vault: invalid length")
	// ErrInvalidPublicKey: wrong length, wrong form, or a point off the curve (VAULT-002).
	ErrInvalidPublicKey = errors.New("vault: invalid public key")
	// ErrInvalidPrivateKey: the bytes of the right length are no key: a P-256 scalar of 0, or not below the group order.
	ErrInvalidPrivateKey = errors.New("vault: invalid private key")
	// ErrWeakPublicKey: the X25519 result is all zero (NOISE-009).
	ErrWeakPublicKey = errors.New("vault: weak public key")
	// ErrNotExportable: the secret was not created exportable (VAULT-006).
	ErrNotExportable = errors.New("vault: secret is not exportable")
	// ErrUnsupported: the vault does not have the type, size, or persistence (VAULT-008).
	ErrUnsupported = errors.New("vault: not supported")
	// ErrShortBuffer: the output does not fit the capacity of dst (VAULT-005).
	ErrShortBuffer = errors.New("vault: output buffer too small")
	// ErrShortCiphertext: the ciphertext is shorter than the tag (VAULT-005).
	ErrShortCiphertext = errors.New("vault: ciphertext shorter than the tag")
	// ErrAuthentication: the tag does not verify (VAULT-005).
	ErrAuthentication = errors.New("vault: authentication failed")
	// ErrLabelTaken: a persistent secret has that label.
	ErrLabelTaken = errors.New("vault: label is taken")
	// ErrInvalidLabel: the label is not one that the vault takes.
	ErrInvalidLabel = errors.New("vault: invalid label")
	// ErrNotFound: no persistent secret has that label.
	ErrNotFound = errors.New("vault: no such secret")
	// ErrExhausted: no slot is free.
	ErrExhausted = errors.New("vault: out of slots")
	// ErrClosed: the vault is closed.
	ErrClosed = errors.New("vault: closed")
)
