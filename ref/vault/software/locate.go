package software

import (
	"crypto/aes"
	"encoding/binary"

	"ockamtest/ref/vault"
)

// Locate implements vault.Locator.
//
// A tag is GHASH(ad, ciphertext) XOR E(nonce | 1), and only the last block depends on the nonce (NIST SP 800-38D, section 7). GHASH is
// not to be had from crypto/cipher by itself, but sealing twice in place is: the first time gives a plaintext whose ciphertext is the
// one to look for, the second time that ciphertext again and its tag under the nonce that was used. Neither leaves this function.
func (a *aead) Locate(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (n uint64, ok bool) {
	size := len(ciphertext) - vault.TagSize
	if a.destroyed.Load() || size < 0 || uint64(size) > maxPlaintext || from > to {
		return 0, false
	}
	tag := toHalves(ciphertext[size:])
	for range 2 {
		a.cipher.gcm.Seal(ciphertext[:0], a.unused[:], ciphertext[:size], ad)
	}

	block := ciphertext[size:] // scratch from here on: on the stack it would be allocated, for crypto/cipher takes it by an interface
	want := toHalves(block).xor(tag)
	copy(block, a.unused[:])
	want = want.xor(a.mask(block))
	for i := uint64(0); ; i++ {
		n = vault.Outward(from, to, i)
		copy(block, prefix[:])
		binary.BigEndian.PutUint64(block[len(prefix):], n)
		if a.mask(block).xor(want).zero() {
			ok = true
			break
		}
		if i == to-from { // before i could wrap
			n = 0
			break
		}
	}
	tag.put(block)
	return n, ok
}

// mask turns a block that starts with a nonce into what GCM adds to the tag under that nonce: E(nonce | 1).
func (a *aead) mask(block []byte) halves {
	binary.BigEndian.PutUint32(block[vault.NonceSize:], 1)
	a.cipher.block.Encrypt(block, block)
	return toHalves(block)
}

// halves are an AES block as two words.
type halves [2]uint64

func toHalves(block []byte) halves {
	return halves{binary.BigEndian.Uint64(block), binary.BigEndian.Uint64(block[aes.BlockSize/2:])}
}

func (h halves) xor(other halves) halves { return halves{h[0] ^ other[0], h[1] ^ other[1]} }

// zero takes the same time whatever h is.
func (h halves) zero() bool { return h[0]|h[1] == 0 }

func (h halves) put(block []byte) {
	binary.BigEndian.PutUint64(block, h[0])
	binary.BigEndian.PutUint64(block[aes.BlockSize/2:], h[1])
}
