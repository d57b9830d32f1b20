package runner

import "ockamtest/conformance"

// divide leaves the part of the groups that a shard has. The cases are dealt out in turn, those that are run and those that are skipped each for
// themselves, so that each is in one shard and no shard has more than one above another. A control that is dealt to another shard, and needed in
// this one, is run here too, as one that was not selected. A group in which nothing is left is left out; there may be none at all.
func divide(s conformance.Shard, groups []group) ([]group, *conformance.Shard) {
	if s.Of == 0 {
		return groups, nil
	}
	run, skipped := 0, 0
	mine := func(n *int) bool {
		*n++
		return (*n-1)%s.Of == s.Index-1
	}
	var part []group
	for _, g := range groups {
		if !g.implied && mine(&run) {
			s.Cases++
		} else {
			g.implied = true
		}
		all := g.items
		g.items = nil
		for _, it := range all {
			switch {
			case it.skipped != "":
				if mine(&skipped) {
					g.items = append(g.items, it)
				}
			case mine(&run):
				s.Cases++
				g.items = append(g.items, it)
			}
		}
		if !g.implied || len(g.items) > 0 {
			part = append(part, g)
		}
	}
	s.All = run
	return part, &s
}
