//go:build unix

package bench

import (
	"crypto/aes"
	"crypto/cipher"
	"strconv"
	"testing"

	"ockamtest/ref/key"
)

// BenchmarkRecord seals and opens one record, beside the same with crypto/cipher alone. The reference works in place.
func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{64, 1024, 16384, 65519} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			paired(b,
				candidate{"raw", rawRecord(b, size)},
				candidate{"ref", refRecord(b, size)},
				candidate{"flynn", flynnRecord(b, size)},
			)
		})
	}
}

func rawRecord(b *testing.B, size int) func() {
	block, err := aes.NewCipher(make([]byte, 32))
	check(b, err)
	aead, err := cipher.NewGCM(block)
	check(b, err)
	buf, nonce, ad := make([]byte, size, size+16), make([]byte, 12), make([]byte, 32)
	return func() {
		sealed := aead.Seal(buf[:0], nonce, buf, ad)
		_, err := aead.Open(sealed[:0], nonce, sealed, ad)
		check(b, err)
	}
}

func refRecord(b *testing.B, size int) func() {
	newPair := xxPair(b)
	var i, r *key.XX
	buf, spent := make([]byte, size, size+16), 0
	return func() {
		if spent == 0 { // a direction has 65,536 counters (REC-003)
			i, r = newPair()
			agree(b, i, r, make([]byte, 0, 32), make([]byte, 0, 96), make([]byte, 0, 64))
			spent = key.MaxCounter
		}
		spent--
		sealed, err := i.Encrypt(buf[:0], buf)
		check(b, err)
		_, err = r.Decrypt(sealed[:0], sealed)
		check(b, err)
	}
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
