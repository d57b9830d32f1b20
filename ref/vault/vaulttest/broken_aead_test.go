package vaulttest_test

import (
	"bytes"
	"errors"

	"ockamtest/ref/vault"
)

type sealFunc func(dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error)

type failedOpen func(p *patched, dst []byte, key vault.Secret, nonce, ad, ciphertext []byte, err error) ([]byte, error)

// patchOpen replaces Open, where it fails, by what f makes of that.
func patchOpen(f failedOpen) func(*patched) {
	return func(p *patched) {
		p.open = func(dst []byte, key vault.Secret, nonce, ad, ciphertext []byte) ([]byte, error) {
			plaintext, err := p.AEADVault.Open(dst, key, nonce, ad, ciphertext)
			if err == nil {
				return plaintext, nil
			}
			return f(p, dst, key, nonce, ad, ciphertext, err)
		}
	}
}

// patchSeal replaces Seal.
func patchSeal(f func(seal sealFunc, dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error)) func(*patched) {
	return func(p *patched) {
		p.seal = func(dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error) {
			return f(p.AEADVault.Seal, dst, key, nonce, ad, plaintext)
		}
	}
}

// decrypt is what a vault gets that decrypts before it looks at the tag: encrypting zeros gives the key stream.
func decrypt(p *patched, key vault.Secret, nonce, ciphertext []byte) []byte {
	n := max(len(ciphertext)-vault.TagSize, 0)
	stream, err := p.AEADVault.Seal(make([]byte, 0, n+vault.TagSize), key, nonce, nil, make([]byte, n))
	if err != nil {
		return nil
	}
	for i := range n {
		stream[i] ^= ciphertext[i]
	}
	return stream[:n]
}

func brokenAEADs() []broken {
	return []broken{
		{"releases plaintext in dst", "open/ciphertext/refuses",
			patchOpen(func(p *patched, dst []byte, key vault.Secret, nonce, ad, ciphertext []byte, err error) ([]byte, error) {
				copy(dst[len(dst):cap(dst)], decrypt(p, key, nonce, ciphertext))
				return nil, err
			})},
		{"returns plaintext with the error", "open/tag/refuses",
			patchOpen(func(p *patched, dst []byte, key vault.Secret, nonce, ad, ciphertext []byte, err error) ([]byte, error) {
				return decrypt(p, key, nonce, ciphertext), err
			})},
		{"releases plaintext in place", "open/in-place/refuses",
			patchOpen(func(p *patched, dst []byte, key vault.Secret, nonce, ad, ciphertext []byte, err error) ([]byte, error) {
				if cap(dst) >= len(ciphertext) && len(ciphertext) > 0 && &dst[:1][0] == &ciphertext[0] {
					copy(ciphertext, decrypt(p, key, nonce, ciphertext))
				}
				return nil, err
			})},
		{"checks no tag", "open/tag/refuses",
			patchOpen(func(p *patched, dst []byte, key vault.Secret, nonce, ad, ciphertext []byte, err error) ([]byte, error) {
				if errors.Is(err, vault.ErrAuthentication) {
					return append(dst, decrypt(p, key, nonce, ciphertext)...), nil
				}
				return nil, err
			})},
		{"ignores the last byte of the tag", "open/tag/refuses",
			patchOpen(func(p *patched, dst []byte, key vault.Secret, nonce, ad, ciphertext []byte, err error) ([]byte, error) {
				for last := range 256 {
					if !errors.Is(err, vault.ErrAuthentication) || len(dst) == cap(dst) {
						break
					}
					guess := bytes.Clone(ciphertext)
					guess[len(guess)-1] = byte(last)
					if plaintext, err := p.AEADVault.Open(dst, key, nonce, ad, guess); err == nil {
						return plaintext, nil
					}
				}
				return nil, err
			})},
		{"ignores bytes behind the tag", "open/tag-length/refuses",
			patchOpen(func(p *patched, dst []byte, key vault.Secret, nonce, ad, ciphertext []byte, err error) ([]byte, error) {
				if errors.Is(err, vault.ErrAuthentication) && len(ciphertext) > vault.TagSize {
					if plaintext, err := p.AEADVault.Open(dst, key, nonce, ad, ciphertext[:len(ciphertext)-1]); err == nil {
						return plaintext, nil
					}
				}
				return nil, err
			})},
		{"ignores the end of associated data", "open/context/refuses",
			patchOpen(func(p *patched, dst []byte, key vault.Secret, nonce, ad, ciphertext []byte, err error) ([]byte, error) {
				if errors.Is(err, vault.ErrAuthentication) && len(ad) > 0 {
					if plaintext, err := p.AEADVault.Open(dst, key, nonce, ad[:len(ad)-1], ciphertext); err == nil {
						return plaintext, nil
					}
				}
				return nil, err
			})},
		{"opens short ciphertexts as empty", "open/short/refuses",
			patchOpen(func(p *patched, dst []byte, key vault.Secret, nonce, ad, ciphertext []byte, err error) ([]byte, error) {
				if errors.Is(err, vault.ErrShortCiphertext) {
					return dst, nil
				}
				return nil, err
			})},
		{"calls a bad tag a bad length", "open/tag/refuses",
			patchOpen(func(p *patched, dst []byte, key vault.Secret, nonce, ad, ciphertext []byte, err error) ([]byte, error) {
				if errors.Is(err, vault.ErrAuthentication) {
					return nil, vault.ErrInvalidLength
				}
				return nil, err
			})},
		{"seals without associated data", "seal/known/accepts",
			patchSeal(func(seal sealFunc, dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error) {
				return seal(dst, key, nonce, nil, plaintext)
			})},
		{"seals beyond the buffer", "seal/lengths/accepts",
			patchSeal(func(seal sealFunc, dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error) {
				grown := append(make([]byte, 0, len(dst)+len(plaintext)+vault.TagSize), dst...)
				return seal(grown, key, nonce, ad, plaintext)
			})},
		{"writes before it sees that there is no room", "seal/lengths/accepts",
			patchSeal(func(seal sealFunc, dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error) {
				sealed, err := seal(dst, key, nonce, ad, plaintext)
				if errors.Is(err, vault.ErrShortBuffer) {
					copy(dst[len(dst):cap(dst)], plaintext)
				}
				return sealed, err
			})},
		{"wipes the plaintext first", "seal/in-place/accepts",
			patchSeal(func(seal sealFunc, dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error) {
				input := bytes.Clone(plaintext)
				if cap(dst) > len(dst) {
					if out := dst[len(dst):cap(dst)]; len(plaintext) > 0 && &out[0] == &plaintext[0] {
						clear(input)
					}
				}
				return seal(dst, key, nonce, ad, input)
			})},
		{"pads nonces", "seal/nonce/refuses",
			patchSeal(func(seal sealFunc, dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error) {
				var full [vault.NonceSize]byte
				copy(full[:], nonce)
				return seal(dst, key, full[:], ad, plaintext)
			})},
		{"has one AEAD for all keys", "aead/key/accepts", func(p *patched) {
			var first vault.AEAD
			p.aead = func(key vault.Secret) (vault.AEAD, error) {
				a, err := p.AEADVault.AEAD(key)
				if first == nil {
					first = a
				}
				return first, err
			}
		}},
		{"has AEADs that outlive their keys", "aead/destroyed/refuses", func(p *patched) {
			p.aead = func(key vault.Secret) (vault.AEAD, error) {
				a, err := p.AEADVault.AEAD(key)
				return immortal{a}, err
			}
		}},
	}
}

// immortal is an AEAD that does not notice that its key is gone.
type immortal struct{ vault.AEAD }

func (i immortal) Seal(dst, nonce, ad, plaintext []byte) ([]byte, error) {
	sealed, err := i.AEAD.Seal(dst, nonce, ad, plaintext)
	if errors.Is(err, vault.ErrInvalidSecret) {
		return dst, nil
	}
	return sealed, err
}
