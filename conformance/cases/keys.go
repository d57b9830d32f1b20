package cases

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// A keySet has public keys that are all different. The zero keySet is empty.
type keySet struct {
	keys  [][]byte
	seen  map[string]bool
	again int // keys that were there before
}

// add takes a key and tells whether it was not there before. No key is not one.
func (k *keySet) add(key []byte) bool {
	switch {
	case key == nil:
		return true
	case k.seen[string(key)]:
		k.again++
		return false
	case k.seen == nil:
		k.seen = make(map[string]bool)
	}
	k.seen[string(key)] = true
	k.keys = append(k.keys, key)
	return true
}

// repeats tells whether keys came again that are not one and the same.
func (k *keySet) repeats() bool { return len(k.keys) > 1 && k.again > 0 }

// A correct peer fails what lopsided asks with a probability below 2^-40. Of n = 1,024 keys each bit is 1 in half, but for 2^-30 in P-256, and
// for 1/200 in the first byte where some keys cannot travel (section 11), which makes 5 of them at most. By Hoeffding's inequality one of up to
// 512 bits is 1 by 135 keys more often or less often than that with a probability of at most 2 * 512 * exp(-2 * 135 * 135 / n) < 2^-41.3; bitSlack
// adds those 5. One of 256 values is that of a byte k times with a probability of at most exp(-m) * (e*m/k)^k for a mean of m = n/253: with k = 33,
// of all values of 64 bytes, that is less than 2^-44. Both together, for ephemeral and for static keys, are less than 2^-40.
const (
	bitSlack   = 140
	byteRepeat = 33
)

// lopsided says what is not random about exactly 1,024 keys, empty if nothing is. The first byte of a P-256 point and the top bit of an X25519
// key are always the same. Of fewer keys it says nothing.
func lopsided(keys [][]byte) string {
	if len(keys) < thousand {
		return ""
	}
	size := len(keys[0])
	for at := size % 32; at < size; at++ {
		var values [256]int
		for _, key := range keys {
			values[key[at]]++
		}
		top := at == 31 && size == 32
		for value, n := range values {
			if n >= byteRepeat && !top || top && n >= 2*byteRepeat {
				return fmt.Sprintf("%d times the value %d in byte %d of %d keys", n, value, at, len(keys))
			}
		}
		for bit := range 8 {
			if top && bit == 7 {
				continue
			}
			ones := 0
			for value, n := range values {
				ones += n * (value >> bit & 1)
			}
			if ones < len(keys)/2-bitSlack || ones > len(keys)/2+bitSlack {
				return fmt.Sprintf("%d times a 1 in bit %d of byte %d of %d keys", ones, bit, at, len(keys))
			}
		}
	}
	return ""
}

// guessable are public keys whose private keys come to mind, and what those are.
func guessable(suite profile.Suite) map[string]string {
	all := make(map[string]string)
	guess := func(words string, private []byte) {
		if pair, err := adversary.LoadKeyPair(suite, private); err == nil {
			all[string(pair.Public)] = words
		}
	}
	for b := range 256 {
		guess(fmt.Sprintf("32 bytes of %02x", b), bytes.Repeat([]byte{byte(b)}, 32))
	}
	for n := range uint64(32) {
		guess(fmt.Sprintf("the number %d", n), binary.BigEndian.AppendUint64(make([]byte, 24), n))
		guess(fmt.Sprintf("the number %d, little-endian", 8*n), append(binary.LittleEndian.AppendUint64(nil, 8*n), make([]byte, 24)...))
	}
	for _, first := range []byte{0x00, 0x01, 0x20, 0x41} { // section 12
		private := make([]byte, 32)
		for i := range private {
			private[i] = first + byte(i)
		}
		guess(fmt.Sprintf("bytes that count from %02x", first), private)
	}
	return all
}
