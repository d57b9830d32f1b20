package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"ockamtest/conformance"
)

// A verdict is how an attempt at a case ended, before it is known whether the peer lives on.
type verdict int

const (
	passed       verdict = iota
	failed               // a Failure, or the peer's process died
	timedOut             // neither passed nor failed in the time given
	inapplicable         // the peer declares that it lacks what the case needs
	unreachable          // no session could be made
	trouble              // the kit's own
	interrupted          // the run was stopped before the attempt or while it was made
)

// Why a case was not run.
const (
	reasonInterrupted = "the run was interrupted"
	reasonFailFast    = "the run ended at the first failure"
)

// An attempt is one execution of a case against the peer.
type attempt struct {
	verdict verdict
	failure conformance.Failure // if failed or timedOut
	reason  string              // of every other verdict but passed; what came on top of a failure

	died    bool          // the peer's process
	greedy  bool          // and for what it took
	found   string        // what became of the peer's process when it did not answer
	links   int           // sessions made
	inside  bool          // the inside of the peer was seen
	heard   int           // bytes received
	silent  bool          // nothing came when last something was waited for, over UDP
	took    time.Duration // all of it
	pace    time.Duration // without waiting for connections
	entries []conformance.Entry
}

// A trial is what an attempt is made of.
type trial struct {
	conformance.Case
	attempt uint64        // see newRandom, settle
	timeout time.Duration // connecting not counted
	quiet   time.Duration
}

// try executes a case once. Whatever the case does, its links are closed afterwards and a panic is its error.
func (r *run) try(ctx context.Context, g group, t trial) attempt {
	hard, cancel := context.WithTimeout(ctx, t.timeout+maxOpens*r.openTimeout())
	defer cancel()
	e := &env{
		run: r, group: g, ctx: hard, timeout: t.timeout, quiet: t.quiet,
		random: newRandom(r.cfg.Seed, t.ID, g.need, t.attempt),
		recorder: &recorder{
			clock: r.cfg.Clock, began: r.cfg.Clock(),
			describe: newDescriber(r.cfg.Describe, g.profile),
		},
	}
	panicked, err := call(hard, e, t.Case)
	e.close()
	a := attempt{links: len(e.links), inside: e.inside, heard: e.heard, silent: e.silent, took: e.took(), pace: e.took() - e.opening}
	a.conclude(t, err, panicked, e.expired)
	if death := r.cfg.Peer.Death(); death != nil {
		e.recorder.event(0, "the peer died: "+death.Error())
		a.die(t, death)
	}
	r.noteEnds(e, a.verdict)
	if ctx.Err() != nil {
		r.stopped = conformance.StoppedInterrupted
		a.verdict, a.reason = interrupted, reasonInterrupted
	}
	a.entries = e.recorder.transcript()
	return a
}

// maxOpens bounds how often a case can wait for a connection as long as is allowed.
const maxOpens = 8

// call runs the case; panicked has the stack if it did.
func call(ctx context.Context, e *env, c conformance.Case) (panicked string, err error) {
	defer func() {
		if p := recover(); p != nil {
			panicked = fmt.Sprintf("the case panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return "", c.Run(ctx, e)
}

// conclude turns what the case returned into a verdict.
func (a *attempt) conclude(t trial, err error, panicked string, expired bool) {
	var failure *conformance.Failure
	var lacks *conformance.Inapplicable
	isFailure := errors.As(err, &failure)
	if isFailure {
		a.failure = *failure
		if a.failure.Requirement == "" {
			a.failure.Requirement = t.Requirements[0]
		}
	}
	switch {
	case panicked != "":
		a.verdict, a.reason = trouble, panicked
	case err == nil && a.links == 0 && !a.inside:
		a.verdict, a.reason = trouble, "the case passed without a session with the peer"
	case err == nil:
		a.verdict = passed
	case expired || errors.Is(err, errTimeout):
		// What the case made of an exhausted link is no finding, but it is the best description there is.
		a.verdict, a.reason = timedOut, fmt.Sprintf("not done in %v", t.timeout)
		if !isFailure {
			a.failure = conformance.Failure{
				Requirement: t.Requirements[0], Expected: "the exchange to come to an end", Actual: "it goes on",
			}
		}
	case isFailure:
		a.verdict = failed
	case errors.As(err, &lacks):
		a.verdict, a.reason = inapplicable, lacks.Reason
	case errors.Is(err, conformance.ErrTooLong):
		a.verdict, a.reason = inapplicable, err.Error()
	case errors.Is(err, conformance.ErrStalled): // whether it is slow or hangs, the control after it tells
		a.verdict, a.reason = timedOut, "the peer takes no more bytes"
		a.failure = conformance.Failure{Requirement: t.Requirements[0], Expected: "the peer to read on", Actual: a.reason}
	case errors.Is(err, conformance.ErrUnreachable):
		a.verdict, a.reason = unreachable, afterUnreachable(err)
	default:
		a.verdict, a.reason = trouble, err.Error()
	}
}

// afterUnreachable is what the attachment says of an unreachable peer, without the operations that led there.
func afterUnreachable(err error) string {
	if _, detail, found := strings.Cut(err.Error(), conformance.ErrUnreachable.Error()+": "); found {
		return detail
	}
	return err.Error()
}

// die makes the death of the peer's process the finding, on top of what the case found of its own requirements: any other failure may be no more
// than that nothing was heard again, or that the next session met a process that was dying.
func (a *attempt) die(t trial, death error) {
	a.died = true
	if a.verdict == trouble {
		a.reason += "\nthe peer died: " + death.Error()
		return
	}
	a.greedy = errors.Is(death, conformance.ErrExhausting)
	switch {
	case a.verdict == failed && slices.Contains(t.Requirements, a.failure.Requirement):
	case a.greedy:
		a.failure = conformance.Failure{
			Requirement: boundedBy(t.Requirements), Expected: "the peer to do bounded work in bounded memory", Actual: "it did not, and was ended",
		}
	default:
		a.failure = conformance.Failure{
			Requirement: t.Requirements[0], Expected: "the peer to live on", Actual: "it died", // the reason tells how
		}
	}
	a.verdict, a.reason = failed, "the peer died: "+death.Error()
}

// boundedBy is the one of a case's requirements by which what a peer does or keeps is bounded, else the first.
func boundedBy(requirements []string) string {
	for _, id := range requirements {
		switch id {
		case "REC-012", "CHAN-012", "TRAN-013", "TRAN-021", "TRAN-023":
			return id
		}
	}
	return requirements[0]
}

// finding describes in one line why the attempt did not pass.
func (a *attempt) finding() string {
	if a.verdict != failed && a.verdict != timedOut {
		return a.reason
	}
	if a.reason == "" {
		return a.failure.Error()
	}
	return a.failure.Error() + " (" + a.reason + ")"
}
