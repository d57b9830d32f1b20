package conformance

import (
	"context"
	"time"
)

// A Reading is how the application of the echo contract reads, which no wire shows if it is right. The zero Reading is its own way.
type Reading struct {
	// Buffer is how many bytes it reads at once, at most; what does not fit it reads on (IO-002). 0 is enough for every message.
	Buffer int
	// GiveUp is how long it waits for a message before it gives up the read and begins anew (IO-006). 0 is for ever.
	GiveUp time.Duration
}

// A ReadingEnv is an Env through which a case that NeedsReading makes sessions.
type ReadingEnv interface {
	Env
	// OpenReading is Open for a session with a peer whose application reads in this way. It is an *Inapplicable where a peer cannot be told.
	OpenReading(ctx context.Context, how Reading) (Link, error)
}
