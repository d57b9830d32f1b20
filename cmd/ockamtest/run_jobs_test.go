package main

import (
	"slices"
	"strings"
	"testing"

	"ockamtest/conformance"
)

// What a run finds does not depend on how many peers it is made with.
func TestJobs(t *testing.T) {
	lines := func(r *conformance.Results) (all []string) {
		for i := range r.Results {
			result := &r.Results[i]
			all = append(all, string(result.Outcome)+" "+result.Rerun)
		}
		return all
	}
	one := conformant(t, "--peer", "in-process:reference", "--transport", "mem")
	three := conformant(t, "--peer", "in-process:reference", "--transport", "mem", "--jobs", "3")
	if one.Jobs != 1 || three.Jobs != 3 {
		t.Errorf("%d and %d jobs, want 1 and 3", one.Jobs, three.Jobs)
	}
	if got, want := lines(three), lines(one); len(want) < 8*minPasses || !slices.Equal(got, want) {
		t.Errorf("got %d results\n%s\nwant %d, the same\n%s", len(got), strings.Join(got, "\n"), len(want), strings.Join(want, "\n"))
	}
}

func TestShareJobs(t *testing.T) {
	tests := []struct {
		name              string
		o                 runOptions
		jobs, connections int
		note              string // "" for none
		usage             bool
	}{
		{"the reference", runOptions{jobs: 4}, 4, 0, "", false},
		{"a command", runOptions{peer: "exec:./x", jobs: 4, maxConnections: 1}, 4, 1, "", false},
		{"an adapter", runOptions{peer: "adapter:./x", jobs: 2}, 2, 0, "", false},
		{"in process", runOptions{peer: "in-process:x", jobs: 2}, 2, 0, "", false},
		{"an address", runOptions{peer: "tcp://127.0.0.1:4000", jobs: 4}, 1, 0, "--max-connections", false},
		{"an address, one job", runOptions{peer: "tcp://127.0.0.1:4000", jobs: 1, maxConnections: 3}, 1, 3, "", false},
		{"an address with room", runOptions{peer: "tcp://127.0.0.1:4000", jobs: 3, maxConnections: 7}, 3, 2, "", false},
		{"an address with less", runOptions{peer: "tcp://127.0.0.1:4000", jobs: 3, maxConnections: 2}, 2, 1, "--jobs 3: 2", false},
		{"datagrams", runOptions{peer: "udp://127.0.0.1:4000", jobs: 3, maxConnections: 7}, 1, 7, "UDP", false},
		{"whoever dials", runOptions{peer: "accept:tcp://127.0.0.1:4000", jobs: 3, maxConnections: 7}, 1, 7, "dials", false},
		{"none", runOptions{jobs: 0}, 0, 0, "", true},
		{"too many", runOptions{jobs: 65}, 65, 0, "", true},
		{"of nothing", runOptions{peer: "nonsense", jobs: 2}, 2, 0, "", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			note, err := test.o.shareJobs()
			if (err != nil) != test.usage {
				t.Errorf("got error %v, want one: %v", err, test.usage)
			}
			if test.o.jobs != test.jobs || test.o.maxConnections != test.connections {
				t.Errorf("got %d jobs with %d connections each, want %d with %d", test.o.jobs, test.o.maxConnections, test.jobs, test.connections)
			}
			if !strings.Contains(note, test.note) || (note == "") != (test.note == "") {
				t.Errorf("got note %q, want one with %q", note, test.note)
			}
		})
	}
}
