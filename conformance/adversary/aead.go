package adversary

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// TagSize is the length of an AES-GCM tag in bytes.
const TagSize = 16

// Nonce is the 12-byte nonce of counter n: 4 zero bytes, then n as 8 bytes big-endian (NOISE-003).
func Nonce(n uint64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 4, 12), n)
}

// Seal encrypts with AES-GCM under any key of 16 or 32 bytes and any counter, also one used before.
func Seal(key []byte, n uint64, ad, plaintext []byte) []byte {
	return gcm(key).Seal(nil, Nonce(n), plaintext, ad)
}

// Open verifies and decrypts; false if the tag does not verify or is not there.
func Open(key []byte, n uint64, ad, ciphertext []byte) ([]byte, bool) {
	out, err := gcm(key).Open(nil, Nonce(n), ciphertext, ad)
	return out, err == nil
}

// OpenUnchecked decrypts without looking at the tag, as faulty peers do. A ciphertext shorter than a tag gives nothing.
func OpenUnchecked(key []byte, n uint64, ciphertext []byte) []byte {
	if len(ciphertext) < TagSize {
		return nil
	}
	iv := append(Nonce(n), 0, 0, 0, 2) // GCM's first data block
	out := make([]byte, len(ciphertext)-TagSize)
	cipher.NewCTR(block(key), iv).XORKeyStream(out, ciphertext[:len(out)])
	return out
}

func gcm(key []byte) cipher.AEAD {
	aead, err := cipher.NewGCM(block(key))
	if err != nil {
		panic("adversary: " + err.Error())
	}
	return aead
}

func block(key []byte) cipher.Block {
	b, err := aes.NewCipher(key)
	if err != nil {
		panic("adversary: key sizes are the suite's: " + err.Error())
	}
	return b
}
