package runner

import (
	"io"
	"slices"
	"strconv"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// varied is of how many runs one has parameters by chance; the others have the first values.
const varied = 4

// maxHops is how many return addresses there are at most behind the kit's own.
const maxHops = 2

// admitted are the parameters that can be varied where a case is run.
func (c Config) admitted(x conformance.Case, need conformance.Need, p profile.Profile) (names []string) {
	channel := need.Role != conformance.Router
	for _, name := range conformance.ParameterNames() {
		possible := map[string]bool{
			conformance.RouteParameter:         channel && p.Routes && p.MaxReturnAddresses > maxHops && !c.hops(),
			conformance.SizeParameter:          channel && !c.hops(), // whose limits nobody knows
			conformance.FragmentationParameter: need.Transport != conformance.UDP,
		}
		if possible[name] && slices.Contains(x.Admits, name) {
			names = append(names, name)
		}
	}
	return names
}

// first are the first values of parameters.
func first(names []string) (p conformance.Parameters) {
	for _, name := range names {
		p = p.With(name, conformance.ParameterValues(name)[0])
	}
	return p
}

// assigned are the parameters with which a case is run: those that were asked for, else what follows from the seed, the case, and the need alone, so
// that a run of one case repeats what a run of all has done.
func (c Config) assigned(x conformance.Case, need conformance.Need, p profile.Profile) conformance.Parameters {
	names := c.admitted(x, need, p)
	if c.Parameters != (conformance.Parameters{}) {
		return c.asked(names)
	}
	if c.Strength == 0 || len(names) == 0 {
		return conformance.Parameters{}
	}
	assigned := first(names)
	dice := make([]byte, 1+len(names))
	if _, err := io.ReadFull(newRandom(c.Seed, "parameters of "+x.ID, need, 0), dice); err != nil {
		panic("runner: a stream without end has one: " + err.Error())
	}
	if dice[0]%varied == 0 {
		for i, name := range names {
			values := conformance.ParameterValues(name)
			assigned = assigned.With(name, values[int(dice[1+i])%len(values)])
		}
	}
	return assigned
}

// asked are the parameters of Config.Parameters among those named, and the first values of the others.
func (c Config) asked(names []string) conformance.Parameters {
	p := first(names)
	for _, name := range names {
		if value := c.Parameters.Value(name); value != "" {
			p = p.With(name, value)
		}
	}
	return p
}

// combine adds runs of the positive control to the groups in which it was selected, with such parameters that every combination of so many values
// as Config.Strength says, of roles, transports, profiles, depths, and parameters, occurs in one of them, as far as it is possible. If parameters
// were asked for it is run with these.
func (c Config) combine(groups []group) {
	asked := c.Parameters != conformance.Parameters{}
	if c.Strength == 0 && !asked {
		return
	}
	t := table{}
	for i, g := range groups {
		if g.implied {
			continue
		}
		names := c.admitted(g.control, g.need, g.profile)
		groups[i].plain = first(names)
		switch p := c.asked(names); {
		case !asked:
			t.add(i, g.need, names)
		case len(p.Varied()) > 0:
			groups[i].items = append(groups[i].items, item{Case: g.control, parameters: p})
		}
	}
	if asked {
		return
	}
	coverage := newCoverage(c.Strength, t.sizes(), t.rows)
	for i, p := range t.parameters {
		if len(p.Varied()) == 0 {
			coverage.occur(t.rows[i])
		}
	}
	for _, row := range coverage.complete(t.rows) {
		g := &groups[t.groups[row]]
		g.items = append(g.items, item{Case: g.control, parameters: t.parameters[row]})
	}
}

// A table has a row for each way in which the control can be run.
type table struct {
	values     [4][]string // of role, transport, profile, and depth, as they occur
	rows       []combination
	groups     []int // of each row
	parameters []conformance.Parameters
}

// add adds the rows of a group: with every value of the parameters named.
func (t *table) add(group int, need conformance.Need, names []string) {
	fixed := combination{}
	for i, text := range []string{string(need.Role), string(need.Transport), need.Profile, strconv.Itoa(max(1, need.Depth))} {
		at := slices.Index(t.values[i], text)
		if at < 0 {
			at = len(t.values[i])
			t.values[i] = append(t.values[i], text)
		}
		fixed = append(fixed, at)
	}
	rows, parameters := []combination{fixed}, []conformance.Parameters{{}}
	for _, name := range conformance.ParameterNames() {
		values := conformance.ParameterValues(name)
		if !slices.Contains(names, name) {
			values = []string{""}
		}
		var longer []combination
		var more []conformance.Parameters
		for i, row := range rows {
			for at, value := range values {
				if value != "" {
					at++
				}
				longer = append(longer, append(slices.Clone(row), at))
				more = append(more, parameters[i].With(name, value))
			}
		}
		rows, parameters = longer, more
	}
	t.rows, t.parameters = append(t.rows, rows...), append(t.parameters, parameters...)
	for range rows {
		t.groups = append(t.groups, group)
	}
}

// sizes are the numbers of values. That a parameter does not apply is one of its own, 0.
func (t *table) sizes() (sizes []int) {
	for _, values := range t.values {
		sizes = append(sizes, len(values))
	}
	for _, name := range conformance.ParameterNames() {
		sizes = append(sizes, 1+len(conformance.ParameterValues(name)))
	}
	return sizes
}

// maxStrength is the number of factors.
const maxStrength = 7
