// Package gen makes values of the wire message (specification section 4) for tests, in two ways that draw from the same
// distribution:
//
//   - FromBytes turns the bytes of a `go test -fuzz` target into messages, routes, addresses, lengths, and counters, over
//     github.com/google/gofuzz. The same bytes give the same values. There is no shrinking: the fuzzer makes its bytes fewer.
//   - Address, Route, Message, and the others are generators for github.com/leanovate/gopter, with shrinkers. Check runs a
//     property with a seed that it prints and accepts (OCKAMTEST_SEED).
//
// About three values in ten are edges: the limits of the format and what is next to them, addresses with a meaning of their own.
// Generated values are canonical, so that the encoder takes them, unless the name says otherwise. The package does not make
// malformed bytes; that is the work of mutators. It is for tests only: it panics when misused. A Filler serves one goroutine;
// generators are safe for concurrent use.
package gen
