package conformance

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// ErrBadCase says that a catalogue of cases is not fit to be run. It is a defect of the kit, not of a peer.
var ErrBadCase = errors.New("conformance: bad case")

// caseID is the form of a case's ID: slugs of an area and of what is checked.
var caseID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)+$`)

// CheckCases checks a catalogue of cases: IDs are slugs and unique, every requirement that is cited exists, and nothing that a run
// needs is missing. The error wraps ErrBadCase and names all that is wrong.
func CheckCases(cases []Case) error {
	var problems []error
	byID := CatalogueByID()
	seen := make(map[string]bool)
	for _, c := range cases {
		if seen[c.ID] {
			problems = append(problems, fmt.Errorf("%w: %s: the ID is used twice", ErrBadCase, c.ID))
		}
		seen[c.ID] = true
		for _, problem := range c.problems(byID) {
			problems = append(problems, fmt.Errorf("%w: %q: %s", ErrBadCase, c.ID, problem))
		}
	}
	return errors.Join(problems...)
}

func (c Case) problems(byID map[string]Requirement) []string {
	var problems []string
	check := func(ok bool, problem string) {
		if !ok {
			problems = append(problems, problem)
		}
	}
	check(caseID.MatchString(c.ID), "the ID is not of the form area/what")
	check(c.Title != "", "no title")
	check(slices.Contains(CatalogueVersions(), c.Since), "no version of the catalogue")
	check(c.Run != nil, "nothing to run")
	check(len(c.Roles) > 0, "no role")
	check(len(c.Transports) > 0, "no transport")
	check(len(c.Requirements) > 0, "no requirement")
	check(c.Depths == OnTransport || c.Depths == AnyDepth || c.Depths == InTunnel, "unknown depths")
	check(slices.Contains([]Needs{NeedsNothing, NeedsInsight, NeedsReading}, c.Needs), "unknown needs")
	for i, name := range c.Admits {
		check(ParameterValues(name) != nil && !slices.Contains(c.Admits[:i], name), "admits "+name+", which is no parameter, or twice")
	}
	for i, id := range c.Requirements {
		_, known := byID[id]
		check(known, "unknown requirement "+id)
		check(!slices.Contains(c.Requirements[:i], id), "cites "+id+" twice")
	}
	for _, tag := range c.Tags {
		check(tag == TagLong, "unknown tag "+tag)
	}
	return problems
}

// Long says that the case is run only when asked for.
func (c Case) Long() bool { return slices.Contains(c.Tags, TagLong) }

// CoverageOf counts what stands behind the requirements. One that is cited by a case counts as such, even if it has a reason too.
func CoverageOf(cases []Case) Coverage {
	var coverage Coverage
	cited, exempt := citedBy(cases), exemptions()
	for _, r := range Catalogue() {
		coverage.Requirements++
		switch {
		case len(cited[r.ID]) > 0:
			coverage.WithCase++
		case exempt[r.ID] != "":
			coverage.WithReason++
		default:
			coverage.Planned++
		}
	}
	return coverage
}

// citedBy maps the ID of a requirement to the IDs of the cases that cite it, in their order.
func citedBy(cases []Case) map[string][]string {
	cited := make(map[string][]string)
	for _, c := range cases {
		for _, id := range c.Requirements {
			cited[id] = append(cited[id], c.ID)
		}
	}
	return cited
}

// exemptions maps the IDs of the untested requirements to the reasons.
func exemptions() map[string]string {
	reasons := make(map[string]string)
	for _, e := range Untested() {
		reasons[e.Requirement] = e.Reason
	}
	return reasons
}
