package software

import (
	"crypto/cipher"
	"encoding/binary"
	"slices"
	"testing"

	"ockamtest/ref/vault"
)

// A blocks is an AES key that tells the counters of the blocks that it is asked for.
type blocks struct {
	cipher.Block
	counters []uint64
}

func (b *blocks) Encrypt(dst, src []byte) {
	b.counters = append(b.counters, binary.BigEndian.Uint64(src[4:]))
	b.Block.Encrypt(dst, src)
}

// Locate tries the counters outward from the middle of the range and no further than it has to: one block for the nonce of its own, then
// one for each.
func TestLocateTriesOutward(t *testing.T) {
	v, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := v.Import(vault.Attributes{Type: vault.AES256Key}, make([]byte, vault.AES256KeySize))
	if err != nil {
		t.Fatal(err)
	}
	bound, err := v.AEAD(s)
	if err != nil {
		t.Fatal(err)
	}
	a := bound.(*aead)
	sealed, err := a.Seal(make([]byte, 0, 64), binary.BigEndian.AppendUint64(make([]byte, 4), 102), nil, []byte("plaintext"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		from, to, want uint64
		found          bool
		tried          []uint64
	}{
		{90, 111, 102, true, []uint64{100, 101, 99, 102}},
		{98, 103, 102, true, []uint64{100, 101, 99, 102}},
		{97, 101, 0, false, []uint64{99, 100, 98, 101, 97}},
	} {
		recorded := &blocks{Block: a.cipher.block}
		a.cipher.block = recorded
		got, ok := a.Locate([4]byte{}, tc.from, tc.to, nil, sealed)
		a.cipher.block = recorded.Block
		if got != tc.want || ok != tc.found || !slices.Equal(recorded.counters[1:], tc.tried) {
			t.Errorf("in [%d, %d]: got %d, %t, tried %d, want %d, %t, %d", tc.from, tc.to, got, ok, recorded.counters[1:], tc.want, tc.found, tc.tried)
		}
	}
}
