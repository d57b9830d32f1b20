package conformance

import (
	"context"
	"errors"
	"time"
)

// ErrExhausting is wrapped by a Death for which the kit has ended a process that went on taking memory or computing time.
var ErrExhausting = errors.New("conformance: peer takes memory or computing time without end")

// A SupervisedPeer is a Peer whose process the kit has started and watches.
type SupervisedPeer interface {
	Peer
	// Ended tells how processes of the peer have ended of their own accord since the last call, each with its status and its last words. That
	// is no fault in itself: Death tells of those whose end is one. It waits at most for settle for the end of a process whose sessions are
	// all over.
	Ended(settle time.Duration) []string
	// Revive is called when the peer does not answer. It gives a process that is dying the time to die, which Death tells then, ends one that
	// lives on, and returns what it has found, "" if no process ran. The next Open starts another one.
	Revive(ctx context.Context) string
}
