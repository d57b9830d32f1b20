// Package expect has what a user expects of a peer: failures that are known, each with a reason, in a file that is kept beside the
// implementation. An expectation is a prediction: a failure that it predicts is known-fail, a pass that it predicts to fail is unexpected-pass.
// One that has expired, or that nothing bears out, is stale, and the run is not clean until somebody has looked at it.
//
// The package reads and writes the file and judges results. It runs nothing.
package expect

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"ockamtest/conformance"
)

// ErrFile says that a text is no list of expectations. The error names line and column.
var ErrFile = errors.New("expect: not a list of expectations")

// Limits of a file.
const (
	MaxBytes   = 1 << 20
	maxEntries = 10000
)

// An Entry predicts that cases fail: those that match Case, or those that fail with Requirement. One of the two is given, or both. The other
// fields say where; empty ones, and a depth of 0, mean everywhere.
type Entry struct {
	Case        string                `yaml:"case,omitempty"` // a glob of conformance.MatchID
	Requirement string                `yaml:"requirement,omitempty"`
	Role        conformance.Role      `yaml:"role,omitempty"`
	Transport   conformance.Transport `yaml:"transport,omitempty"`
	Profile     string                `yaml:"profile,omitempty"`
	Depth       int                   `yaml:"depth,omitempty"` // 1 is on the transport
	Class       conformance.Class     `yaml:"class,omitempty"` // how it fails; empty: it answers wrongly
	Reason      string                `yaml:"reason"`
	Expires     Date                  `yaml:"expires,omitempty"` // the last day on which it holds; zero: for good

	Line int `yaml:"-"` // of the file, where the entry begins
}

// A List is a file of expectations.
type List struct {
	Name    string // of the file
	Entries []Entry

	states []state // of the entries, after Judge
}

// A Date is a day, 2006-01-02 in text.
type Date struct{ time.Time }

// MarshalText implements encoding.TextMarshaler.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.Format(time.DateOnly)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Date) UnmarshalText(text []byte) (err error) {
	if d.Time, err = time.Parse(time.DateOnly, string(text)); err != nil {
		return fmt.Errorf("expect: %q is no day like 2006-01-02", text)
	}
	return nil
}

// expired reports whether the entry holds no longer.
func (e *Entry) expired(now time.Time) bool {
	return !e.Expires.IsZero() && now.Format(time.DateOnly) > e.Expires.Format(time.DateOnly)
}

// covers reports whether the entry speaks of a result, whatever its outcome.
func (e *Entry) covers(r *conformance.Result) bool {
	switch {
	case e.Case != "" && !matches(e.Case, r.Case),
		e.Case == "" && !slices.Contains(r.Requirements, e.Requirement) && r.Requirement != e.Requirement,
		e.Role != "" && e.Role != r.Role,
		e.Transport != "" && e.Transport != r.Transport,
		e.Profile != "" && e.Profile != r.Profile,
		e.Depth != 0 && e.Depth != max(1, r.Depth):
		return false
	}
	return !r.Implied
}

// matches is conformance.MatchID of a pattern that is known to be one.
func matches(pattern, id string) bool {
	ok, err := conformance.MatchID(pattern, id)
	return ok && err == nil
}

// predicts reports whether the entry predicts that failure.
func (e *Entry) predicts(r *conformance.Result) bool {
	class := e.Class
	if class == "" {
		class = conformance.Wrong
	}
	return (e.Requirement == "" || e.Requirement == r.Requirement) && class == r.Class
}

// Judge puts the entries to results: it changes outcomes, the summary, and the status of requirements, and tells what is stale. now is the day of
// the run. complete says that the run left nothing out, so that an entry of which it has no result is stale as well.
func (l *List) Judge(results *conformance.Results, cases []conformance.Case, now time.Time, complete bool) {
	l.states = make([]state, len(l.Entries))
	for i := range results.Results {
		l.judge(&results.Results[i], now)
	}
	results.Expectations = &conformance.Expectations{File: l.Name, Entries: len(l.Entries)}
	for i := range l.Entries {
		if why := l.states[i].stale(&l.Entries[i], now, complete); why != "" {
			results.Expectations.Stale = append(results.Expectations.Stale, conformance.StaleExpectation{
				Line: l.Entries[i].Line, Entry: l.Entries[i].String(), Reason: why,
			})
		}
	}
	results.Summary = conformance.Summarize(results.Results)
	results.Requirements = conformance.RequirementResults(cases, results.Results)
}

// A state is what a run has shown of an entry.
type state struct{ covered, borneOut, refuted bool }

func (l *List) judge(r *conformance.Result, now time.Time) {
	for i := range l.Entries {
		e := &l.Entries[i]
		if !e.covers(r) {
			continue
		}
		ran := r.Outcome == conformance.Pass || r.Outcome == conformance.Fail || r.Outcome == conformance.KnownFail ||
			r.Outcome == conformance.Warn || r.Outcome == conformance.UnexpectedPass
		l.states[i].covered = l.states[i].covered || ran
		switch {
		case e.expired(now):
		case r.Outcome == conformance.Fail && e.predicts(r):
			l.states[i].borneOut = true
			r.Outcome, r.Reason = conformance.KnownFail, joined("expected: "+e.Reason, r.Reason)
		case r.Outcome == conformance.Pass && e.Case != "":
			l.states[i].refuted = true
			r.Outcome = conformance.UnexpectedPass
			r.Reason = fmt.Sprintf("%s is expected to fail here: %s", r.Case, e.Reason)
		case (r.Outcome == conformance.KnownFail || r.Outcome == conformance.Warn) && e.predicts(r):
			l.states[i].borneOut = true // another entry was first, or the profile
		}
	}
}

func joined(a, b string) string {
	if b == "" {
		return a
	}
	return a + "; " + b
}

// stale says in words why an entry is stale; empty if it is not. What is refuted, the results tell.
func (s state) stale(e *Entry, now time.Time, complete bool) string {
	switch {
	case e.expired(now):
		return "it has expired on " + e.Expires.Format(time.DateOnly)
	case s.borneOut, s.refuted:
		return ""
	case s.covered:
		return "nothing fails as it says"
	case complete:
		return "no case was run of which it speaks"
	}
	return ""
}

// String is the entry in one line, without its reason.
func (e *Entry) String() string {
	s := e.Case
	if e.Requirement != "" {
		s = joinedBy(s, " ", e.Requirement)
	}
	for _, where := range []string{string(e.Role), string(e.Transport), e.Profile, string(e.Class)} {
		s = joinedBy(s, ", ", where)
	}
	if e.Depth != 0 {
		s += fmt.Sprintf(", depth %d", e.Depth)
	}
	return s
}

func joinedBy(a, by, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + by + b
}
