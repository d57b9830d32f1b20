package expect

import (
	"fmt"
	"time"

	"ockamtest/conformance"
)

// Bless returns the list that predicts what a run has shown: entries that were borne out stay as they are, refuted and stale ones go, and each
// failure that none has predicted gets one, for its place alone. An unexpected pass is a pass again. Judge comes before it, and has to be called
// again with the new list. now is the day of the run.
func (l *List) Bless(results *conformance.Results, now time.Time) *List {
	next := &List{Name: l.Name}
	for i, e := range l.Entries {
		s := l.states[i]
		if s.borneOut && !s.refuted || !s.covered && !s.refuted && !e.expired(now) { // what was not run is not known to be wrong
			next.Entries = append(next.Entries, e)
		}
	}
	for i := range results.Results {
		r := &results.Results[i]
		if r.Outcome == conformance.UnexpectedPass {
			r.Outcome, r.Reason = conformance.Pass, ""
		}
		if r.Outcome != conformance.Fail || r.Implied {
			continue
		}
		e := Entry{
			Case: r.Case, Requirement: r.Requirement, Role: r.Role, Transport: r.Transport, Profile: r.Profile, Depth: r.Depth,
			Reason: fmt.Sprintf("seen on %s: expected %s; got %s", now.Format(time.DateOnly), r.Expected, r.Actual),
		}
		if r.Class != conformance.Wrong {
			e.Class = r.Class
		}
		next.Entries = append(next.Entries, e)
	}
	return next
}
