package term

import (
	"encoding/binary"
	"fmt"
)

// A pair is what a Key evaluates to.
type pair struct {
	public []byte
	shared func(public []byte) []byte
}

// key evaluates a key, which is the i-th argument of its node.
func (v *evaluation) key(i int, k Key) (pair, error) {
	if k == nil {
		return pair{}, argument(ErrInvalid, i)
	}
	p, err := v.pair(k)
	if err != nil {
		return pair{}, argument(placed(err, k.symbol()), i)
	}
	return p, nil
}

func (v *evaluation) pair(k Key) (pair, error) {
	switch k := k.(type) {
	case *Static:
		return v.pairOf(v.config.Static)
	case *Ephemeral:
		return v.pairOf(v.derived("ephemeral", k.N))
	case *Stranger:
		return v.pairOf(v.derived("stranger", k.N))
	case *Private:
		private, err := v.child(1, k.Key)
		if err != nil {
			return pair{}, err
		}
		return v.pairOf(private)
	case *LowOrder:
		public, err := v.point(lowOrder(), k.N)
		return pair{public, func([]byte) []byte { return make([]byte, 32) }}, err
	case *BasePoint:
		public, err := v.point(basePoint(), k.N)
		return pair{public, func(other []byte) []byte { return append([]byte(nil), other...) }}, err
	case *As:
		shown, err := v.child(1, k.Shown)
		if err != nil {
			return pair{}, err
		}
		p, err := v.key(2, k.Key)
		p.public = shown
		return p, err
	default:
		return pair{}, ErrInvalid
	}
}

// pairOf is the pair of a private key.
func (v *evaluation) pairOf(private []byte) (pair, error) {
	if len(private) != 32 {
		return pair{}, fmt.Errorf("%w: a private key of %d bytes, not 32", ErrKey, len(private))
	}
	public, err := v.config.Crypto.Public(private)
	if err != nil {
		return pair{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return pair{public, func(other []byte) []byte { return v.config.Crypto.DH(private, other) }}, nil
}

// derived is 32 bytes that the seed determines, a private key of either suite: below the order of P-256, and not 0.
func (v *evaluation) derived(what string, n uint64) []byte {
	private := v.stream(what, n, 32)
	private[0] &= 0x7f
	private[31] |= 1
	return private
}

// stream is bytes that the seed, a word, and a number determine.
func (v *evaluation) stream(what string, n, size uint64) []byte {
	label := binary.BigEndian.AppendUint64(append([]byte(what), 0), n)
	start := v.config.Crypto.Hash(append(append([]byte(nil), v.config.Seed[:]...), label...))
	out := make([]byte, 0, size+32)
	for i := uint64(0); uint64(len(out)) < size; i++ {
		block := v.config.Crypto.Hash(binary.BigEndian.AppendUint64(start[:len(start):len(start)], i))
		out = append(out, block[:]...)
	}
	return out[:size]
}

// point is one of X25519's special public keys.
func (v *evaluation) point(of [][32]byte, n uint64) ([]byte, error) {
	if v.config.Profile.Suite.P256 {
		return nil, fmt.Errorf("%w: a point of X25519 in a profile with P-256", ErrKey)
	}
	if n >= uint64(len(of)) {
		return nil, ErrInvalid
	}
	return of[n][:], nil
}

const (
	lowOrderPoints = 12
	basePoints     = 4
)

// lowOrder is the public keys that give zeros with every private key, also those that are not in the shortest form.
func lowOrder() [][32]byte {
	eighth := [32]byte{
		0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
		0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
	}
	other := [32]byte{
		0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
		0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
	}
	below, p, above := nearP(0xec), nearP(0xed), nearP(0xee)
	return [][32]byte{
		{}, {1}, eighth, other, below, p, above,
		topBit(eighth), topBit(other), topBit(below), topBit(p), topBit(above),
	}
}

// basePoint is the encodings of u = 9.
func basePoint() [][32]byte {
	nine, above := [32]byte{9}, nearP(0xf6)
	return [][32]byte{nine, above, topBit(nine), topBit(above)}
}

// nearP is p = 2^255 - 19 with another lowest byte than 0xed.
func nearP(lowest byte) [32]byte {
	var b [32]byte
	for i := range b {
		b[i] = 0xff
	}
	b[0], b[31] = lowest, 0x7f
	return b
}

// topBit sets the bit that X25519 ignores (NOISE-018).
func topBit(b [32]byte) [32]byte {
	b[31] |= 0x80
	return b
}
