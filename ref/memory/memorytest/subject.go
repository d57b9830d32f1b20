package memorytest

import (
	"bytes"
	"errors"
	"runtime/debug"

	"ockamtest/ref/memory"
)

// A subject is the allocator that a check examines.
type subject struct {
	T
	memory.Allocator
	asserted int // comparisons made: a check that makes none is a mistake
}

// allocate returns a buffer of n bytes, or stops the check.
func (s *subject) allocate(n int) []byte {
	s.Helper()
	s.asserted++
	b, err := s.Allocate(n)
	if err != nil {
		s.Fatalf("Allocate(%d): %v", n, err)
	}
	if b == nil || len(b) != n || cap(b) != n {
		s.Fatalf("Allocate(%d): nil %t, length %d, capacity %d", n, b == nil, len(b), cap(b))
	}
	return b
}

// zero checks that a new buffer is.
func (s *subject) zero(op string, b []byte) {
	s.Helper()
	s.asserted++
	if !bytes.Equal(b, make([]byte, len(b))) {
		s.Errorf("%s: a new buffer of %d bytes is not zero", op, len(b))
	}
}

// refuses checks that n bytes are out of memory.
func (s *subject) refuses(op string, n int) {
	s.Helper()
	s.asserted++
	b, err := s.Allocate(n)
	if !errors.Is(err, memory.ErrOutOfMemory) || b != nil {
		s.Errorf("%s: Allocate(%d) gave %d bytes and error %v, want none and %v", op, n, len(b), err, memory.ErrOutOfMemory)
	}
	if err == nil {
		s.Release(b)
	}
}

// holds checks that b is filled with x.
func (s *subject) holds(op string, b []byte, x byte) {
	s.Helper()
	s.asserted++
	if !filled(b, x) {
		s.Errorf("%s: a buffer of %d bytes lost its content", op, len(b))
	}
}

// gone checks that nothing of a released buffer can be read any more.
func (s *subject) gone(op string, b []byte) {
	s.Helper()
	s.asserted++
	if !zeroOrUnmapped(b) {
		s.Errorf("%s: a buffer of %d bytes is not wiped", op, len(b))
	}
}

// zeroOrUnmapped reads memory that its owner may have returned to the system, where a read faults.
func zeroOrUnmapped(b []byte) (gone bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			gone = true
		}
	}()
	return filled(b, 0)
}

func fill(b []byte, x byte) {
	for n := copy(b, []byte{x}); n < len(b); n *= 2 {
		copy(b[n:], b[:n])
	}
}

func filled(b []byte, x byte) bool { return bytes.Count(b, []byte{x}) == len(b) }
