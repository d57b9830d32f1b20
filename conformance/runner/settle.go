package runner

import (
	"context"
	"time"
)

// confirmations is how often the want of an answer has to be seen where datagrams may be lost.
const confirmations = 2

// settle executes a case. That an answer did not come over a network that may have lost it, or what it was to answer, is no finding until
// it has been seen twice in at most three attempts: a network that loses one datagram in a hundred accuses nobody, and a peer that does
// not answer is accused all the same. What did come is a finding at once.
func (r *run) settle(ctx context.Context, g group, t trial) attempt {
	return r.confirm(func(again uint64) attempt {
		t.attempt = again << attemptShift
		return r.try(ctx, g, t)
	})
}

// attemptShift keeps the attempts at a case apart from those at the control.
const attemptShift = 32

// liveness runs the control after a case, as settle does. pace is what the last one took.
func (r *run) liveness(ctx context.Context, g group, pace time.Duration) attempt {
	return r.confirm(func(uint64) attempt { return r.control(ctx, g, pace) })
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
	return a.verdict == failed && a.reason == "" && a.silent && !r.info.Lossless
}
