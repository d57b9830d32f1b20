package subject_test

import (
	"context"
	"errors"
	"testing"

	"ockamtest/conformance/attach/subject"
	"ockamtest/conformance/harness"
	"ockamtest/vectors"
)

// A skipper sends a payload under the next counter that can travel, where the adapter behind it refuses the write.
type skipper struct {
	subject.Caller
	skipped int
}

func (s *skipper) Write(ctx context.Context, m harness.Write) (step harness.Step, err error) {
	for range 8 { // what cannot travel under any counter is refused still
		if step, err = s.Caller.Write(ctx, m); !errors.Is(err, harness.Refuse(harness.ClassBody)) {
			break
		}
		s.skipped++
	}
	return step, err
}

// Section 11: in e09 a counter under which nothing can travel is spent without being sent. Whether the write was refused or the payload has left
// under the next one is the sender's choice.
func TestSkippedCounters(t *testing.T) {
	if testing.Short() {
		t.Skip("records of counter 65,535 take long with the race detector: make whole runs them")
	}
	counts := map[vectors.Outcome]int{}
	callers := []subject.Caller{subject.Direct(reference(t)), &skipper{Caller: subject.Direct(reference(t))}}
	for i, caller := range callers {
		s, err := subject.NewAdapter(t.Context(), caller, nil)
		if err != nil {
			t.Fatal(err)
		}
		report := run(t, s, vectors.Options{Kinds: []vectors.Kind{vectors.KindRecord}})
		for _, v := range report.Verdicts {
			if counts[v.Outcome] += 1 - 2*i; v.Outcome != vectors.Pass && v.Outcome != vectors.NotSupported {
				t.Errorf("sender %d: tcId %d: %v, %v", i, v.Vector.Common().TcID, v.Outcome, v.Err)
			}
		}
		if n := report.Count(vectors.Pass); n < 700 {
			t.Errorf("sender %d: %d passed, want 700", i, n)
		}
	}
	for outcome, n := range counts {
		if n != 0 {
			t.Errorf("%v: %d more of one sender than of the other", outcome, n)
		}
	}
	if n := callers[1].(*skipper).skipped; n < 10 {
		t.Errorf("%d counters were skipped, want some", n)
	}
}
