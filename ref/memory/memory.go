// Package memory defines the pluggable allocator from which the reference implementation takes every buffer that
// holds a secret (specification section 10, area MEM), and two implementations: Heap, the default, and Bounded, a fixed number of
// bytes as an embedded device has. Package memory/locked has a third, whose pages are not swapped. memory/memorytest has the
// contract test for all of them.
//
// An allocator is in charge of its own buffers only. What a cryptographic library copies out of them (crypto/aes, crypto/ecdh,
// circl), what the compiler spills to stacks, and what the garbage collector has not reused yet is out of reach (MEM-001); the
// packages that call such libraries name those copies.
//
// Allocators are safe for concurrent use.
package memory

import "errors"

// ErrOutOfMemory is returned by an Allocator that refuses a request (MEM-002).
var ErrOutOfMemory = errors.New("memory: out of memory")

// An Allocator hands out buffers for secrets and takes them back.
//
// Implementations are safe for concurrent use.
type Allocator interface {
	// Allocate returns a zeroed buffer of length and capacity n bytes, n >= 0, owned by the caller until Release.
	// It fails with an error that wraps ErrOutOfMemory when the request cannot be met; a negative n never can.
	Allocate(n int) ([]byte, error)

	// Release wipes the whole capacity of b and takes it back; the caller must not use b, or any slice that
	// shares its array, afterwards. b is a buffer returned by Allocate, with its original start. Release(nil) does
	// nothing.
	Release(b []byte)
}
