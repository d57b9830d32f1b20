package main

import (
	"fmt"
	"slices"
	"testing"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// Against the reference every pair of values that is possible, of roles, transports, profiles, depths, and parameters, occurs in a run of the
// control that passes. What is possible is told here in other words than the runner's.
func TestEveryPairOccurs(t *testing.T) {
	results := conformant(t, "--case", "chan/open-and-echo", "--case", "rout/forward-and-back", "--jobs", "4")
	occurs := map[string]bool{}
	for i := range results.Results {
		r := &results.Results[i]
		p := conformance.Parameters{}
		if r.Parameters != nil {
			p = *r.Parameters
		}
		if r.Outcome != conformance.Pass {
			t.Errorf("%s as %s with %s: %s", r.Case, r.Role, p, r.Outcome)
		}
		addPairs(occurs, []string{string(r.Role), string(r.Transport), r.Profile, fmt.Sprint(max(1, r.Depth)), p.Route, p.Size, p.Fragmentation})
	}
	possible := map[string]bool{}
	for _, row := range everyRow() {
		addPairs(possible, row)
	}
	if len(possible) < 100 {
		t.Errorf("%d pairs are possible, too few", len(possible))
	}
	for pair := range possible {
		if !occurs[pair] {
			t.Errorf("%s does not occur", pair)
		}
	}
	for pair := range occurs {
		if !possible[pair] {
			t.Errorf("%s occurs, and is not possible", pair)
		}
	}
	if n := len(results.Results); n > 70 {
		t.Errorf("%d runs of the controls, more than pairs need", n)
	}
}

// addPairs adds the pairs of a row.
func addPairs(pairs map[string]bool, row []string) {
	for i, first := range row {
		for j, second := range row[:i] {
			pairs[fmt.Sprintf("%d=%s %d=%s", j, second, i, first)] = true
		}
	}
}

// everyRow lists every way in which a control can be run against the reference.
func everyRow() (rows [][]string) {
	none := []string{""}
	for _, p := range profile.All() {
		for _, transport := range transportNames(p) {
			fragmentations := []string{"whole", "length-bytes", "in-header", "coalesced"}
			if transport == "udp" {
				fragmentations = none
			}
			if p.Name == "v1" {
				for _, fragmentation := range fragmentations {
					rows = append(rows, []string{"router", transport, "v1", "1", "", "", fragmentation})
				}
			}
			routes, depths := none, []string{"1"}
			if slices.Contains([]string{"v1", "e09"}, p.Name) { // c09 has no routes, and c010 one return address
				routes = []string{"direct", "one-hop", "two-hops"}
			}
			if p.Name == "v1" {
				depths = append(depths, "2")
			}
			for _, role := range []string{"responder", "initiator"} {
				for _, depth := range depths {
					for _, route := range routes {
						for _, size := range []string{"typical", "empty", "one-byte", "largest"} {
							for _, fragmentation := range fragmentations {
								rows = append(rows, []string{role, transport, p.Name, depth, route, size, fragmentation})
							}
						}
					}
				}
			}
		}
	}
	return rows
}
