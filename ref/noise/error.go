package noise

import (
	"errors"
	"fmt"
)

// What callers branch on. A bad tag is vault.ErrAuthentication, a bad point vault.ErrInvalidPublicKey, an all-zero DH result
// vault.ErrWeakPublicKey; any other error of the vault is wrapped as it is.
var (
	// ErrConfig: NewHandshakeState was given a Config that does not make a handshake.
	ErrConfig = errors.New("noise: invalid configuration")
	// ErrOutOfTurn: a call that the role and the messages so far do not allow.
	ErrOutOfTurn = errors.New("noise: call out of turn")
	// ErrIncomplete: a function that Atomically ran succeeded, but not all the calls that it made.
	ErrIncomplete = errors.New("noise: a call within failed")
	// ErrMessageLength: a message shorter than its fixed parts, or longer than MaxMessage (NOISE-006).
	ErrMessageLength = errors.New("noise: wrong message length")
	// ErrShortBuffer: the output does not fit the capacity of dst.
	ErrShortBuffer = errors.New("noise: output buffer too small")
	// ErrReflection: a public key of the peer is one of our own (NOISE-016).
	ErrReflection = errors.New("noise: peer's public key is our own")
	// ErrRefused: Verify refused the peer's static key; its error is wrapped too (NOISE-011).
	ErrRefused = errors.New("noise: peer's static key refused")
	// ErrClosed: the handshake is closed and its secrets are destroyed.
	ErrClosed = errors.New("noise: closed")
)

// An Error tells where in a handshake an error occurred.
type Error struct {
	Message int // 1, 2, or 3
	Token   Token
	Err     error
}

// Error returns "m2: payload: …".
func (e *Error) Error() string { return fmt.Sprintf("m%d: %v: %v", e.Message, e.Token, e.Err) }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }
