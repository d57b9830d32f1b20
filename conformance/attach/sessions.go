package attach

import (
	"context"
	"sync"
	"time"
)

// How an initiator over UDP begins sessions: nothing tells it that the kit has closed one.
const (
	// offerFor is how long an m1 is offered: a session begins when the one before has heard something, or after this time.
	offerFor = 500 * time.Millisecond
	// sessionIdle is how long a session goes on without a datagram.
	sessionIdle = 30 * time.Second
	// maxSessions is how many go on at once; at the bound the oldest gives way.
	maxSessions = 32
)

// beginSessions begins one session after the other until ctx ends, and waits for all of them. begin starts one, whose goroutines run starts,
// and returns a channel that is closed when the session has heard something.
func beginSessions(ctx context.Context, begin func(session context.Context, run func(func())) (heard <-chan struct{}, err error)) error {
	var running sync.WaitGroup
	defer running.Wait()
	var ends []context.CancelFunc
	defer func() {
		for _, end := range ends {
			end()
		}
	}()
	for ctx.Err() == nil {
		session, end := context.WithCancel(ctx)
		if ends = append(ends, end); len(ends) > maxSessions {
			ends[0]()
			ends = ends[1:]
		}
		heard, err := begin(session, running.Go)
		if err != nil {
			return err
		}
		stopped(ctx, offerFor, heard)
	}
	return nil
}
