package conformance

import (
	"slices"
	"testing"
)

func TestRequirementResults(t *testing.T) {
	result := func(o Outcome, blamed string, cites ...string) Result {
		return Result{Outcome: o, Requirement: blamed, Requirements: cites}
	}
	const id = "NOISE-005"
	tests := []struct {
		name    string
		results []Result
		want    Outcome
	}{
		{"pass", []Result{result(Pass, "", id), result(Pass, "", id)}, Pass},
		{"pass and fail", []Result{result(Pass, "", id), result(Fail, id, id)}, Fail},
		{"fail and error", []Result{result(Error, "", id), result(Fail, id, id)}, Fail},
		{"warn", []Result{result(Pass, "", id), result(Warn, id, id)}, Warn},
		{"known-fail", []Result{result(Pass, "", id), result(KnownFail, id, id)}, KnownFail},
		{"unexpected-pass", []Result{result(UnexpectedPass, "", id)}, UnexpectedPass},
		{"not-run outweighs pass", []Result{result(Pass, "", id), result(NotRun, "TRAN-001", id)}, NotRun},
		{"another requirement failed first", []Result{result(Pass, "", id), result(Fail, "TRAN-001", id)}, NotRun},
		{"blamed though not cited", []Result{result(Fail, id, "TRAN-001")}, Fail},
		{"pass beside unsupported and skipped", []Result{result(Unsupported, "", id), result(Pass, "", id), result(Skipped, "", id)}, Pass},
		{"unsupported", []Result{result(Unsupported, "", id), result(Skipped, "", id)}, Unsupported},
		{"skipped", []Result{result(Skipped, "", id)}, Skipped},
		{"not selected", []Result{result(Pass, "", "TRAN-001")}, Skipped},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			all := RequirementResults([]Case{validCase()}, test.results)
			if len(all) != requirementCount {
				t.Fatalf("got %d requirements, want %d", len(all), requirementCount)
			}
			got := all[slices.IndexFunc(all, func(r RequirementResult) bool { return r.ID == id })]
			if got.Status != string(test.want) || !slices.Equal(got.Cases, []string{"noise/m2-tag"}) {
				t.Errorf("got %q of cases %v, want %q", got.Status, got.Cases, test.want)
			}
		})
	}
}

// Every requirement has a case, a written reason, or is planned, and nothing else.
func TestStatusWithoutResults(t *testing.T) {
	counts := map[string]int{}
	for _, r := range RequirementResults([]Case{validCase()}, nil) {
		counts[r.Status]++
		if (r.Reason == "") != (r.Status == StatusPlanned) || r.Text == "" || r.Cases == nil {
			t.Errorf("%s: status %s with reason %q", r.ID, r.Status, r.Reason)
		}
	}
	reasons := len(Untested())
	if counts[string(Skipped)] != 1 || counts[StatusNoCase] != reasons || counts[StatusPlanned] != requirementCount-reasons-1 {
		t.Errorf("got %v, want 1 skipped, %d no-case, the rest of %d planned", counts, reasons, requirementCount)
	}
}

func TestBadnessHasEveryOutcome(t *testing.T) {
	got, want := badness(), Outcomes()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
