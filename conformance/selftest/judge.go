package selftest

import (
	"slices"

	"ockamtest/conformance"
)

// judge fills in a cell. Several cells of a row may be judged at once: it changes nothing else.
func (r *Row) judge(c *Cell, results []conformance.Result) {
	c.Summary = conformance.Summarize(results)
	for _, result := range results {
		if r.tells(result) {
			c.Findings = append(c.Findings, finding(result))
		}
	}
	c.Verdict = r.verdict(c)
}

// tells reports whether a result belongs into the cell.
func (r *Row) tells(result conformance.Result) bool {
	switch result.Outcome {
	case conformance.Pass:
		return r.Kind == Dead
	case conformance.NotRun:
		return r.Kind == Correct || r.Kind == Lawful
	case conformance.Unsupported, conformance.Skipped:
		return false
	default:
		return true
	}
}

func finding(r conformance.Result) Finding {
	f := Finding{Case: r.Case, Requirement: r.Requirement, Outcome: r.Outcome, Expected: r.Expected, Actual: r.Actual}
	if r.Reason != "" && f.Actual != r.Reason {
		f.Actual += " (" + r.Reason + ")"
	}
	return f
}

func (r *Row) verdict(c *Cell) Verdict {
	passes := c.Summary[conformance.Pass]
	switch {
	case c.Summary[conformance.Error] > 0:
		return Trouble
	case r.Kind == Dead && passes > 0:
		return Scored
	case r.Kind == Dead:
		return Zero
	case r.Kind == Broken:
		return r.brokenVerdict(c)
	case slices.ContainsFunc(c.Findings, r.accuses):
		return Accused
	case passes == 0:
		return Trouble
	}
	return Clean
}

// accuses reports whether a finding about a correct or lawful peer is wrong: all are but a warning about a SHOULD that it forgoes.
func (r *Row) accuses(f Finding) bool {
	return f.Outcome != conformance.Warn || !slices.Contains(r.program.Forgoes, f.Requirement)
}

func (r *Row) brokenVerdict(c *Cell) Verdict {
	killed := false
	for _, f := range c.Findings {
		switch {
		case slices.Contains(r.Breaks, f.Requirement):
			killed = true
		case !slices.Contains(r.Entails, f.Requirement):
			return Accused
		}
	}
	if killed {
		return Killed
	}
	return Survived
}

// conclude judges the rows, finds the holes, and counts.
func (m *Matrix) conclude(cases []conformance.Case) {
	for _, r := range m.Peers {
		r.conclude()
	}
	m.tally(cases)
	m.catch(cases)
	m.summarize(cases)
}

// conclude takes the worst verdict of the cells.
func (r *Row) conclude() {
	r.Verdict = Trouble // of a peer without a role or profile
	worst := -1
	order := []Verdict{Clean, Killed, Zero, Survived, Scored, Accused, Trouble}
	for _, c := range r.Cells {
		if i := slices.Index(order, c.Verdict); i > worst {
			worst, r.Verdict = i, c.Verdict
		}
		for _, f := range c.Findings {
			if r.Kind == Broken && slices.Contains(r.Breaks, f.Requirement) && !slices.Contains(r.Killers, f.Case) {
				r.Killers = append(r.Killers, f.Case)
			}
		}
	}
}

// holes are what a case in a role leaves open if no broken peer fails it.
func holes(c conformance.Case, role conformance.Role) (all []Hole) {
	for _, t := range c.Transports {
		if t == conformance.TCP { // in process it is Mem
			continue
		}
		for _, name := range fitting(t, c.Profiles) {
			for _, depth := range []int{0, deepDepth} {
				if c.Depths.Has(depth) && (depth == 0 || name == deepProfile) {
					all = append(all, Hole{c.ID, role, t, name, depth})
				}
			}
		}
	}
	return all
}

// tally counts the broken peers that each case fails, and finds the holes.
func (m *Matrix) tally(cases []conformance.Case) {
	failed := map[Hole]bool{}
	peers := map[string]int{}
	for _, r := range m.Peers {
		if r.Kind != Broken {
			continue
		}
		seen := map[string]bool{}
		for _, c := range r.Cells {
			for _, f := range c.Findings {
				failed[Hole{f.Case, c.Role, c.Transport, c.Profile, c.Depth}] = true
				if !seen[f.Case] {
					seen[f.Case] = true
					peers[f.Case]++
				}
			}
		}
	}
	for _, c := range cases {
		m.Cases = append(m.Cases, CaseTally{c.ID, peers[c.ID]})
		for _, role := range c.Roles {
			for _, h := range holes(c, role) {
				if !failed[h] {
					m.Holes = append(m.Holes, h)
				}
			}
		}
	}
}

// catch lists the broken peers that fail on each requirement.
func (m *Matrix) catch(cases []conformance.Case) {
	by := map[string][]string{}
	for _, r := range m.Peers {
		for _, c := range r.Cells {
			for _, f := range c.Findings {
				if r.Kind == Broken && !slices.Contains(by[f.Requirement], r.Peer) {
					by[f.Requirement] = append(by[f.Requirement], r.Peer)
				}
			}
		}
	}
	for _, requirement := range conformance.Catalogue() {
		id := requirement.ID
		cited := slices.ContainsFunc(cases, func(c conformance.Case) bool { return slices.Contains(c.Requirements, id) })
		if cited || len(by[id]) > 0 {
			m.Requirements = append(m.Requirements, Catch{id, slices.Concat([]string{}, by[id])})
		}
	}
}

func (m *Matrix) summarize(cases []conformance.Case) {
	s := Summary{Peers: map[Kind]int{}, Verdicts: map[Verdict]int{}, Cases: len(cases), Holes: len(m.Holes)}
	s.OK = len(m.Holes) == 0
	for _, r := range m.Peers {
		s.Peers[r.Kind]++
		s.Verdicts[r.Verdict]++
		s.Cells += len(r.Cells)
		s.OK = s.OK && r.Verdict.Good()
		for _, c := range r.Cells {
			for _, n := range c.Summary {
				s.Results += n
			}
		}
	}
	m.Summary = s
}
