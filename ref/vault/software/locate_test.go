package software_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// locator imports an AES key and returns its cipher.
func locator(t testing.TB, key []byte) vault.Locator {
	t.Helper()
	v := newVault(t, software.Config{})
	typ := vault.AES256Key
	if len(key) == vault.AES128KeySize {
		typ = vault.AES128Key
	}
	a, err := v.AEAD(mustImport(t, v, typ, key))
	if err != nil {
		t.Fatal(err)
	}
	return a.(vault.Locator)
}

// byTrial is what Locate has to give: it opens a copy under each counter.
func byTrial(a vault.AEAD, prefix [4]byte, from, to uint64, ad, ciphertext []byte) (uint64, bool) {
	for n := from; n <= to; n++ {
		room := make([]byte, 0, len(ciphertext))
		if _, err := a.Open(room, binary.BigEndian.AppendUint64(prefix[:], n), ad, ciphertext); err == nil {
			return n, true
		}
	}
	return 0, false
}

// REC-012: Locate and trial decryption agree, on random records that verify, and on the same with a bit flipped.
func TestLocateAgainstTrial(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	found := 0
	for range 400 {
		a := locator(t, random(16+16*r.IntN(2)))
		prefix, ad := [4]byte(random(4)), random(r.IntN(70))
		from := r.Uint64N(1 << (1 + r.IntN(40)))
		to := from + r.Uint64N(20)
		n := from + r.Uint64N(22)
		size := r.IntN(300)
		sealed, err := a.Seal(make([]byte, 0, size+vault.TagSize), binary.BigEndian.AppendUint64(prefix[:], n), ad, random(size))
		if err != nil {
			t.Fatal(err)
		}
		if r.IntN(4) == 0 {
			sealed[r.IntN(len(sealed))] ^= 1 << r.IntN(8)
		}
		before := bytes.Clone(sealed)
		want, wantOK := byTrial(a, prefix, from, to, ad, sealed)
		if got, ok := a.Locate(prefix, from, to, ad, sealed); got != want || ok != wantOK {
			t.Fatalf("Locate of %d bytes under %d in [%d, %d]: got %d, %t, want %d, %t", size, n, from, to, got, ok, want, wantOK)
		}
		if !bytes.Equal(sealed, before) {
			t.Fatalf("Locate of %d bytes, found %t: the ciphertext has changed", size, wantOK)
		}
		if wantOK {
			found++
		}
	}
	if found < 100 || found > 390 {
		t.Errorf("%d of 400 were found", found)
	}
}

// FuzzLocate compares Locate with trial decryption on any bytes, and on what seals under a counter of the range.
func FuzzLocate(f *testing.F) {
	key := make([]byte, 32)
	f.Add(key, uint32(0), uint64(0), uint8(5), []byte("ad"), []byte("a plaintext of twenty-four"))
	f.Add(key, uint32(1<<32-1), uint64(1<<64-3), uint8(2), []byte(nil), []byte(nil)) // the nonce that Locate uses itself
	f.Add(key[:16], uint32(7), uint64(65535), uint8(0), []byte(nil), make([]byte, 1400))
	f.Fuzz(func(t *testing.T, key []byte, prefix uint32, from uint64, span uint8, ad, input []byte) {
		if len(key) != vault.AES128KeySize && len(key) != vault.AES256KeySize {
			return
		}
		a := locator(t, key)
		span %= 16
		from = min(from, 1<<64-1-uint64(span)-1)
		to := from + uint64(span)
		nonce := binary.BigEndian.AppendUint32(nil, prefix)
		pre := [4]byte(nonce)

		got, ok := a.Locate(pre, from, to, ad, bytes.Clone(input))
		if want, wantOK := byTrial(a, pre, from, to, ad, input); got != want || ok != wantOK {
			t.Errorf("any bytes: got %d, %t, want %d, %t", got, ok, want, wantOK)
		}
		n := from + uint64(span)/2
		sealed, err := a.Seal(make([]byte, 0, len(input)+vault.TagSize), binary.BigEndian.AppendUint64(nonce, n), ad, input)
		if err != nil {
			t.Fatal(err)
		}
		before := bytes.Clone(sealed)
		if got, ok := a.Locate(pre, from, to, ad, sealed); got != n || !ok {
			t.Errorf("sealed: got %d, %t, want %d", got, ok, n)
		}
		if !bytes.Equal(sealed, before) {
			t.Error("the ciphertext has changed")
		}
	})
}

// A locator serves several goroutines at once, each with a ciphertext of its own. The race detector looks on.
func TestLocateAtOnce(t *testing.T) {
	a := locator(t, make([]byte, 32))
	var group sync.WaitGroup
	for n := range uint64(8) {
		group.Go(func() {
			sealed, err := a.Seal(make([]byte, 0, 216), binary.BigEndian.AppendUint64(make([]byte, 4), n), nil, make([]byte, 200))
			if err != nil {
				t.Error(err)
			}
			for range 200 {
				if got, ok := a.Locate([4]byte{}, 0, 9, nil, sealed); got != n || !ok {
					t.Errorf("got %d, %t, want %d", got, ok, n)
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkLocate looks for the counter of one forged datagram among all that the widest window has (REC-008, REC-012), and does the
// same by trial decryption.
func BenchmarkLocate(b *testing.B) {
	const candidates = 512
	a := locator(b, make([]byte, 32))
	ad := make([]byte, vault.HashSize)
	for _, size := range []int{64, 1400} {
		forged := make([]byte, size)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := a.Locate([4]byte{}, 0, candidates-1, ad, forged); ok {
					b.Fatal("found a forgery")
				}
			}
		})
		b.Run(fmt.Sprint(size, "/trial"), func(b *testing.B) {
			room, nonce := make([]byte, 0, size), make([]byte, vault.NonceSize)
			b.ReportAllocs()
			for b.Loop() {
				for n := range uint64(candidates) {
					binary.BigEndian.PutUint64(nonce[4:], n)
					if _, err := a.Open(room, nonce, ad, forged); err == nil {
						b.Fatal("opened a forgery")
					}
				}
			}
		})
	}
}
