package selftest_test

import (
	"sync"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/attach/subject"
	"ockamtest/conformance/cases"
	"ockamtest/conformance/runner"
	"ockamtest/ref/profile"
	"ockamtest/vectors"
)

// These files stand alone: .ci/mutants runs their tests, and no others, against each mutant of the reference's core.

// embedded are the vectors.
func embedded(t *testing.T) []*vectors.File {
	t.Helper()
	files, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var loaded = sync.OnceValues(func() ([]*vectors.File, error) { return vectors.Load(vectors.Embedded()) })

// The sans-IO reference passes every vector that can be put to it.
func TestReferenceOfVectors(t *testing.T) {
	if testing.Short() {
		t.Skip("records of counter 65,535 take long with the race detector: make whole runs it")
	}
	s, err := subject.NewReference(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	const unsupported = 18 // those put to an implementation in the middle of something that it cannot be brought to
	passed, missing := 0, 0
	for _, f := range embedded(t) {
		r, err := vectors.Run(s, []*vectors.File{f}, vectors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range r.Verdicts {
			if v.Outcome == vectors.Fail || v.Outcome == vectors.NotRun {
				t.Fatalf("%s, %d: %v", f.Name, v.Vector.Common().TcID, v.Err)
			}
		}
		passed, missing = passed+r.Count(vectors.Pass), missing+r.Count(vectors.NotSupported)
	}
	if passed < 2700 || missing > unsupported {
		t.Errorf("%d vectors passed, want at least 2,700; %d unsupported, want at most %d", passed, missing, unsupported)
	}
}

// It passes every case in every profile, role, transport, and depth, in virtual time.
func TestReferenceOfCases(t *testing.T) {
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
				Depths: tt.depths, DeepIn: []string{"v1"}, Seed: 1, Level: conformance.Should, FailFast: true,
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
