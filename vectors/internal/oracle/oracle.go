// Package oracle computes what the vectors expect: the codec, the handshake with its intermediate values, records, channels, and one
// hop, written from the specification (sections 3.1, 4, 5, 6, 7, 8, 9) with the standard library alone, as plainly as possible.
//
// It shares no code with the reference, keeps no secret, and takes no care of time or memory: it is for known keys. Each check and each
// value has a name, by which package mutants leaves a check out or changes a value. A Subject without changes is safe for
// concurrent use.
package oracle

import (
	"strings"

	"ockamtest/vectors"
)

// A Subject is a vectors.Subject that follows the specification but for what its fields say. The zero value follows it in all.
type Subject struct {
	vectors.Unsupported
	// Skip tells which checks and steps are left out. Nil: none.
	Skip func(name string) bool
	// Alter changes a value before it is used. It may return its argument, never change it in place. Nil: no change.
	Alter func(name string, value []byte) []byte
}

// check refuses what is not ok. A name is layer/class, or layer/class/where.
func (o Subject) check(name string, ok bool) error {
	if ok || !o.step(name) {
		return nil
	}
	layer, rest, _ := strings.Cut(name, "/")
	class, _, _ := strings.Cut(rest, "/")
	return &vectors.RefusalError{Layer: layer, Class: class}
}

// step tells whether a step is done.
func (o Subject) step(name string) bool { return o.Skip == nil || !o.Skip(name) }

// value returns b as it is used.
func (o Subject) value(name string, b []byte) []byte {
	if o.Alter == nil {
		return b
	}
	return o.Alter(name, b)
}
