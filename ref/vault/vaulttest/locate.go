package vaulttest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"ockamtest/ref/vault"
)

func locateChecks() []Check {
	return []Check{
		{"locate/counter/accepts", []string{"REC-012"}, nil, locateCounter},
		{"locate/range/refuses", []string{"REC-012"}, nil, locateRange},
		{"locate/forged/refuses", []string{"REC-012", "VAULT-005"}, nil, locateForged},
		{"locate/short/refuses", []string{"VAULT-005"}, nil, locateShort},
		{"locate/destroyed/refuses", []string{"VAULT-001"}, nil, locateDestroyed},
	}
}

// locatePrefix is the prefix of the nonces that the checks seal under.
func locatePrefix() [4]byte { return [4]byte{1, 2, 3, 4} }

// eachLocator runs f with the AEADs of the vault that are locators.
func (s *exam) eachLocator(f func(op string, l vault.Locator)) {
	s.Helper()
	s.eachBox(func(op string, b box) {
		if l, is := b.AEAD.(vault.Locator); is {
			f(op+" Locate", l)
		}
	})
}

// sealedAt seals under a counter.
func (s *exam) sealedAt(l vault.Locator, n uint64, ad, plaintext []byte) []byte {
	s.Helper()
	prefix := locatePrefix()
	nonce := binary.BigEndian.AppendUint64(prefix[:], n)
	return s.sealedBy(box{AEAD: l}, nonce, ad, plaintext)
}

// locates checks the result of Locate, and that it leaves its arguments as they were.
func (s *exam) locates(op string, l vault.Locator, from, to uint64, ad, ciphertext []byte, want uint64, found bool) {
	s.Helper()
	// Bytes before and behind, to see them untouched.
	room := bytes.Repeat([]byte{canary}, len(ciphertext)+2*vault.TagSize)
	given := room[vault.TagSize : vault.TagSize+len(ciphertext)]
	copy(given, ciphertext)
	before, adBefore := bytes.Clone(room), bytes.Clone(ad)
	n, ok := l.Locate(locatePrefix(), from, to, ad, given)
	s.asserted++
	if n != want || ok != found {
		s.Errorf("%s in [%d, %d]: got %d, %t, want %d, %t", op, from, to, n, ok, want, found)
	}
	s.equal(op+": the ciphertext and what is around it", room, before)
	s.equal(op+": associated data", ad, adBefore)
}

// locateCounter finds ciphertexts of every kind of length, wherever in the range their counter is.
func locateCounter(s *exam) {
	s.eachLocator(func(op string, l vault.Locator) {
		for _, size := range []int{0, 1, 15, 16, 17, 127, 128, 129, 1400, 65519} {
			for _, ad := range [][]byte{nil, []byte("associated data")} {
				for _, n := range []uint64{0, 1, 255, 256, 65535, math.MaxUint64} {
					sealed := s.sealedAt(l, n, ad, bytes.Repeat([]byte{byte(size), 7}, size)[:size])
					low, high := n-min(n, 3), n+min(math.MaxUint64-n, 3)
					for _, r := range [][2]uint64{{n, n}, {low, n}, {n, high}, {low, high}} {
						s.locates(fmt.Sprintf("%s of %d bytes", op, size), l, r[0], r[1], ad, sealed, n, true)
					}
				}
			}
		}
	})
}

// locateRange has ranges in which the counter is not, and empty ones.
func locateRange(s *exam) {
	s.eachLocator(func(op string, l vault.Locator) {
		for _, n := range []uint64{7, 1000, 65535} {
			sealed := s.sealedAt(l, n, nil, []byte("plaintext"))
			for _, r := range [][2]uint64{
				{0, n - 1}, {n + 1, n + 40}, {n + 1, n}, {n, n - 1}, {n + 1<<32, n + 1<<32 + 3}, {math.MaxUint64, math.MaxUint64},
			} {
				s.locates(op, l, r[0], r[1], nil, sealed, 0, false)
			}
			s.locates(op, l, n, n, nil, sealed, n, true)
		}
	})
}

// locateForged flips each bit of a ciphertext, of its tag, and of its associated data, and changes lengths and the prefix.
func locateForged(s *exam) {
	ad, plaintext := []byte("ad"), []byte("seventeen bytes..")
	s.eachLocator(func(op string, l vault.Locator) {
		sealed := s.sealedAt(l, 2, ad, plaintext)
		forged := func(ad, ciphertext []byte) {
			s.Helper()
			s.locates(op+" of a forgery", l, 0, 4, ad, ciphertext, 0, false)
		}
		for bit := range 8 * len(sealed) {
			forged(ad, flip(sealed, bit))
		}
		for bit := range 8 * len(ad) {
			forged(flip(ad, bit), sealed)
		}
		forged(nil, sealed)
		forged(ad, sealed[1:])
		forged(ad, sealed[:len(sealed)-1])
		forged(ad, append(bytes.Clone(sealed), 0))
		if n, ok := l.Locate([4]byte{1, 2, 3, 5}, 0, 4, ad, bytes.Clone(sealed)); n != 0 || ok {
			s.Errorf("%s under another prefix: got %d, %t", op, n, ok)
		}
		s.locates(op, l, 0, 4, ad, sealed, 2, true)
	})
}

// locateShort has ciphertexts of 0 to 15 bytes, prefixes of a genuine one.
func locateShort(s *exam) {
	s.eachLocator(func(op string, l vault.Locator) {
		sealed := s.sealedAt(l, 0, nil, nil)
		for n := range vault.TagSize {
			s.locates(fmt.Sprintf("%s of %d bytes", op, n), l, 0, 4, nil, sealed[:n], 0, false)
		}
		s.locates(op, l, 0, 4, nil, sealed, 0, true)
	})
}

// locateDestroyed checks that a locator does not outlive its key.
func locateDestroyed(s *exam) {
	for _, t := range s.aesTypes() {
		key := s.make(t)
		for _, b := range s.boxes(key) {
			l, is := b.AEAD.(vault.Locator)
			if !is {
				continue
			}
			sealed := s.sealedAt(l, 2, nil, []byte("plaintext"))
			s.locates("Locate "+b.name, l, 0, 4, nil, sealed, 2, true)
			s.destroy(key)
			s.locates("Locate "+b.name+" after Destroy", l, 0, 4, nil, sealed, 0, false)
		}
	}
	s.asserted++ // A vault may have no AES.
}
