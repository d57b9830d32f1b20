package selftest_test

import (
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/cases"
	"ockamtest/conformance/runner"
	"ockamtest/ref/profile"
)

// The sans-IO reference passes every case in every profile, role, transport, and depth, in virtual time. This file stands alone: make mutants runs
// it, with the vectors, against each mutant of the reference.
func TestReference(t *testing.T) {
	profiles := []profile.Profile{profile.V1(), profile.C09(), profile.E09(), profile.C010()}
	for _, tt := range []struct {
		program conformance.Program
		depths  []int
		passes  int // at least
	}{{attach.Reference(), []int{1, 2}, 1350}, {attach.ReferenceRouter(), nil, 90}} {
		t.Run(tt.program.Name, func(t *testing.T) {
			peer := attach.NewInProcess(tt.program, 1)
			results, err := runner.Run(t.Context(), runner.Config{
				Peer: peer, Cases: cases.All(), Control: cases.Control(), Forward: cases.Forward(), Profiles: profiles,
				Depths: tt.depths, DeepIn: []string{"v1"}, Seed: 1, Level: conformance.Should,
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := peer.Close(); err != nil {
				t.Error(err)
			}
			for _, r := range results.Results {
				switch r.Outcome {
				case conformance.Pass, conformance.Skipped, conformance.Unsupported:
				default:
					t.Errorf("%s as %s over %s in %s: %s: %s", r.Case, r.Role, r.Transport, r.Profile, r.Outcome, r.Actual)
				}
			}
			if got := results.Summary[conformance.Pass]; got < tt.passes {
				t.Errorf("%d cases passed, want at least %d", got, tt.passes)
			}
		})
	}
}
