package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

const (
	magic      = "ockvault"
	version    = 1
	saltSize   = 16
	nonceSize  = 32
	checkSize  = 16
	hashSize   = 8
	headerSize = 96
)

// Where things are in the header.
const (
	atVersion = 8
	atSource  = 9
	atThreads = 10
	atPasses  = 12
	atMemory  = 16
	atSalt    = 20
	atNonce   = 36
	atLength  = 68
	atCheck   = 72
	atHash    = 88
)

// A source is where the master key comes from.
type source uint8

const (
	fromCaller     source = 0
	fromPassphrase source = 1
)

// A header is the clear part of a file.
type header struct {
	source source
	kdf    KDF // zero for fromCaller
	salt   [saltSize]byte
	nonce  [nonceSize]byte
	length uint32 // of the sealed content
	check  [checkSize]byte
}

func (h header) append(b []byte) []byte {
	start := len(b)
	b = append(b, magic...)
	b = append(b, version, byte(h.source))
	b = binary.BigEndian.AppendUint16(b, h.kdf.Threads)
	b = binary.BigEndian.AppendUint32(b, h.kdf.Passes)
	b = binary.BigEndian.AppendUint32(b, h.kdf.Memory)
	b = append(b, h.salt[:]...)
	b = append(b, h.nonce[:]...)
	b = binary.BigEndian.AppendUint32(b, h.length)
	b = append(b, h.check[:]...)
	return append(b, headerHash(b[start:])...)
}

func headerHash(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:hashSize]
}

// parseHeader returns the header of a file that has as much sealed content as the header says.
func parseHeader(file []byte) (header, error) {
	var h header
	switch {
	case !bytes.HasPrefix(file, []byte(magic)):
		return h, &CorruptError{Offset: 0, Reason: "this is no store"}
	case len(file) > atVersion && file[atVersion] != version:
		return h, fmt.Errorf("%w: %d", ErrVersion, file[atVersion])
	case len(file) < headerSize:
		return h, &CorruptError{Offset: len(file), Reason: "the file ends within the header"}
	case !bytes.Equal(file[atHash:headerSize], headerHash(file[:atHash])):
		return h, &CorruptError{Offset: atVersion, Reason: "the header does not match its hash"}
	}
	h.source = source(file[atSource])
	h.kdf = KDF{
		Threads: binary.BigEndian.Uint16(file[atThreads:]),
		Passes:  binary.BigEndian.Uint32(file[atPasses:]),
		Memory:  binary.BigEndian.Uint32(file[atMemory:]),
	}
	copy(h.salt[:], file[atSalt:])
	copy(h.nonce[:], file[atNonce:])
	h.length = binary.BigEndian.Uint32(file[atLength:])
	copy(h.check[:], file[atCheck:])
	if err := h.validate(); err != nil {
		return h, err
	}
	switch end := headerSize + int(h.length); {
	case len(file) < end:
		return h, &CorruptError{Offset: len(file), Reason: fmt.Sprintf("the file ends here, %d bytes early", end-len(file))}
	case len(file) > end:
		return h, &CorruptError{Offset: end, Reason: "the file does not end here"}
	}
	return h, nil
}

// validate refuses values that this package does not write.
func (h header) validate() error {
	switch {
	case h.source != fromCaller && h.source != fromPassphrase:
		return fmt.Errorf("%w: of the source of the key", ErrVersion)
	case h.source == fromPassphrase && !h.kdf.valid():
		return fmt.Errorf("%w: of the cost of Argon2id", ErrVersion)
	case h.source == fromCaller && (h.kdf != KDF{} || h.salt != [saltSize]byte{}):
		return fmt.Errorf("%w: a cost of Argon2id without a passphrase", ErrVersion)
	case h.length < minSealed || h.length > maxSealed:
		return &CorruptError{Offset: atLength, Reason: "no content has this length"}
	}
	return nil
}
