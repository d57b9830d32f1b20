package key

import "fmt"

// An Error tells which message of a handshake failed and which requirement that broke (CHAN-007). It never holds key material or a
// peer's bytes.
type Error struct {
	Message     int    // from 1
	Requirement string // "NOISE-005"; empty if the peer broke none, as when the vault failed
	Err         error
}

// Error returns "m2: …".
func (e *Error) Error() string { return fmt.Sprintf("m%d: %v", e.Message, e.Err) }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }
