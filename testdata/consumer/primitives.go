package implementer

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"errors"
)

// errSize is a key or nonce of a size that the protocol does not have.
var errSize = errors.New("implementer: wrong size")

// agree is X25519. crypto/ecdh does what NOISE-018 asks for, and refuses points of low order (NOISE-009).
func agree(private, public []byte) ([]byte, error) {
	k, err := ecdh.X25519().NewPrivateKey(private)
	if err != nil {
		return nil, err
	}
	p, err := ecdh.X25519().NewPublicKey(public)
	if err != nil {
		return nil, err
	}
	return k.ECDH(p)
}

// newGCM is AES-128 and AES-256 in GCM. crypto/aes takes AES-192 as well, which the protocol does not have.
func newGCM(key []byte) (cipher.AEAD, error) {
	if len(key) != 16 && len(key) != 32 {
		return nil, errSize
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal returns the ciphertext with the tag behind it. crypto/cipher panics when a nonce has another size than its own.
func seal(key, nonce, ad, plaintext []byte) ([]byte, error) {
	gcm, err := newGCM(key)
	if err != nil || len(nonce) != gcm.NonceSize() {
		return nil, errors.Join(err, errSize)
	}
	return gcm.Seal(nil, nonce, plaintext, ad), nil
}

// open is the reverse of seal.
func open(key, nonce, ad, ciphertext []byte) ([]byte, error) {
	gcm, err := newGCM(key)
	if err != nil || len(nonce) != gcm.NonceSize() {
		return nil, errors.Join(err, errSize)
	}
	return gcm.Open(nil, nonce, ciphertext, ad)
}
