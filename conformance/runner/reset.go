package runner

import (
	"context"
	"time"

	"ockamtest/conformance"
)

// How long a peer is waited for after a reset, scaled: while it says nothing the control is run again, with growing pauses.
const (
	comeBack     = 30 * time.Second
	firstPause   = 50 * time.Millisecond
	longestPause = 2 * time.Second
)

// afresh runs the control after a reset, if the peer can be reset: before the first session of a group, after each case in which it has died, and
// before the next case if it did not answer after the last one. A reset that fails, and a peer that was there before and does not come back, are
// trouble.
func (r *run) afresh(ctx context.Context, g group) attempt {
	if r.cfg.Reset == nil {
		return r.control(ctx, g, 0)
	}
	if ctx.Err() == nil {
		if err := r.cfg.Reset(ctx, g.need); err != nil && ctx.Err() == nil {
			a := attempt{verdict: trouble, reason: "before the control as " + name(g.need) + ": " + err.Error()}
			r.queue.lose(a.reason)
			r.unreset = true
			return a
		}
	}
	began := r.cfg.Clock()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		a := r.control(ctx, g, 0)
		if !a.mute() {
			return a
		}
		if r.cfg.Clock().Sub(began) >= r.cfg.scaled(comeBack) || !waited(ctx, pause) {
			if r.queue.worked() && ctx.Err() == nil {
				r.queue.lose(name(g.need) + ": it has not come back after --reset: " + a.finding())
			}
			return a
		}
	}
}

// mute tells that nothing was heard of the peer, though it was waited for, and that nobody knows why.
func (a *attempt) mute() bool {
	return a.heard == 0 && !a.died && (a.verdict == failed || a.verdict == timedOut || a.verdict == unreachable)
}

// waited waits, and reports whether ctx is still there.
func waited(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// outcomeUnreset is the outcome of a case that is not run for the kit's own trouble: that of the first one tells of a reset that has failed.
func (r *run) outcomeUnreset() conformance.Outcome {
	if r.unreset {
		r.unreset = false
		return conformance.Error
	}
	return conformance.NotRun
}

// lose says why the peer cannot be reached any more.
func (q *queue) lose(why string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.lost == "" {
		q.lost = why
	}
}

// worked tells whether a control has passed.
func (q *queue) worked() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.proven
}
