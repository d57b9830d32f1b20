//go:build unix

// Package bench measures the reference beside flynn/noise and beside the primitives that both stand on. Candidates of one
// benchmark run in slices of a few milliseconds, in random order, each after an untimed warm-up; what counts is process CPU
// time, and the median over the rounds of the ratio to the base in the same round. It is not safe for concurrent use.
package bench

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// slice is how long one candidate runs at a time, of CPU time.
const slice = 4 * time.Millisecond

// minRounds is the least number of rounds that a median is worth, unless -benchtime asks for one only.
const minRounds = 21

// A candidate is one side of a comparison. The first of a benchmark is the base of the ratios.
type candidate struct {
	name    string
	op      func() // one operation
	own     string // a candidate that is another base, of the ratio "own"; empty: none
	prepare func() // what comes before each slice, untimed; nil: nothing
}

// paired runs the candidates for b.N rounds, at least minRounds, and reports for each the median microseconds per operation and,
// but for the first, the median ratio to the first.
func paired(b *testing.B, candidates ...candidate) {
	b.Helper()
	rounds := b.N
	if rounds > 1 {
		rounds = max(rounds, minRounds)
	}
	perOp := make([][]float64, len(candidates)) // by candidate and round
	order := make([]int, len(candidates))
	for i := range order {
		order[i] = i
	}
	b.ResetTimer()
	for range rounds {
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			if prepare := candidates[i].prepare; prepare != nil {
				prepare()
			}
			perOp[i] = append(perOp[i], measure(candidates[i].op))
		}
	}
	b.ReportMetric(0, "ns/op") // a round's wall time says nothing
	for i, c := range candidates {
		b.ReportMetric(median(perOp[i])/1e3, "us/"+c.name)
		if i > 0 {
			b.ReportMetric(ratio(perOp[i], perOp[0]), "ratio/"+c.name)
		}
		if c.own != "" {
			own := slices.IndexFunc(candidates, func(o candidate) bool { return o.name == c.own })
			b.ReportMetric(ratio(perOp[i], perOp[own]), "own/"+c.name)
		}
	}
}

// ratio is the median over the rounds of the ratio in the same round.
func ratio(of, to []float64) float64 {
	ratios := make([]float64, len(of))
	for r := range ratios {
		ratios[r] = of[r] / to[r]
	}
	return median(ratios)
}

// allocations reports for each candidate how often one operation allocates.
func allocations(b *testing.B, candidates ...candidate) {
	b.Helper()
	for _, c := range candidates {
		b.ReportMetric(testing.AllocsPerRun(100, c.op), "allocs/"+c.name)
	}
}

// measure returns the CPU nanoseconds of one operation, from a slice of many after a quarter of that as a warm-up.
func measure(op func()) float64 {
	run(op, slice/4)
	return run(op, slice)
}

// run repeats op until it has used CPU time d, and returns the nanoseconds of one. The clock, which costs as much as two small records, is
// looked at a few times only.
func run(op func(), d time.Duration) float64 {
	start, batch := cpuTime(), 1
	for n := 0; ; {
		for range batch {
			op()
		}
		n += batch
		spent := cpuTime() - start
		if spent >= d {
			return float64(spent) / float64(n)
		}
		if spent < d/4 {
			batch *= 2
		}
	}
}

// cpuTime is what the process has used of all cores.
func cpuTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}

func median(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}
