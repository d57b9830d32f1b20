package software

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"

	"ockamtest/ref/memory"
	"ockamtest/ref/vault"
)

// An hmac is the work area of HKDF. Everything secret in it comes from the allocator (MEM-001), once in a vault's life, but for what is
// in h, which wipe overwrites too.
//
// Each block of HKDF's output is an HMAC under the same key. What SHA-256 is after the padded key is kept, which saves a block in six.
type hmac struct {
	h            digest
	pad, prk     []byte // the padded key, and the pseudorandom key
	inner, outer []byte // h after the pseudorandom key with the inner and with the outer padding
	area         []byte // all of them
	empty        []byte // h before anything
}

// A digest is a hash whose state can be kept. Those of the standard library can.
type digest interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// newHMAC allocates the work area.
func newHMAC(m memory.Allocator) (hmac, error) {
	h, ok := sha256.New().(digest)
	if !ok {
		return hmac{}, errors.New("SHA-256 whose state cannot be kept")
	}
	empty, err := h.AppendBinary(nil)
	if err != nil {
		return hmac{}, fmt.Errorf("keep the state of SHA-256: %w", err)
	}
	const pad, prk = sha256.BlockSize, sha256.BlockSize + vault.HashSize
	inner := prk + len(empty)
	outer := inner + len(empty)
	area, err := m.Allocate(outer)
	if err != nil {
		return hmac{}, err
	}
	return hmac{h, area[:pad], area[pad:prk], area[prk:inner], area[inner:outer], area, empty}, nil
}

// wipe forgets the keys.
func (w *hmac) wipe() {
	memory.Wipe(w.area)
	w.load(w.empty)
}

// extract sets the pseudorandom key: PRK = HMAC(salt, ikm).
func (w *hmac) extract(salt, ikm []byte) {
	w.h.Reset()
	if len(salt) > sha256.BlockSize {
		w.h.Write(salt)
		salt = w.h.Sum(w.prk[:0])
		w.h.Reset()
	}
	w.padInner(salt)
	w.h.Write(w.pad)
	w.h.Write(ikm)
	w.h.Sum(w.prk[:0])
	w.h.Reset()
	w.padOuter()
	w.h.Write(w.pad)
	w.h.Write(w.prk)
	w.h.Sum(w.prk[:0])

	w.h.Reset()
	w.padInner(w.prk)
	w.h.Write(w.pad)
	w.save(w.inner)
	w.h.Reset()
	w.padOuter()
	w.h.Write(w.pad)
	w.save(w.outer)
}

// expand sets block to HMAC(PRK, previous | counter).
func (w *hmac) expand(block, previous []byte, counter byte) {
	w.load(w.inner)
	w.pad[copy(w.pad, previous)] = counter // in one piece
	w.h.Write(w.pad[:len(previous)+1])
	w.h.Sum(block[:0])
	w.load(w.outer)
	w.h.Write(block)
	w.h.Sum(block[:0])
}

// save and load keep the state of h. They do not fail: newHMAC saw that the state can be kept, and what is loaded was saved.

func (w *hmac) save(state []byte) {
	if _, err := w.h.AppendBinary(state[:0]); err != nil {
		panic(err)
	}
}

func (w *hmac) load(state []byte) {
	if err := w.h.UnmarshalBinary(state); err != nil {
		panic(err)
	}
}

// The bytes with which HMAC pads a key, in words.
const (
	innerPad = 0x3636363636363636
	outerPad = 0x5c5c5c5c5c5c5c5c
)

// padInner sets pad to a key of at most a block with the inner padding; padOuter changes that to the outer.
func (w *hmac) padInner(key []byte) {
	clear(w.pad[copy(w.pad, key):])
	xorWords(w.pad, innerPad)
}

func (w *hmac) padOuter() { xorWords(w.pad, innerPad^outerPad) }

func xorWords(block []byte, x uint64) {
	for i := 0; i < sha256.BlockSize; i += 8 {
		binary.NativeEndian.PutUint64(block[i:], binary.NativeEndian.Uint64(block[i:])^x)
	}
}
