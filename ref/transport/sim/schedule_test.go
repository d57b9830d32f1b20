package sim

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A schedule gives what a sorted list gives, also after some were taken out.
func TestSchedule(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		var s schedule
		var model []event
		compare := func(a, b event) int {
			switch {
			case a.before(b):
				return -1
			case b.before(a):
				return 1
			}
			return 0
		}
		popped := 0
		for i := range 500 {
			switch {
			case r.IntN(100) == 0:
				flow := r.Uint64N(5)
				unwanted := func(e event) bool { return e.flow == flow }
				s.remove(unwanted)
				model = slices.DeleteFunc(model, unwanted)
			case r.IntN(3) > 0 || len(model) == 0:
				e := event{at: time.Duration(r.IntN(50)), flow: r.Uint64N(5), order: uint64(i), slot: uint32(i)}
				s.push(e)
				model = append(model, e)
				slices.SortFunc(model, compare)
			default:
				if got := s.pop(); got != model[0] {
					t.Fatalf("seed %d, step %d: got %v, want %v", seed, i, got, model[0])
				}
				model = model[1:]
				popped++
			}
			if len(s) != len(model) {
				t.Fatalf("seed %d, step %d: %d events, want %d", seed, i, len(s), len(model))
			}
		}
		if popped < 50 {
			t.Fatalf("seed %d: %d events taken, too few to tell", seed, popped)
		}
	}
}
