package report

import (
	"fmt"
	"slices"
	"strings"

	"ockamtest/conformance"
)

// A remark is an outcome with a reason, and everything that it is true of.
type remark struct {
	outcome       conformance.Outcome
	reason        string
	cases, places []string // each once
}

// remarks writes the outcomes that are no findings and have a reason (a pass has one if datagrams may have been lost), one for all results that share it: a peer that is dead makes
// one line and not a hundred.
func (p *page) remarks() {
	all := p.collectRemarks()
	for _, r := range all {
		what, where := fmt.Sprintf("%d cases", len(r.cases)), fmt.Sprintf("in %d groups", len(r.places))
		if len(r.cases) == 1 {
			what = r.cases[0]
		}
		if len(r.places) == 1 {
			where = r.places[0]
		}
		label := fmt.Sprintf("%-12s", r.outcome)
		p.wrappedAfter(p.paint(r.outcome, label), len(label), strings.Repeat(" ", len(label)), fmt.Sprintf("%s, %s: %s", what, where, r.reason))
	}
	if len(all) > 0 {
		p.line("")
	}
}

func (p *page) collectRemarks() []*remark {
	var all []*remark
	for i := range p.results.Results {
		result := &p.results.Results[i]
		reason := result.Reason
		switch result.Outcome {
		case conformance.NotRun, conformance.Unsupported, conformance.Skipped:
		case conformance.KnownFail:
			reason = result.Requirement + ": " + reason
		case conformance.Pass:
			if reason == "" {
				continue
			}
		default:
			continue
		}
		n := slices.IndexFunc(all, func(r *remark) bool { return r.outcome == result.Outcome && r.reason == reason })
		if n < 0 {
			n = len(all)
			all = append(all, &remark{outcome: result.Outcome, reason: reason})
		}
		all[n].cases = appendOnce(all[n].cases, result.Case)
		all[n].places = appendOnce(all[n].places, place(result))
	}
	return all
}

func appendOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// stale writes the expectations that the run did not bear out.
func (p *page) stale() {
	e := p.results.Expectations
	if e == nil {
		return
	}
	for _, s := range e.Stale {
		const label = "stale       "
		p.wrappedAfter(p.paint(conformance.Fail, label), len(label), strings.Repeat(" ", len(label)),
			fmt.Sprintf("%s:%d, %s: %s", clean(e.File), s.Line, clean(s.Entry), clean(s.Reason)))
	}
	if len(e.Stale) > 0 {
		p.line("")
	}
}
