package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"

	"ockamtest/ref/memory"
)

const (
	// KeySize is the length of a master key in bytes.
	KeySize = 32

	fileKeySize = 32
	ivSize      = 12
	tagSize     = 16
	keyInfo     = "ockamtest vault store v1"

	minSealed = countSize + tagSize
	maxSealed = MaxContent + tagSize
)

// deriveKeys returns the cipher of a file, its IV, and its key check.
func deriveKeys(master []byte, nonce [nonceSize]byte) (file cipher.AEAD, iv [ivSize]byte, check [checkSize]byte, err error) {
	keys, err := hkdf.Key(sha256.New, master, nonce[:], keyInfo, fileKeySize+ivSize+checkSize)
	if err != nil {
		return nil, iv, check, fmt.Errorf("derive keys: %w", err)
	}
	defer memory.Wipe(keys)
	block, err := aes.NewCipher(keys[:fileKeySize])
	if err != nil {
		return nil, iv, check, fmt.Errorf("derive keys: %w", err)
	}
	file, err = cipher.NewGCM(block)
	if err != nil {
		return nil, iv, check, fmt.Errorf("derive keys: %w", err)
	}
	copy(iv[:], keys[fileKeySize:])
	copy(check[:], keys[fileKeySize+ivSize:])
	return file, iv, check, nil
}

// seal returns the file of content, and its header: h with a new nonce, and what follows from that.
func seal(h header, random io.Reader, master, content []byte) (header, []byte, error) {
	if _, err := io.ReadFull(random, h.nonce[:]); err != nil {
		return h, nil, fmt.Errorf("nonce: %w", err)
	}
	aead, iv, check, err := deriveKeys(master, h.nonce)
	if err != nil {
		return h, nil, err
	}
	h.check, h.length = check, uint32(len(content)+tagSize)
	file := h.append(make([]byte, 0, headerSize+len(content)+tagSize))
	return h, aead.Seal(file, iv[:], content, file), nil
}

// open returns the content of a file, which h is the header of, in a buffer of the allocator.
func open(h header, a memory.Allocator, master, file []byte) ([]byte, error) {
	aead, iv, check, err := deriveKeys(master, h.nonce)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(check[:], h.check[:]) != 1 {
		return nil, ErrKey
	}
	content, err := a.Allocate(len(file) - headerSize - tagSize)
	if err != nil {
		return nil, err
	}
	if _, err := aead.Open(content[:0], iv[:], file[headerSize:], file[:headerSize]); err != nil {
		a.Release(content)
		return nil, &CorruptError{Offset: headerSize, Reason: "the content from here to the end does not verify"}
	}
	return content, nil
}
