package gen

import (
	"fmt"
	"slices"

	"github.com/leanovate/gopter"

	"ockamtest/ref/wire"
)

// Address generates a canonical wire.Address.
func Address() gopter.Gen {
	return generator(draw.address, shrinkAddress, func(a wire.Address) bool { return a.Validate() == nil })
}

// Spelling generates a wire.Address in any form that decoders accept, also those that encoders do not write (WIRE-013).
func Spelling() gopter.Gen {
	return generator(func(d draw) wire.Address { return d.spelling(d.address()) }, shrinkAddress,
		func(a wire.Address) bool { return a.Canonical().Validate() == nil })
}

// Route generates a wire.Route of at most max canonical addresses.
func Route(max int) gopter.Gen {
	return generator(func(d draw) wire.Route { return d.route(max) }, shrinkRoute, isCanonical)
}

// Message generates a wire.Message that the dialect can carry.
func Message(dialect wire.Dialect) gopter.Gen {
	return generator(func(d draw) wire.Message { return d.message(dialect) }, shrinkMessage, func(m wire.Message) bool {
		return fits(dialect, &m) && isCanonical(m.Onward) && isCanonical(m.Return)
	})
}

// Counter generates a nonce counter, a uint64 that may be beyond the limit of REC-003.
func Counter() gopter.Gen {
	return generator(draw.counter, shrinkNumber, func(uint64) bool { return true })
}

// Length generates an int from 0 to max.
func Length(max int) gopter.Gen {
	return generator(func(d draw) int { return d.length(max) }, shrinkNumber, func(int) bool { return true })
}

// Bytes generates up to max bytes.
func Bytes(max int) gopter.Gen {
	return generator(func(d draw) []byte { return d.bytes(d.length(max)) }, shrinkBytes, func([]byte) bool { return true })
}

func isCanonical(r wire.Route) bool {
	return !slices.ContainsFunc(r, func(a wire.Address) bool { return a.Validate() != nil })
}

// generator makes a Gen of a function that draws a value, one that lists simpler values than a given one, best first, and one
// that says which of these are valid. What is listed has to be simpler by a measure that has an end, so that shrinking ends. It
// is made when it is asked for: of a long route there are thousands of simpler ones, and mostly one of the first will do.
func generator[T any](value func(draw) T, simpler func(T) []func() T, valid func(T) bool) gopter.Gen {
	shrinker := func(v any) gopter.Shrink {
		rest := simpler(as[T](v))
		return func() (any, bool) {
			if len(rest) == 0 {
				return nil, false
			}
			next := rest[0]()
			rest = rest[1:]
			return next, true
		}
	}
	return func(p *gopter.GenParameters) *gopter.GenResult {
		result := gopter.NewGenResult(value(draw{p.Rng}), shrinker)
		result.Sieve = func(v any) bool { return valid(as[T](v)) }
		return result
	}
}

// as is v's value; gopter hands back what a generator of T made.
func as[T any](v any) T {
	value, ok := v.(T)
	if !ok {
		panic(fmt.Sprintf("gen: %T from a generator of %T", v, value))
	}
	return value
}
