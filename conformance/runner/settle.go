package runner

import (
	"context"
	"time"

	"ockamtest/conformance"
)

// confirmations is how often the want of an answer has to be seen where datagrams may be lost.
const confirmations = 2

// settle executes a case. That an answer did not come over a network that may have lost it, or what it was to answer, is no finding until
// it has been seen twice in at most three attempts: a network that loses one datagram in a hundred accuses nobody, and a peer that does
// not answer is accused all the same. What did come is a finding at once.
func (r *run) settle(ctx context.Context, g group, t trial) attempt {
	first := t.attempt
	return r.confirm(func(again uint64) attempt {
		t.attempt = first | again<<attemptShift
		return r.try(ctx, g, t)
	})
}

// attemptShift keeps the attempts at a case apart from those at the control.
const attemptShift = 32

// liveness runs the control after a case, as settle does. pace is what the last one took. A process that does not pass it is ended: if it hangs,
// it would take the cases after it along, and if it is dying, the next control must not meet it.
func (r *run) liveness(ctx context.Context, g group, pace time.Duration, died bool) attempt {
	a := r.confirm(func(uint64) attempt {
		if died && r.cfg.Reset != nil {
			return r.afresh(ctx, g)
		}
		return r.control(ctx, g, pace)
	})
	r.revive(ctx, &a)
	return a
}

// maxAgain is how often the control is run again on a new process before the next case.
const maxAgain = 3

// again runs the control before the next case, when that after the last one has failed. Where each attempt has a process of its own, one that
// says nothing or dies is no reason yet to give up the rest of the group.
func (r *run) again(ctx context.Context, g group) attempt {
	for n := 1; ; n++ {
		a := r.afresh(ctx, g)
		if revived := r.revive(ctx, &a); n == maxAgain || !revived || !a.died && a.heard > 0 {
			return a
		}
	}
}

// revive has the peer end a process that has not passed the control, and reports whether the next session has one of its own.
func (r *run) revive(ctx context.Context, a *attempt) bool {
	peer, ok := r.cfg.Peer.(conformance.SupervisedPeer)
	if !ok || ctx.Err() != nil || a.verdict != failed && a.verdict != timedOut && a.verdict != unreachable {
		return false
	}
	a.found = peer.Revive(ctx)
	if death := r.cfg.Peer.Death(); death != nil {
		a.died, a.found = true, "the peer died: "+death.Error()
	}
	return a.died || a.found != ""
}

// endSettle is how long, scaled, the end of a process is waited for whose sessions are over, when an attempt has not passed.
const endSettle = 200 * time.Millisecond

// noteEnds writes into the transcript how processes of the peer have ended.
func (r *run) noteEnds(e *env, v verdict) {
	peer, ok := r.cfg.Peer.(conformance.SupervisedPeer)
	if !ok {
		return
	}
	settle := time.Duration(0)
	if v != passed {
		settle = r.cfg.scaled(endSettle)
	}
	for _, end := range peer.Ended(settle) {
		e.recorder.event(0, end)
	}
}

func (r *run) confirm(try func(again uint64) attempt) attempt {
	var lost []attempt
	for again := uint64(0); ; again++ {
		a := try(again)
		switch {
		case r.mayBeLost(a):
			if lost = append(lost, a); len(lost) == confirmations {
				return a
			}
		case a.verdict == passed && len(lost) == 1 && again == 1: // one against one
		case a.verdict == passed && len(lost) == 1:
			a.reason = "two attempts of three passed, datagrams may be lost; in the other one: " + lost[0].finding()
			return a
		default:
			return a
		}
	}
}

// mayBeLost tells whether an attempt failed for want of an answer that the network may have lost.
func (r *run) mayBeLost(a attempt) bool {
	return a.verdict == failed && !a.died && a.silent && !r.info.Lossless
}
