package runner

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// sensitive is a case that fails with some parameters.
func sensitive(fails func(conformance.Parameters) bool) conformance.Case {
	c := newCase("noise/a", func(ctx context.Context, env conformance.Env) error {
		if _, err := env.Open(ctx); err != nil {
			return err
		}
		if fails(conformance.ParametersOf(env)) {
			return &conformance.Failure{Requirement: "NOISE-006", Expected: "this", Actual: "that"}
		}
		return nil
	})
	c.Admits = conformance.ParameterNames()
	return c
}

// The control draws other keys each time that it is run, whatever for: where it was played with some parameters and failed, and is played with
// others to find out why, the same m1 would be a repeat (TRAN-014).
func TestNarrowedControlIsFresh(t *testing.T) {
	drawn := map[string]int{}
	cfg := newConfig(newFakePeer())
	p := v1()
	p.Routes, p.MaxReturnAddresses = true, 9
	cfg.Profiles, cfg.Strength = []profile.Profile{p}, 2
	cfg.Control = sensitive(func(p conformance.Parameters) bool { return p.Size == conformance.LargestSize })
	cfg.Control.ID = "chan/control"
	inner := cfg.Control.Run
	cfg.Control.Run = func(ctx context.Context, env conformance.Env) error {
		b := make([]byte, 16)
		if _, err := io.ReadFull(env.Random(), b); err != nil {
			return err
		}
		drawn[string(b)]++
		return inner(ctx, env)
	}
	cfg.Cases = []conformance.Case{cfg.Control}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	failed := slices.ContainsFunc(r.Results, func(x conformance.Result) bool { return x.Outcome == conformance.Fail })
	if !failed || len(drawn) < 10 {
		t.Fatalf("%d runs, failures among them: %v", len(drawn), failed)
	}
	for _, n := range drawn {
		if n > 1 {
			t.Errorf("%d runs of the control have drawn the same", n)
		}
	}
}

// A failure is told with the fewest parameters with which it comes, and one that depends on a single parameter breaks its requirement.
func TestNarrow(t *testing.T) {
	const all = "route=two-hops,size=largest,fragmentation=coalesced"
	tests := []struct {
		name  string
		fails func(p conformance.Parameters) bool
		with  string // parameters of the result
		blame string
		only  string
		runs  int
	}{
		{"whatever they are", func(conformance.Parameters) bool { return true },
			"route=direct,size=typical,fragmentation=whole", "NOISE-006", "", 2},
		{"the route", func(p conformance.Parameters) bool { return p.Hops() > 0 },
			"route=two-hops,size=typical,fragmentation=whole", "ROUT-008", "only with route=two-hops", 3},
		{"the size", func(p conformance.Parameters) bool { return p.Size == conformance.LargestSize },
			"route=direct,size=largest,fragmentation=whole", "CHAN-005", "only with size=largest", 4},
		{"the fragmentation", func(p conformance.Parameters) bool { return p.Fragmentation != conformance.Whole },
			"route=direct,size=typical,fragmentation=coalesced", "TRAN-003", "only with fragmentation=coalesced", 5},
		{"two of them", func(p conformance.Parameters) bool { return p.Hops() > 0 && p.Fragmentation != conformance.Whole },
			"route=two-hops,size=typical,fragmentation=coalesced", "NOISE-006", "only with fragmentation=coalesced and route=two-hops", 7},
		{"all of them", func(p conformance.Parameters) bool { return len(p.Varied()) == 3 },
			all, "NOISE-006", "only with fragmentation=coalesced and route=two-hops and size=largest", 8},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			runs := 0
			c := sensitive(func(p conformance.Parameters) bool { runs++; return test.fails(p) })
			cfg := newConfig(newFakePeer(), c)
			p := v1()
			p.Routes, p.MaxReturnAddresses = true, 9
			cfg.Profiles = []profile.Profile{p}
			var err error
			if cfg.Parameters, err = conformance.ParseParameters(all); err != nil {
				t.Fatal(err)
			}
			r, err := check(t.Context(), cfg, 1, conformance.Pass, conformance.Fail)
			if err != nil {
				t.Fatal(err)
			}
			got := r.Results[1]
			if got.Parameters == nil || got.Parameters.String() != test.with || got.Requirement != test.blame || got.Reason != test.only {
				t.Errorf("got %v, %s blamed, reason %q; want %s, %s, %q", got.Parameters, got.Requirement, got.Reason, test.with, test.blame, test.only)
			}
			if strings.Contains(got.Rerun, " --parameters "+test.with) != (len(got.Parameters.Varied()) > 0) {
				t.Errorf("to run it again: %s", got.Rerun)
			}
			if !strings.HasPrefix(got.Expected, "this") || runs != test.runs {
				t.Errorf("expected %q, after %d runs; want %d", got.Expected, runs, test.runs)
			}
		})
	}
}

// Nothing is played again with a peer that died of a case, or that no longer answers after it.
func TestNarrowOfTheDead(t *testing.T) {
	for _, died := range []bool{true, false} {
		peer, runs := newFakePeer(), 0
		c := sensitive(func(conformance.Parameters) bool { runs++; return true })
		run := c.Run
		c.Run = func(ctx context.Context, env conformance.Env) error {
			err := run(ctx, env)
			if died {
				peer.death = errors.New("signal: aborted")
			} else {
				peer.answer = func([]byte) ([]byte, error) { return nil, nil }
			}
			return err
		}
		cfg := newConfig(peer, c)
		cfg.Parameters.Size = conformance.EmptySize
		r, err := check(t.Context(), cfg, 1, conformance.Pass, conformance.Fail)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Results[1]; runs != 1 || got.Parameters.String() != "size=empty,fragmentation=whole" || got.Class == conformance.Wrong {
			t.Errorf("died %t: %d runs, with %s, class %s", died, runs, got.Parameters, got.Class)
		}
	}
}

// A peer that stops to answer while a failure is narrowed down is found dead after it.
func TestDeathWhileNarrowing(t *testing.T) {
	peer, runs := newFakePeer(), 0
	c := sensitive(func(conformance.Parameters) bool {
		if runs++; runs == 2 {
			peer.answer = func([]byte) ([]byte, error) { return nil, nil }
		}
		return true
	})
	cfg := newConfig(peer, c, newCase("noise/b", roundTrip))
	cfg.Parameters.Size = conformance.EmptySize
	r, err := check(t.Context(), cfg, 1, conformance.Pass, conformance.Fail, conformance.NotRun)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Results[1]; got.Class != conformance.Gone || runs != 2 {
		t.Errorf("class %s after %d runs, want %s after 2", got.Class, runs, conformance.Gone)
	}
}

func TestSubsets(t *testing.T) {
	got := subsets([]string{"a", "b", "c"})
	want := [][]string{{}, {"a"}, {"b"}, {"c"}, {"a", "b"}, {"a", "c"}, {"b", "c"}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %q, want %q", got, want)
	}
}
