package runner

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// all lists every combination of values.
func all(sizes ...int) []combination {
	rows := []combination{nil}
	for _, size := range sizes {
		var longer []combination
		for _, row := range rows {
			for v := range size {
				longer = append(longer, append(slices.Clone(row), v))
			}
		}
		rows = longer
	}
	return rows
}

// tuplesOf lists every t-tuple of a combination in words, computed in another way than coverage does.
func tuplesOf(t int, p combination, into map[string]bool) {
	for mask := range 1 << len(p) {
		text, n := "", 0
		for factor, value := range p {
			if mask>>factor&1 == 1 {
				text += fmt.Sprintf(" %d=%d", factor, value)
				n++
			}
		}
		if n == t {
			into[text] = true
		}
	}
}

// Whatever is possible, every tuple of it occurs in what is chosen, of which nothing can be left out from the end.
func TestCoverage(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	type model struct {
		sizes    []int
		possible []combination
	}
	models := []model{{[]int{2, 2, 2}, all(2, 2, 2)}, {[]int{3, 4, 4}, all(3, 4, 4)}, {[]int{1, 1}, all(1, 1)}}
	for range 20 { // in which not every combination is possible
		sizes := make([]int, 2+random.IntN(4))
		for i := range sizes {
			sizes[i] = 1 + random.IntN(4)
		}
		var possible []combination
		for _, p := range all(sizes...) {
			if random.IntN(3) > 0 {
				possible = append(possible, p)
			}
		}
		models = append(models, model{sizes, possible})
	}
	for _, m := range models {
		for strength := 1; strength <= len(m.sizes)+1; strength++ {
			want, got := map[string]bool{}, map[string]bool{}
			for _, p := range m.possible {
				tuplesOf(min(strength, len(m.sizes)), p, want)
			}
			c := newCoverage(strength, m.sizes, m.possible)
			if c.left != len(want) {
				t.Errorf("seed %d, strength %d of %v: %d tuples, want %d", seed, strength, m.sizes, c.left, len(want))
			}
			chosen := c.complete(m.possible)
			for i, at := range chosen {
				before := len(got)
				if tuplesOf(min(strength, len(m.sizes)), m.possible[at], got); len(got) == before {
					t.Errorf("seed %d, strength %d of %v: choice %d gains nothing", seed, strength, m.sizes, i)
				}
			}
			if len(got) != len(want) || c.left != 0 {
				t.Errorf("seed %d, strength %d of %v: %d of %d tuples", seed, strength, m.sizes, len(got), len(want))
			}
			if again := newCoverage(strength, m.sizes, m.possible).complete(m.possible); !slices.Equal(again, chosen) {
				t.Errorf("seed %d, strength %d of %v: chosen otherwise the second time", seed, strength, m.sizes)
			}
		}
	}
}

// Pairs take far fewer combinations than there are, and not many more than there have to be.
func TestCoverageIsSmall(t *testing.T) {
	for _, test := range []struct {
		strength, least, most int
		sizes                 []int
	}{
		{2, 16, 24, []int{2, 3, 4, 2, 3, 4, 4}},
		{2, 4, 8, []int{2, 2, 2, 2, 2, 2, 2}},
		{3, 64, 110, []int{2, 3, 4, 2, 3, 4, 4}},
		{1, 4, 4, []int{2, 3, 4}},
		{3, 24, 24, []int{2, 3, 4}},
	} {
		possible := all(test.sizes...)
		if n := len(newCoverage(test.strength, test.sizes, possible).complete(possible)); n < test.least || n > test.most {
			t.Errorf("strength %d of %v: %d combinations of %d, want %d to %d", test.strength, test.sizes, n, len(possible), test.least, test.most)
		}
	}
}

// What has occurred is not chosen again.
func TestCoverageOfTheRest(t *testing.T) {
	possible := all(3, 3, 3)
	c := newCoverage(2, []int{3, 3, 3}, possible)
	for _, p := range possible[:18] { // all with the first factor below 2
		c.occur(p)
	}
	chosen := c.complete(possible)
	if len(chosen) != 3 {
		t.Errorf("%d combinations, want 3", len(chosen))
	}
	for _, at := range chosen {
		if possible[at][0] != 2 {
			t.Errorf("%v is chosen, whose pairs have occurred", possible[at])
		}
	}
	if more := c.complete(possible); len(more) != 0 {
		t.Errorf("%d combinations when nothing is left", len(more))
	}
}
