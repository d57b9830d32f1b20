package runner

import (
	"context"
	"time"

	"ockamtest/conformance"
)

// runGroup runs the control, then each case and the control again after it. It adds one result for each case of the group that no other worker has
// taken, and one for the control if it is the first to enter. It returns false for a worker that has found its peer not working while another one's
// works: it takes one case, to tell, and leaves the others to those who can run them.
func (r *run) runGroup(ctx context.Context, s *share, entry int) bool {
	g := s.group
	var control attempt
	if g.controlled() {
		control = r.firstControl(ctx, s, entry)
	}
	retried := true // the first control may not be tried again; one that failed after a case may
	for i, ok := r.queue.take(s); ok; i, ok = r.queue.take(s) {
		it, place := g.items[i], s.place(i)
		if control.verdict != passed && !retried && it.skipped == "" {
			control, retried = r.again(ctx, g), true
		}
		r.controls = afterCase(place)
		f := finding{parameters: it.parameters}
		if result, ok := r.withheld(ctx, g, it, control); ok {
			f.tell(&result)
			r.queue.add(place, result)
			if it.skipped == "" && control.verdict != passed && r.queue.leave(s) {
				return false
			}
			continue
		}
		r.queue.begin(g, it.ID)
		t := trial{it.Case, 0, r.timeoutOf(it.Case), r.quiet(control.pace)}
		a := r.play(ctx, g, t, it.parameters)
		if a.links > 0 || a.inside || a.verdict != inapplicable { // else nothing has happened since the last control
			control, retried = r.liveness(ctx, g, control.pace, a.died), false
		}
		if f.attempt = a; f.narrowed() && control.verdict == passed {
			f = r.narrow(ctx, g, t, f, place)
			control = r.liveness(ctx, g, control.pace, f.attempt.died)
		}
		result := r.judge(g, it.Case, f.blamed(), control)
		f.tell(&result)
		r.queue.add(place, result)
	}
	return true
}

// Attempts at the control have numbers that follow from where they stand in the plan, so that no two are the same whoever makes them, and a run
// with the same seed sends the same. A worker's first controls in a group come first, then those after a case. None is 0, which is the control
// itself when it is played as a case: on datagrams the same m1 would be a repeat (TRAN-014).
const (
	controlShift = 10
	caseControls = 1 << (controlShift - 1)
)

func beforeCases(place, entry int) uint64 { return uint64(place)<<controlShift + 2*uint64(entry) + 1 }
func afterCase(place int) uint64          { return uint64(place)<<controlShift + caseControls }
func narrowing(place int) uint64          { return uint64(place)<<controlShift + caseControls - 1 } // of the case, which may be the control

// withheld returns the result of a case that cannot be run.
func (r *run) withheld(ctx context.Context, g group, it item, control attempt) (conformance.Result, bool) {
	result := r.blank(g, it.Case)
	result.Outcome = conformance.NotRun
	switch {
	case it.skipped != "":
		result.Outcome, result.Reason = conformance.Skipped, it.skipped
	case ctx.Err() != nil:
		r.stopped = conformance.StoppedInterrupted
		result.Reason = reasonInterrupted
	case control.verdict != passed:
		r.withhold(&result, control)
	case r.halted() == conformance.StoppedFailFast:
		result.Reason = reasonFailFast
	default:
		return conformance.Result{}, false
	}
	return result, true
}

// withhold says why a control that did not pass keeps a case from being run.
func (r *run) withhold(result *conformance.Result, control attempt) {
	switch control.verdict {
	case inapplicable:
		result.Outcome, result.Reason = conformance.Unsupported, control.reason
	case unreachable:
		result.Reason = reasonUnreachable + control.reason
	case trouble:
		result.Outcome, result.Reason = r.outcomeUnreset(), "the positive control could not be run: "+control.reason
	case interrupted:
		result.Reason = control.reason
	case passed, failed, timedOut:
		result.Requirement, result.Reason = control.failure.Requirement, "the positive control failed: "+control.finding()
	}
}

const reasonUnreachable = "the peer could not be reached: "

// firstControl runs the control with which a worker begins in a group, and adds its result for the first one. A peer that failed at once, without a
// byte, gets a second chance: it may just be starting. One that said something wrong does not, for a rare fault is a fault.
func (r *run) firstControl(ctx context.Context, s *share, entry int) attempt {
	g := s.group
	a := attempt{verdict: interrupted, reason: reasonFailFast}
	switch why, known := r.halted(), r.queue.known(s); {
	case why == conformance.StoppedInterrupted:
		a.reason = reasonInterrupted
	case why != "":
	case known != nil && entry > 0:
		return *known
	default:
		r.controls = beforeCases(s.slot, entry)
		r.queue.begin(g, g.control.ID)
		a = r.afresh(ctx, g)
		if (a.verdict == failed || a.verdict == unreachable) && a.heard == 0 && a.took < r.cfg.scaled(retryWithin) {
			a = r.control(ctx, g, 0)
		}
		r.queue.opened(s, a)
	}
	if entry == 0 {
		result := r.controlResult(g, a)
		finding{parameters: g.plain}.tell(&result)
		r.queue.add(s.slot, result)
	}
	return a
}

// control runs the control once. pace is what the last one took.
func (r *run) control(ctx context.Context, g group, pace time.Duration) attempt {
	timeout := controlFactor * r.cfg.Patience
	if r.queue.despairs() {
		timeout = r.cfg.Patience * 6 / 5 // one answer may be waited for, so that the requirement that wants it is named
	}
	a := r.try(ctx, g, trial{g.control, r.controls, timeout, r.quiet(pace)})
	r.controls++
	if a.verdict == passed {
		r.queue.prove()
	}
	return a
}

func (r *run) openTimeout() time.Duration {
	if r.queue.despairs() {
		return r.cfg.Patience
	}
	return openFactor * r.cfg.Patience
}

func (r *run) timeoutOf(c conformance.Case) time.Duration {
	if c.Long() {
		return 2 * r.cfg.Timeout
	}
	return r.cfg.Timeout
}

// quiet is how long silence has to last, following the peer's pace. A case may wait for silence within a handshake, so the peer's
// deadline must not pass meanwhile.
func (r *run) quiet(pace time.Duration) time.Duration {
	longest := maxQuiet
	if d := r.info.HandshakeDeadline; d > 0 {
		longest = min(longest, d/quietPerDeadline)
	}
	return min(r.cfg.scaled(max(minQuiet, quietFactor*pace)), longest)
}
