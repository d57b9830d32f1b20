package vaulttest_test

import (
	"bytes"

	"ockamtest/ref/vault"
)

type locateFunc func(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool)

// located is a Locator with Locate replaced.
type located struct {
	vault.Locator
	locate locateFunc
}

func (l located) Locate(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool) {
	return l.locate(prefix, from, to, ad, ciphertext)
}

// patchLocate replaces Locate of every AEAD.
func patchLocate(f func(real locateFunc) locateFunc) func(*patched) {
	return func(p *patched) {
		p.aead = func(key vault.Secret) (vault.AEAD, error) {
			a, err := p.AEADVault.AEAD(key)
			if err != nil {
				return nil, err
			}
			real := a.(vault.Locator)
			return located{real, f(real.Locate)}, nil
		}
	}
}

func brokenLocators() []broken {
	return []broken{
		{"does not try the last counter", "locate/counter/accepts", patchLocate(func(real locateFunc) locateFunc {
			return func(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool) {
				return real(prefix, from, max(to, 1)-1, ad, ciphertext)
			}
		})},
		{"counts from the start of the range", "locate/counter/accepts", patchLocate(func(real locateFunc) locateFunc {
			return func(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool) {
				n, ok := real(prefix, from, to, ad, ciphertext)
				return n - from, ok
			}
		})},
		{"has counters of 16 bits", "locate/range/refuses", patchLocate(func(real locateFunc) locateFunc {
			return func(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool) {
				n, ok := real(prefix, from&0xffff, to&0xffff, ad, ciphertext)
				return n + from&^0xffff, ok
			}
		})},
		{"tries a counter too much", "locate/range/refuses", patchLocate(func(real locateFunc) locateFunc {
			return func(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool) {
				return real(prefix, max(from, 1)-1, to, ad, ciphertext)
			}
		})},
		{"leaves the ciphertext decrypted where it finds nothing", "locate/range/refuses", patchLocate(func(real locateFunc) locateFunc {
			return func(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool) {
				n, ok := real(prefix, from, to, ad, ciphertext)
				if !ok && len(ciphertext) > 0 {
					ciphertext[0] ^= 1
				}
				return n, ok
			}
		})},
		{"leaves the last candidate in place of the tag", "locate/counter/accepts", patchLocate(func(real locateFunc) locateFunc {
			return func(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool) {
				n, ok := real(prefix, from, to, ad, ciphertext)
				if ok {
					copy(ciphertext[len(ciphertext)-vault.TagSize:], prefix[:])
				}
				return n, ok
			}
		})},
		{"locates without the last byte of the tag", "locate/forged/refuses", patchLocate(func(real locateFunc) locateFunc {
			return func(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool) {
				n, ok := real(prefix, from, to, ad, ciphertext)
				for last := 0; !ok && last < 256 && len(ciphertext) >= vault.TagSize; last++ {
					n, ok = real(prefix, from, to, ad, append(bytes.Clone(ciphertext[:len(ciphertext)-1]), byte(last)))
				}
				return n, ok
			}
		})},
		{"locates without a byte behind the tag", "locate/forged/refuses", patchLocate(func(real locateFunc) locateFunc {
			return func(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool) {
				n, ok := real(prefix, from, to, ad, ciphertext)
				if !ok && len(ciphertext) > vault.TagSize {
					return real(prefix, from, to, ad, ciphertext[:len(ciphertext)-1])
				}
				return n, ok
			}
		})},
		{"finds what is shorter than a tag", "locate/short/refuses", patchLocate(func(real locateFunc) locateFunc {
			return func(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool) {
				if len(ciphertext) < vault.TagSize {
					return from, true
				}
				return real(prefix, from, to, ad, ciphertext)
			}
		})},
		{"locates with a key that is gone", "locate/destroyed/refuses", patchLocate(func(real locateFunc) locateFunc {
			var last uint64
			return func(prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool) {
				n, ok := real(prefix, from, to, ad, ciphertext)
				if ok {
					last = n
				}
				return last, true
			}
		})},
	}
}
