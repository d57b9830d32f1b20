package tcp

import (
	"context"
	"time"
)

// interrupt lets the end of ctx end a blocked call on a connection or listener, through the deadline that set sets. The function that
// it returns undoes it after the call: no goroutine and no deadline is left behind (IO-006).
func interrupt(ctx context.Context, set func(time.Time) error) (done func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(fired)
		_ = set(time.Unix(1, 0)) // fails only when closed, and then the call ends anyway
	})
	return func() {
		if !stop() {
			<-fired
			_ = set(time.Time{})
		}
	}
}

// wait waits for d, and less when ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
