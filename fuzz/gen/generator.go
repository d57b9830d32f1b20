package gen

import (
	"github.com/leanovate/gopter"

	"ockamtest/ref/wire"
)

// Address generates a canonical wire.Address.
func Address() gopter.Gen {
	return generator(draw.address, shrinkAddress)
}

// Spelling generates a wire.Address in any form that decoders accept, also those that encoders do not write (WIRE-013).
func Spelling() gopter.Gen {
	return generator(func(d draw) wire.Address { return d.spelling(d.address()) }, shrinkAddress)
}

// Route generates a wire.Route of at most max addresses.
func Route(max int) gopter.Gen {
	return generator(func(d draw) wire.Route { return d.route(max) }, shrinkRoute)
}

// Message generates a wire.Message that the dialect can carry.
func Message(dialect wire.Dialect) gopter.Gen {
	return generator(func(d draw) wire.Message { return d.message(dialect) }, func(m wire.Message) []wire.Message {
		return shrinkMessage(dialect, m)
	})
}

// Counter generates a nonce counter, a uint64 that may be beyond the limit of REC-003.
func Counter() gopter.Gen {
	return generator(draw.counter, func(n uint64) []uint64 { return smaller(n) })
}

// Length generates an int from 0 to max.
func Length(max int) gopter.Gen {
	return generator(func(d draw) int { return d.length(max) }, func(n int) []int { return smaller(n) })
}

// Bytes generates up to max bytes.
func Bytes(max int) gopter.Gen {
	return generator(func(d draw) []byte { return d.bytes(d.length(max)) }, shrinkBytes)
}

// generator makes a Gen of a function that draws a value and one that lists simpler values than a given one, best first. What it lists
// has to be simpler by a measure that has an end, so that shrinking ends.
func generator[T any](value func(draw) T, simpler func(T) []T) gopter.Gen {
	shrinker := func(v any) gopter.Shrink {
		rest := simpler(v.(T))
		return func() (any, bool) {
			if len(rest) == 0 {
				return nil, false
			}
			next := rest[0]
			rest = rest[1:]
			return next, true
		}
	}
	return func(p *gopter.GenParameters) *gopter.GenResult {
		return gopter.NewGenResult(value(draw{p.Rng}), shrinker)
	}
}
