package conformance

import (
	"errors"
	"fmt"
	"testing"
)

// resultsWith makes results with one result for each outcome.
func resultsWith(outcomes ...Outcome) *Results {
	r := &Results{Schema: ResultsSchema}
	for _, o := range outcomes {
		r.Results = append(r.Results, Result{Case: "area/case", Outcome: o})
	}
	return r
}

func TestExitCode(t *testing.T) {
	trouble := resultsWith(NotRun, NotRun, Fail)
	trouble.Trouble = "connection refused"
	troubleUnselected := resultsWith(Unsupported, Skipped)
	troubleUnselected.Trouble = "connection refused"
	interrupted := resultsWith(Pass, Fail, Error, NotRun)
	interrupted.Partial, interrupted.Stopped = true, StoppedInterrupted
	failFast := resultsWith(Pass, Fail, NotRun)
	failFast.Partial, failFast.Stopped = true, StoppedFailFast
	onlyControl := resultsWith(Skipped, Fail)
	onlyControl.Results[1].Implied = true

	tests := []struct {
		name string
		r    *Results
		err  error
		want int
	}{
		{"all pass", resultsWith(Pass, Pass), nil, 0},
		{"warn, known, unsupported, and skipped are no failure", resultsWith(Pass, Warn, KnownFail, Unsupported, Skipped), nil, 0},
		{"only a known failure", resultsWith(KnownFail), nil, 0},
		{"one failure", resultsWith(Pass, Fail), nil, 1},
		{"not-run is not conformant", resultsWith(Pass, NotRun), nil, 1},
		{"failure before stale expectation", resultsWith(Fail, UnexpectedPass), nil, 1},
		{"fail-fast", failFast, nil, 1},
		{"usage", nil, fmt.Errorf("run: %w", ErrUsage), 2},
		{"usage before nothing selected", nil, errors.Join(ErrNothingSelected, ErrUsage), 2},
		{"kit's own trouble", nil, errors.New("disk"), 3},
		{"bad catalogue", nil, ErrBadCase, 3},
		{"trouble before failure", trouble, nil, 3},
		{"error before failure", resultsWith(Fail, Error), nil, 3},
		{"error before stale expectation", resultsWith(Error, UnexpectedPass), nil, 3},
		{"stale expectation", resultsWith(Pass, UnexpectedPass), nil, 4},
		{"nothing selected", nil, ErrNothingSelected, 5},
		{"no results", resultsWith(), nil, 5},
		{"all unsupported or skipped", resultsWith(Unsupported, Skipped), nil, 5},
		{"nothing ran before trouble", troubleUnselected, nil, 5},
		{"a control that was not selected does not count", onlyControl, nil, 5},
		{"interrupted", interrupted, nil, 130},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := ExitCode(test.r, test.err); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestSummarize(t *testing.T) {
	got := Summarize(resultsWith(Pass, Pass, Fail).Results)
	if len(got) != len(Outcomes()) {
		t.Errorf("got %d outcomes, want %d", len(got), len(Outcomes()))
	}
	if got[Pass] != 2 || got[Fail] != 1 || got[Warn] != 0 {
		t.Errorf("got %v, want 2 pass, 1 fail", got)
	}
}
