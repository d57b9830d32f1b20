package runner

import (
	"fmt"
	"slices"

	"ockamtest/conformance"
)

// blank is the result of a case before its outcome is known.
func (r *run) blank(g group, c conformance.Case) conformance.Result {
	return conformance.Result{
		Case: c.ID, Title: c.Title,
		Role: g.need.Role, Transport: g.need.Transport, Profile: g.need.Profile, Depth: g.need.Depth,
		Requirements: append([]string{}, c.Requirements...), Since: c.Since,
		Level: r.strongest(c.Requirements), Rerun: r.rerun(g.need, c.ID),
	}
}

// strongest is conformance.StrongestLevel without reading the specification again.
func (r *run) strongest(ids []string) conformance.Level {
	for _, level := range []conformance.Level{conformance.Must, conformance.Should, conformance.May} {
		if slices.ContainsFunc(ids, func(id string) bool { return r.levels[id] == level }) {
			return level
		}
	}
	return ""
}

// controlResult is the result of the control at the start of a group. Nothing excuses it: neither a level nor a known deviation.
func (r *run) controlResult(g group, a attempt) conformance.Result {
	result := r.blank(g, g.control)
	result.Implied = g.implied
	result.DurationMS = a.took.Milliseconds()
	result.Reason = a.reason
	switch a.verdict {
	case passed:
		result.Outcome = conformance.Pass
		return result
	case failed, timedOut:
		result.Outcome, result.Class = conformance.Fail, a.class()
		result.Requirement, result.Expected, result.Actual = a.failure.Requirement, a.failure.Expected, a.failure.Actual
		r.requireKnown(&result)
	case inapplicable:
		result.Outcome = conformance.Unsupported
	case unreachable:
		result.Outcome, result.Reason = conformance.NotRun, reasonUnreachable+a.reason
	case trouble:
		result.Outcome, r.unreset = conformance.Error, false
	case interrupted:
		result.Outcome = conformance.NotRun
	}
	result.Transcript = a.entries
	return result
}

// judge makes the result of a case from what it found and from the control after it.
func (r *run) judge(g group, c conformance.Case, a, live attempt) conformance.Result {
	result := r.blank(g, c)
	result.DurationMS = a.took.Milliseconds()
	result.Reason = a.reason
	switch a.verdict {
	case passed:
		result.Outcome = conformance.Pass
	case failed:
		r.fail(&result, g, a)
	case inapplicable:
		result.Outcome = conformance.Unsupported
	case timedOut:
		result.Outcome = conformance.Error
		result.Reason += "; for a slow peer, scale the times"
	case unreachable, trouble:
		result.Outcome = conformance.Error
	case interrupted:
		result.Outcome = conformance.NotRun
	}
	if a.verdict != interrupted {
		r.prove(&result, a, live)
	}
	if result.Outcome != conformance.Pass {
		result.Transcript = transcript(a, live)
	}
	return result
}

// fail grades a failure: known to the profile, below MUST, or a failure indeed. A death is never excused.
func (r *run) fail(result *conformance.Result, g group, a attempt) {
	result.Outcome, result.Class = conformance.Fail, a.class()
	result.Requirement, result.Expected, result.Actual = a.failure.Requirement, a.failure.Expected, a.failure.Actual
	if !r.requireKnown(result) || a.died {
		return
	}
	for _, d := range conformance.KnownDeviations(g.profile.Name) {
		if d.Requirement == result.Requirement {
			result.Outcome = conformance.KnownFail
			result.Reason = fmt.Sprintf("known deviation of profile %s since %s: %s", d.Profile, d.Date, d.Reason)
			return
		}
	}
	if level := r.levels[result.Requirement]; level != conformance.Must && r.cfg.Level != conformance.Should {
		result.Outcome = conformance.Warn
		result.Reason = fmt.Sprintf("%s is a %s", result.Requirement, level)
	}
}

// class is how the peer failed.
func (a *attempt) class() conformance.Class {
	if a.died {
		return conformance.Died
	}
	return conformance.Wrong
}

// requireKnown turns a failure that blames a requirement that does not exist into the kit's own error.
func (r *run) requireKnown(result *conformance.Result) bool {
	if _, ok := r.levels[result.Requirement]; ok {
		return true
	}
	result.Outcome = conformance.Error
	result.Reason = fmt.Sprintf("the case blames %q, which is no requirement", result.Requirement)
	result.Requirement, result.Class = "", ""
	return false
}

// prove takes into account whether the peer lives on. Only that makes a result of what the case found.
func (r *run) prove(result *conformance.Result, a, live attempt) {
	switch live.verdict {
	case passed:
	case interrupted:
		if result.Outcome != conformance.Fail {
			result.Outcome, result.Reason = conformance.NotRun, live.reason
		}
	case inapplicable, trouble:
		if result.Outcome == conformance.Pass || result.Outcome == conformance.Unsupported {
			result.Outcome, result.Reason = conformance.Error, "whether the peer lives on could not be found out: "+live.reason
		}
	case failed, timedOut, unreachable:
		gone := "the peer no longer answers after this case: " + live.finding()
		if live.found != "" {
			gone += "; " + live.found
		}
		if a.verdict == trouble { // the kit may have done anything before
			result.Reason += "\n" + gone
			return
		}
		if a.verdict == unreachable && a.links == 0 && !a.died && !live.died { // the case has done nothing to it
			result.Reason += "\nthe peer does not answer later either: " + live.finding()
			return
		}
		if result.Requirement == "" {
			result.Requirement, result.Expected, result.Actual = result.Requirements[0], "the peer to live on after this case", gone
			if live.greedy {
				result.Requirement = boundedBy(result.Requirements)
			}
		}
		if result.Class = conformance.Gone; a.died || live.died { // which of the two sees it is an accident
			result.Class = conformance.Died
		}
		if a.died {
			gone = a.reason + "; " + gone
		}
		result.Outcome, result.Reason = conformance.Fail, gone
	}
}

// transcript is that of the case, and that of the control after it if it failed. The control's links are numbered on.
func transcript(a, live attempt) []conformance.Entry {
	all := append([]conformance.Entry{}, a.entries...)
	if a.verdict == interrupted || live.verdict == passed {
		return all
	}
	offset := a.took.Microseconds()
	all = append(all, conformance.Entry{AtMicros: offset, Direction: conformance.DirEvent, Text: "the positive control is run again"})
	for _, e := range live.entries {
		e.AtMicros += offset
		if e.Link > 0 {
			e.Link += a.links
		}
		all = append(all, e)
	}
	return all
}
