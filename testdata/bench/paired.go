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
	name string
	op   func() // one operation
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
			perOp[i] = append(perOp[i], measure(candidates[i].op))
		}
	}
	b.ReportMetric(0, "ns/op") // a round's wall time says nothing
	for i, c := range candidates {
		b.ReportMetric(median(perOp[i])/1e3, "us/"+c.name)
		if i == 0 {
			continue
		}
		ratios := make([]float64, rounds)
		for r := range rounds {
			ratios[r] = perOp[i][r] / perOp[0][r]
		}
		b.ReportMetric(median(ratios), "ratio/"+c.name)
	}
}

// measure returns the CPU nanoseconds of one operation, from a slice of many after a warm-up.
func measure(op func()) float64 {
	op()
	start := cpuTime()
	for n := 1; ; n++ {
		op()
		if spent := cpuTime() - start; spent >= slice {
			return float64(spent) / float64(n)
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
