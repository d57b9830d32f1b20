package vectors

import (
	"errors"
	"fmt"
	"slices"
)

// Options select vectors. The zero value selects all.
type Options struct {
	Kinds []Kind   // empty: all
	Flags []string // empty: all; else vectors that have one of these
	// MayBeUnsupported tells that a run in which the subject supports nothing is no error.
	MayBeUnsupported bool
}

// Outcome is what came of one vector.
type Outcome int

// The outcomes.
const (
	Pass Outcome = iota + 1
	Fail
	NotSupported
	NotRun  // a refusal that does not count, for its control did not pass
	Trouble // the subject could not be asked
)

// String implements fmt.Stringer.
func (o Outcome) String() string {
	return [...]string{"", "pass", "fail", "unsupported", "not-run", "error"}[o]
}

// A Verdict is the outcome of one vector. Err tells why it is not a pass.
type Verdict struct {
	File    *File
	Vector  Vector
	Outcome Outcome
	Err     error
}

// A Report is the outcome of a run: one verdict for each selected vector, in order.
type Report struct {
	Verdicts []Verdict
}

// Count returns the number of vectors with an outcome.
func (r *Report) Count(o Outcome) int {
	n := 0
	for _, v := range r.Verdicts {
		if v.Outcome == o {
			n++
		}
	}
	return n
}

// OK tells that something passed, and that nothing failed, was not run, or could not be asked.
func (r *Report) OK() bool {
	return r.Count(Pass) > 0 && r.Count(Pass)+r.Count(NotSupported) == len(r.Verdicts)
}

// Errors of Run: nothing was tested.
var (
	ErrNothingSelected  = errors.New("vectors: nothing selected")
	ErrNothingSupported = errors.New("vectors: the subject supports none of the selected vectors")
	ErrUnknownFlag      = errors.New("vectors: no file has a note for the flag")
)

// Run puts the selected vectors of files to s. A refusal counts as a pass only if the vector's control, which need not be selected,
// passes; it is unsupported where the control is. A run that tests nothing is an error, beside the report.
func Run(s Subject, files []*File, o Options) (*Report, error) {
	for _, flag := range o.Flags {
		if !slices.ContainsFunc(files, func(f *File) bool { _, ok := f.Notes[flag]; return ok }) {
			return nil, fmt.Errorf("%w: %s", ErrUnknownFlag, flag)
		}
	}
	r := &Report{}
	for _, f := range files {
		r.Verdicts = append(r.Verdicts, runFile(s, f, o)...)
	}
	switch {
	case len(r.Verdicts) == 0:
		return r, ErrNothingSelected
	case r.Count(NotSupported) == len(r.Verdicts) && !o.MayBeUnsupported:
		return r, ErrNothingSupported
	}
	return r, nil
}

func runFile(s Subject, f *File, o Options) []Verdict {
	all := f.All()
	byID := map[int]Vector{}
	for _, v := range all {
		byID[v.Common().TcID] = v
	}
	done := map[int]error{}
	run := func(v Vector) error {
		id := v.Common().TcID
		err, ok := done[id]
		if !ok {
			err = guarded(v, s)
			done[id] = err
		}
		return err
	}
	var verdicts []Verdict
	for _, v := range all {
		if !o.selects(v) {
			continue
		}
		verdict := Verdict{f, v, Pass, run(v)}
		verdict.Outcome = outcomeOf(verdict.Err)
		if control := v.Common().Control; verdict.Outcome == Pass && control != 0 {
			if err := run(byID[control]); err != nil {
				verdict.Outcome = NotRun
				if other := outcomeOf(err); other == NotSupported || other == Trouble { // it cannot count, and nothing is wrong
					verdict.Outcome = other
				}
				verdict.Err = fmt.Errorf("control %d: %w", control, err)
			}
		}
		verdicts = append(verdicts, verdict)
	}
	return verdicts
}

func outcomeOf(err error) Outcome {
	switch {
	case err == nil:
		return Pass
	case errors.Is(err, ErrUnsupported):
		return NotSupported
	case errors.Is(err, ErrTrouble):
		return Trouble
	}
	return Fail
}

// guarded makes a failure of a panic of the subject.
func guarded(v Vector, s Subject) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: it panicked: %v", ErrBroken, p)
		}
	}()
	return v.check(s)
}

func (o Options) selects(v Vector) bool {
	if len(o.Kinds) > 0 && !slices.Contains(o.Kinds, v.Kind()) {
		return false
	}
	has := func(flag string) bool { return slices.Contains(v.Common().Flags, flag) }
	return len(o.Flags) == 0 || slices.ContainsFunc(o.Flags, has)
}
