package conformance

import "fmt"

// A Failure is the error of a case whose peer did not behave as required. It names one requirement, what was expected, and what
// was seen, in the specification's words; bytes are in the transcript.
type Failure struct { //nolint:errname // a finding, in the specification's words; no trouble
	Requirement string // ID; empty means the first of the case
	Expected    string
	Actual      string
}

// Error describes the failure in one line.
func (f *Failure) Error() string {
	return fmt.Sprintf("%s: expected %s; got %s", f.Requirement, f.Expected, f.Actual)
}

// Inapplicable is the error of a case that found, from what the peer declares on the wire or to the harness, that it does not
// apply: the case is unsupported, never passed.
type Inapplicable struct{ Reason string } //nolint:errname // as Failure

// Error returns the reason.
func (i *Inapplicable) Error() string { return i.Reason }
