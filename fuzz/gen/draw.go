package gen

import (
	"math"
	"math/rand"
)

// A draw takes values from a stream of random numbers. gofuzz and gopter both offer one as a *rand.Rand, so that a Filler and a
// generator share every distribution below.
type draw struct{ *rand.Rand }

// edge decides whether the next value is one at a limit: three times in ten.
func (d draw) edge() bool { return d.Intn(10) < 3 }

// pick returns one of the values.
func pick[T any](d draw, values ...T) T { return values[d.Intn(len(values))] }

// length draws a length from 0 to max: mostly short, at the edges 0, the powers of two that matter to codecs, and max.
func (d draw) length(max int) int {
	if !d.edge() {
		return d.Intn(min(max, 64) + 1)
	}
	return min(max, pick(d, 0, 1, 2, 15, 16, 17, 127, 128, 129, 255, 256, 257, 1008, 1024, 1025, max-min(max, 1), max))
}

// counter draws a nonce counter; its edges are those of version 1 (REC-003) and of the integers that hold one.
func (d draw) counter() uint64 {
	if !d.edge() {
		return uint64(d.Intn(1 << 17))
	}
	return pick[uint64](d, 0, 1, 255, 256, 65534, 65535, 65536, math.MaxUint32, math.MaxUint32+1, math.MaxInt64, math.MaxUint64)
}

// port draws a port; its edges show a wrong byte order.
func (d draw) port() uint16 {
	if !d.edge() {
		return uint16(d.Intn(1 << 16))
	}
	return pick[uint16](d, 0, 1, 80, 255, 256, 4000, 65535)
}

// bytes draws n bytes; at the edges all are the same.
func (d draw) bytes(n int) []byte {
	b := make([]byte, n)
	if !d.edge() {
		_, _ = d.Read(b) // never fails
		return b
	}
	same := pick[byte](d, 0x00, 0x01, 0x02, 0x03, 0x7f, 0x80, 0xff)
	for i := range b {
		b[i] = same
	}
	return b
}
