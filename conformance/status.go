package conformance

import "slices"

// Statuses of a requirement that no result speaks of, beside the outcomes.
const (
	StatusNoCase  = "no-case" // untested, for a written reason
	StatusPlanned = "planned" // its case has not been written yet
)

// RequirementResults gives the status of every requirement of the catalogue over all results, in the order of the catalogue. cases
// is the whole catalogue of cases, run or not.
//
// The worst outcome counts. A case that failed on another requirement than this one has not judged it: that is not-run, and not-run
// outweighs a pass. So a requirement passes only if something passed and nothing was left open.
func RequirementResults(cases []Case, results []Result) []RequirementResult {
	cited, exempt := citedBy(cases), exemptions()
	var all []RequirementResult
	for _, r := range Catalogue() {
		rr := RequirementResult{ID: r.ID, Level: r.Level, Section: r.Section, Text: r.Text, Cases: cited[r.ID]}
		if rr.Cases == nil {
			rr.Cases = []string{}
		}
		outcome := outcomeOf(r.ID, results)
		switch {
		case outcome != "":
			rr.Status = string(outcome)
		case len(rr.Cases) > 0:
			rr.Status, rr.Reason = string(Skipped), "its cases were not selected"
		case exempt[r.ID] != "":
			rr.Status, rr.Reason = StatusNoCase, exempt[r.ID]
		default:
			rr.Status = StatusPlanned
		}
		all = append(all, rr)
	}
	return all
}

// outcomeOf is the worst outcome of what the results say about a requirement, empty if they say nothing.
func outcomeOf(id string, results []Result) Outcome {
	worst := -1
	for i := range results {
		if outcome, ok := results[i].about(id); ok {
			worst = max(worst, slices.Index(badness(), outcome))
		}
	}
	if worst < 0 {
		return ""
	}
	return badness()[worst]
}

// badness lists the outcomes, the harmless first.
func badness() []Outcome {
	return []Outcome{Skipped, Unsupported, Pass, NotRun, KnownFail, Warn, UnexpectedPass, Error, Fail}
}

// about returns what r says about a requirement, false if nothing.
func (r *Result) about(id string) (Outcome, bool) {
	if r.Outcome == Fail || r.Outcome == Warn || r.Outcome == KnownFail {
		if r.Requirement == id {
			return r.Outcome, true
		}
		return NotRun, slices.Contains(r.Requirements, id)
	}
	return r.Outcome, slices.Contains(r.Requirements, id)
}
