package runner

import (
	"context"
	"slices"
	"strings"

	"ockamtest/conformance"
)

// A finding is what came of a case, and with which parameters.
type finding struct {
	attempt    attempt
	parameters conformance.Parameters
	only       []string // the parameters that it depends on, empty if it does not depend on any or if nobody knows
}

// play settles a case with the given parameters.
func (r *run) play(ctx context.Context, g group, t trial, p conformance.Parameters) attempt {
	g.parameters = p
	t.attempt |= p.Number() << parameterShift
	return r.settle(ctx, g, t)
}

// parameterShift keeps the attempts with some parameters apart from those with others.
const parameterShift = attemptShift + 8

// narrow finds out on what a failure depends: it plays the case with the first values of all parameters, then with single other ones, then with
// more, until it fails as well. What fails anyhow is told without any. The peer was proved alive before. place is that of the case in the plan.
func (r *run) narrow(ctx context.Context, g group, t trial, f finding, place int) finding {
	names := f.parameters.Varied()
	t.attempt = narrowing(place)
	for _, some := range subsets(names) {
		p := f.parameters.Only(some...)
		a := r.play(ctx, g, t, p)
		if a.verdict == failed {
			return finding{a, p, some}
		}
		if a.verdict == interrupted {
			return f
		}
	}
	f.only = names
	return f
}

// subsets lists all but the whole, the smaller ones first.
func subsets(names []string) [][]string {
	var all [][]string
	for size := range names {
		for _, choice := range choose(size, len(names)) {
			some := []string{}
			for _, i := range choice {
				some = append(some, names[i])
			}
			all = append(all, some)
		}
	}
	return all
}

// narrowed tells whether a failure may depend on parameters.
func (f finding) narrowed() bool {
	return f.attempt.verdict == failed && !f.attempt.died && len(f.parameters.Varied()) > 0
}

// blamed is the finding as an attempt: one that depends on a single parameter breaks the requirement by which it must not.
func (f finding) blamed() attempt {
	a := f.attempt
	if len(f.only) != 1 || a.verdict != failed || a.died {
		return a
	}
	name := f.only[0]
	a.failure.Requirement = conformance.ParameterRequirement(name, f.parameters.Value(name))
	a.failure.Expected += ", as with " + name + "=" + conformance.ParameterValues(name)[0]
	return a
}

// tell adds the parameters to a result: the line that repeats it has to have those that are not the first ones.
func (f finding) tell(result *conformance.Result) {
	if f.parameters == (conformance.Parameters{}) {
		return
	}
	p := f.parameters
	result.Parameters = &p
	names := p.Varied()
	if len(names) == 0 {
		return
	}
	result.Rerun += " --parameters " + p.String()
	if len(f.only) > 0 && result.Outcome != conformance.Pass {
		reason := "only with " + f.words(f.only)
		if result.Reason != "" {
			reason = result.Reason + "; " + reason
		}
		result.Reason = reason
	}
}

// words lists parameters with their values.
func (f finding) words(names []string) string {
	var words []string
	for _, name := range slices.Sorted(slices.Values(names)) {
		words = append(words, name+"="+f.parameters.Value(name))
	}
	return strings.Join(words, " and ")
}
