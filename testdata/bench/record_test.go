//go:build unix

package bench

import (
	"crypto/aes"
	"crypto/cipher"
	"strconv"
	"testing"

	"ockamtest/ref/key"
)

// BenchmarkRecord seals and opens one record, beside the same with crypto/cipher alone: either side has a cipher of its own, as two parties
// do. All work in place.
func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{64, 1024, 16384, 65519} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			raw, ref := candidate{name: "raw"}, candidate{name: "ref"}
			raw.op, raw.prepare = rawRecord(b, size)
			ref.op, ref.prepare = refRecord(b, size)
			candidates := []candidate{
				raw,
				ref,
				{name: "flynn", op: flynnRecord(b, size)},
			}
			paired(b, candidates...)
			allocations(b, candidates...)
		})
	}
}

// rawRecord also returns what renews the ciphers, so that they lie elsewhere in memory, as the reference's do.
func rawRecord(b *testing.B, size int) (op, renew func()) {
	var sides [2]cipher.AEAD
	renew = func() {
		for i := range sides {
			block, err := aes.NewCipher(make([]byte, 32))
			check(b, err)
			sides[i], err = cipher.NewGCM(block)
			check(b, err)
		}
	}
	renew()
	buf, nonce, ad := make([]byte, size, size+16), make([]byte, 12), make([]byte, 32)
	return func() {
		sealed := sides[0].Seal(buf[:0], nonce, buf, ad)
		_, err := sides[1].Open(sealed[:0], nonce, sealed, ad)
		check(b, err)
	}, renew
}

// refRecord also returns what renews the agreement: a direction has 65,536 counters (REC-003), more than a slice has records.
func refRecord(b *testing.B, size int) (op, renew func()) {
	newPair := xxPair(b, nil)
	var i, r *key.XX
	renew = func() {
		i, r = newPair()
		agree(b, i, r, make([]byte, 0, 32), make([]byte, 0, 96), make([]byte, 0, 64))
	}
	renew()
	buf := make([]byte, size, size+16)
	return func() {
		sealed, err := i.Encrypt(buf[:0], buf)
		check(b, err)
		_, err = r.Decrypt(sealed[:0], sealed)
		check(b, err)
	}, renew
}

func flynnRecord(b *testing.B, size int) func() {
	send, receive := flynnAgree(b, flynnPair(b), nil, nil, nil)
	buf, ad := make([]byte, size, size+16), make([]byte, 32)
	return func() {
		sealed, err := send.Encrypt(buf[:0], ad, buf)
		check(b, err)
		_, err = receive.Decrypt(sealed[:0], ad, sealed)
		check(b, err)
	}
}
