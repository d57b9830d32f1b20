package sim

import (
	"math/bits"
	"time"

	"ockamtest/ref/wire"
)

// What is decided about a message, each from a number of its own. The last three are decided for each of two copies.
const (
	lossLane = iota
	duplicateLane
	jitterLane
	corruptLane = jitterLane + 2
	bitLane     = corruptLane + 2
)

// golden is 2^64 divided by the golden ratio; its multiples are far apart.
const golden = 0x9e3779b97f4a7c15

// mix is the finalizer of SplitMix64: each bit of x changes half of the result's.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// A dice is all the chance that one message meets.
type dice uint64

// throw returns the number of a lane.
func (d dice) throw(lane int) uint64 { return mix(uint64(d) + uint64(lane+1)*golden) }

// chance reports whether something happens that is as likely as p.
func (d dice) chance(lane int, p float64) bool {
	return p > 0 && float64(d.throw(lane)>>11) < p*(1<<53)
}

// upTo returns one of 0 to n, with equal chances.
func (d dice) upTo(lane int, n uint64) uint64 {
	if n == 0 {
		return 0
	}
	high, _ := bits.Mul64(d.throw(lane), n+1)
	return high
}

// jitter returns a duration of 0 to j.
func (d dice) jitter(lane int, j time.Duration) time.Duration {
	return time.Duration(d.upTo(lane, uint64(j)))
}

// keyOf is the seed of what is sent from one address to another.
func keyOf(seed uint64, from, to wire.Address) uint64 {
	h := mix(seed + golden)
	for _, a := range []wire.Address{from, to} {
		value := a.AppendValue([]byte{byte(a.Type()), byte(a.Host()), byte(a.Port() >> 8), byte(a.Port()), byte(a.Len())})
		for _, b := range value {
			h = mix(h + golden ^ uint64(b))
		}
	}
	return h
}
