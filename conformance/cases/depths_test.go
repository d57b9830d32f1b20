package cases

import (
	"slices"
	"testing"

	"ockamtest/conformance"
)

// What is marked exists, and what is not marked is left out of tunnels and of ways over hops.
func TestPlaces(t *testing.T) {
	ids := map[string]bool{}
	counts := map[conformance.Depths]int{}
	hops := 0
	for _, c := range All() {
		ids[c.ID] = true
		counts[c.Depths]++
		if c.Hops {
			hops++
		}
		if c.Depths != conformance.OnTransport && slices.Contains(c.Roles, conformance.Router) {
			t.Errorf("%s is about routers, which have no channel", c.ID)
		}
	}
	seen := map[string]bool{}
	for _, id := range slices.Concat(farCases(), insideCases()) {
		if !ids[id] || seen[id] {
			t.Errorf("%s is no case, or is marked twice", id)
		}
		seen[id] = true
	}
	if got, want := counts[conformance.AnyDepth], len(seen); got != want || want < 80 {
		t.Errorf("%d cases apply at any depth, want %d, and 80 at least", got, want)
	}
	if got, want := hops, len(farCases()); got != want || want < 65 {
		t.Errorf("%d cases apply through hops, want %d, and 65 at least", got, want)
	}
}
