package runner

// A combination is one value of each factor.
type combination []int

// A coverage counts which t-way combinations of factors have occurred, of those that can: for every choice of t factors, every tuple of their
// values that stands in some possible combination.
type coverage struct {
	sizes    []int          // values of each factor
	choices  [][]int        // of t factors
	possible []map[int]bool // by choice; false: it has not occurred yet
	left     int            // tuples that have not occurred
}

// newCoverage is the coverage of strength t, at most all factors, of nothing yet.
func newCoverage(t int, sizes []int, possible []combination) *coverage {
	c := &coverage{sizes: sizes, choices: choose(min(t, len(sizes)), len(sizes))}
	for _, choice := range c.choices {
		tuples := map[int]bool{}
		for _, p := range possible {
			tuples[c.tuple(p, choice)] = false
		}
		c.left += len(tuples)
		c.possible = append(c.possible, tuples)
	}
	return c
}

// choose lists every choice of t of n, each ascending, in order.
func choose(t, n int) [][]int {
	if t == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for last := t - 1; last < n; last++ {
		for _, before := range choose(t-1, last) {
			all = append(all, append(before[:len(before):len(before)], last))
		}
	}
	return all
}

// tuple is a number for the values of the chosen factors.
func (c *coverage) tuple(p combination, choice []int) (number int) {
	for _, factor := range choice {
		number = number*c.sizes[factor] + p[factor]
	}
	return number
}

// gain is how many tuples a combination has that have not occurred.
func (c *coverage) gain(p combination) (n int) {
	for i, choice := range c.choices {
		if occurred, can := c.possible[i][c.tuple(p, choice)]; can && !occurred {
			n++
		}
	}
	return n
}

// occur notes that a combination has occurred.
func (c *coverage) occur(p combination) {
	for i, choice := range c.choices {
		tuple := c.tuple(p, choice)
		if occurred, can := c.possible[i][tuple]; can && !occurred {
			c.possible[i][tuple] = true
			c.left--
		}
	}
}

// complete chooses combinations until nothing is left: each is the first of those that gain most. It returns their places among the possible.
func (c *coverage) complete(possible []combination) (chosen []int) {
	for c.left > 0 {
		best, most := 0, 0
		for i, p := range possible {
			if gain := c.gain(p); gain > most {
				best, most = i, gain
			}
		}
		c.occur(possible[best])
		chosen = append(chosen, best)
	}
	return chosen
}
