package conformance_test

import (
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/cases"
)

// Every requirement has a case, a written reason, or is counted as planned; and a reason is written only for want of a case.
func TestEveryRequirementIsAccountedFor(t *testing.T) {
	all := cases.All()
	if err := conformance.CheckCases(append(all, conformance.Case{})); err == nil {
		t.Error("CheckCases accepts the empty case")
	}
	if err := conformance.CheckCases(all); err != nil {
		t.Error(err)
	}
	coverage := conformance.CoverageOf(all)
	if got := coverage.WithCase + coverage.WithReason + coverage.Planned; got != coverage.Requirements {
		t.Errorf("%d requirements are accounted for, want %d", got, coverage.Requirements)
	}
	if got, want := coverage.WithReason, len(conformance.Untested()); got != want {
		t.Errorf("%d of %d requirements with a reason have no case: a reason is stale", got, want)
	}
	if coverage.WithCase < 106 || coverage.WithReason > 12 || coverage.Planned != 0 {
		t.Errorf("got %+v, want at least 106 with a case, at most 12 with a reason, and none planned", coverage)
	}
	byID := conformance.CatalogueByID()
	for _, e := range conformance.Untested() {
		if byID[e.Requirement].OnWire {
			t.Errorf("%s can be observed on the wire, and has a reason in place of a case", e.Requirement)
		}
	}
	for _, r := range conformance.RequirementResults(all, nil) {
		switch {
		case len(r.Cases) > 0 && r.Status == string(conformance.Skipped):
		case len(r.Cases) == 0 && r.Status == conformance.StatusNoCase && r.Reason != "":
		case len(r.Cases) == 0 && r.Status == conformance.StatusPlanned:
		default:
			t.Errorf("%s has status %s, reason %q, and cases %v", r.ID, r.Status, r.Reason, r.Cases)
		}
	}
	t.Logf("%+v", coverage)
}
