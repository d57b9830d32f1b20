package channel

import (
	"errors"
	"fmt"
)

// What callers branch on. Errors of packages wire, key, and vault are wrapped too.
var (
	// ErrConfig: New was given a Config that does not make a channel.
	ErrConfig = errors.New("channel: invalid configuration")
	// ErrNotOpen: a write before open (CHAN-002).
	ErrNotOpen = errors.New("channel: not open")
	// ErrClosed: the channel was closed on this side (CHAN-004).
	ErrClosed = errors.New("channel: closed")
	// ErrFailed: the channel has failed before; the first cause is wrapped too (CHAN-004).
	ErrFailed = errors.New("channel: failed")
	// ErrNotStarted: a call that has to come after Start.
	ErrNotStarted = errors.New("channel: not started")
	// ErrStarted: Start was called before.
	ErrStarted = errors.New("channel: already started")
	// ErrDeadline: the handshake took too long (NOISE-013).
	ErrDeadline = errors.New("channel: handshake deadline exceeded")
	// ErrCanceled: the owner gave up; the owner's error is wrapped too.
	ErrCanceled = errors.New("channel: canceled")
	// ErrTooLong: more application bytes than Limit, or a wire message longer than the limit (REC-010). A write that fails with it has
	// used no counter.
	ErrTooLong = errors.New("channel: message too long")
	// ErrUnexpected: a message that the state and role do not accept (CHAN-001, CHAN-003).
	ErrUnexpected = errors.New("channel: unexpected message")
	// ErrNotAddressed: a message that is for somebody else (ROUT-001). It did not reach the channel and was dropped.
	ErrNotAddressed = errors.New("channel: message is for another address")
	// ErrUnsendable: a message that calls for an answer, from an address that is never sent to (WIRE-013).
	ErrUnsendable = errors.New("channel: source cannot be sent to")
	// ErrReplayed: a record that was received before (REC-007).
	ErrReplayed = errors.New("channel: record was received before")
	// ErrInner: a record verified and its counter is used up, but the inner message is malformed or of another type (REC-009).
	ErrInner = errors.New("channel: malformed inner message")
	// ErrCannotTravel: the profile has no encoding for the message (section 11).
	ErrCannotTravel = errors.New("channel: message cannot be encoded in this profile")
)

// A Step is the step in which something went wrong (CHAN-007).
type Step string

// The steps of a channel.
const (
	StepM1     Step = "m1"
	StepM2     Step = "m2"
	StepM3     Step = "m3"
	StepRecord Step = "record"
	StepWrite  Step = "write"
	StepWait   Step = "wait" // deadline, cancellation
)

// An Error tells which step went wrong and which requirement was broken (CHAN-007). It never holds key material or a peer's bytes.
// Whether the channel has failed with it, State tells.
type Error struct {
	Step        Step
	Requirement string // "NOISE-005"; empty if none was broken
	Err         error
}

// Error returns "m2: … (NOISE-005)".
func (e *Error) Error() string {
	if e.Requirement == "" {
		return fmt.Sprintf("%s: %v", e.Step, e.Err)
	}
	return fmt.Sprintf("%s: %v (%s)", e.Step, e.Err, e.Requirement)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }
