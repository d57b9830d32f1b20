package software

import (
	"crypto/sha256"
	"encoding/binary"

	"ockamtest/ref/memory"
	"ockamtest/ref/vault"
)

// An hmac is the work area of HKDF. Everything secret in it comes from the allocator (MEM-001), once in a vault's life.
type hmac struct {
	area []byte
}

const hmacSize = 2*vault.HashSize + sha256.BlockSize

// The parts of the area: the pseudorandom key, a key that was too long for HMAC, and the padded key.
func (w hmac) prk() []byte  { return w.area[:vault.HashSize] }
func (w hmac) long() []byte { return w.area[vault.HashSize : 2*vault.HashSize] }
func (w hmac) pad() []byte  { return w.area[2*vault.HashSize:] }

// wipe forgets the keys.
func (w hmac) wipe() { memory.Wipe(w.area) }

// extract sets the pseudorandom key: PRK = HMAC(salt, ikm).
func (w hmac) extract(salt, ikm []byte) {
	if len(salt) > sha256.BlockSize {
		h := sha256.New()
		h.Write(salt)
		salt = h.Sum(w.long()[:0])
	}
	w.sum(w.prk(), salt, ikm, nil)
}

// expand sets block to HMAC(PRK, previous | counter).
func (w hmac) expand(block, previous []byte, counter byte) {
	w.sum(block, w.prk(), previous, []byte{counter})
}

// The bytes with which HMAC pads the key, in words.
const (
	innerPad = 0x3636363636363636
	outerPad = 0x5c5c5c5c5c5c5c5c
)

// sum sets out to HMAC-SHA256 of a and b under a key of at most a block. out holds the inner hash on the way, so it may
// overlap a and b but not key.
func (w hmac) sum(out, key, a, b []byte) {
	pad := w.pad()
	clear(pad[copy(pad, key):])
	h := sha256.New()
	xorWords(pad, innerPad)
	h.Write(pad)
	h.Write(a)
	h.Write(b)
	inner := h.Sum(out[:0])
	h.Reset()
	xorWords(pad, innerPad^outerPad)
	h.Write(pad)
	h.Write(inner)
	h.Sum(out[:0])
}

func xorWords(block []byte, x uint64) {
	for i := 0; i < sha256.BlockSize; i += 8 {
		binary.NativeEndian.PutUint64(block[i:], binary.NativeEndian.Uint64(block[i:])^x)
	}
}
