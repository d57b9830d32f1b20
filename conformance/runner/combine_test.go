package runner

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// combined is a config with groups of every kind: with and without routes, on streams and on datagrams, in tunnels, in both roles.
func combined(strength int, cases ...conformance.Case) Config {
	peer := newFakePeer()
	peer.info.Roles = []conformance.Role{conformance.Responder, conformance.Initiator}
	peer.info.Transports = []conformance.Transport{conformance.TCP, conformance.UDP}
	peer.info.Depths = 2
	everything := []profile.Transport{profile.TCP, profile.UDP}
	cfg := newConfig(peer, cases...)
	for i := range cfg.Cases {
		cfg.Cases[i] = admitting(cfg.Cases[i])
	}
	cfg.Control = admitting(cfg.Control)
	cfg.Profiles = []profile.Profile{
		{Name: "v1", Transports: everything, Routes: true, MaxReturnAddresses: 9},
		{Name: "c09", Transports: everything},
		{Name: "c010", Transports: everything[1:], Routes: true, MaxReturnAddresses: 1},
	}
	cfg.Depths, cfg.DeepIn, cfg.Strength = []int{1, 2}, []string{"v1"}, strength
	return cfg
}

// admitting is a case that admits all parameters, over all transports and at all depths.
func admitting(c conformance.Case) conformance.Case {
	c.Admits, c.Depths = conformance.ParameterNames(), conformance.AnyDepth
	c.Transports = []conformance.Transport{conformance.TCP, conformance.UDP}
	return c
}

// factors are the values of a result, "" for one that does not apply.
func factors(r *conformance.Result) []string {
	p := conformance.Parameters{}
	if r.Parameters != nil {
		p = *r.Parameters
	}
	return []string{string(r.Role), string(r.Transport), r.Profile, fmt.Sprint(max(1, r.Depth)), p.Route, p.Size, p.Fragmentation}
}

// tuplesIn are the t-way combinations in the results of the control.
func tuplesIn(t int, r *conformance.Results) map[string]bool {
	found := map[string]bool{}
	for i := range r.Results {
		if r.Results[i].Case == control().ID {
			for _, tuple := range choose(t, maxStrength) {
				text := ""
				for _, factor := range tuple {
					text += fmt.Sprintf(" %d=%s", factor, factors(&r.Results[i])[factor])
				}
				found[text] = true
			}
		}
	}
	return found
}

// Of whatever strength: every combination that is possible occurs in a run of the control, and nothing that is not possible.
func TestCombinationsOccur(t *testing.T) {
	whole, err := Run(t.Context(), combined(maxStrength))
	if err != nil {
		t.Fatal(err)
	}
	for strength := 0; strength <= maxStrength; strength++ {
		r, err := Run(t.Context(), combined(strength))
		if err != nil {
			t.Fatal(err)
		}
		if r.Summary[conformance.Pass] != len(r.Results) {
			t.Errorf("strength %d: %v", strength, r.Summary)
		}
		extra := len(r.Results) - 14 // that many groups
		if strength == 0 {
			if extra != 0 {
				t.Errorf("strength 0: %d runs more", extra)
			}
			continue
		}
		want, got := tuplesIn(strength, whole), tuplesIn(strength, r)
		if len(want) < 4 || len(got) != len(want) {
			t.Errorf("strength %d: %d combinations, want %d", strength, len(got), len(want))
		}
		if strength == 2 && (extra < 16 || extra > 40) {
			t.Errorf("strength 2: %d runs more", extra)
		}
	}
	// With routes: 2 roles, TCP at 2 depths with 48, UDP at 2 depths with 12. Without: TCP with 16, UDP with 4 in two profiles.
	if got, want := len(whole.Results), 2*(2*48+2*12+16+4+4); got != want {
		t.Errorf("%d runs of the control, want %d", got, want)
	}
}

// The cases have parameters by chance: the same by the same seed, whatever else is run, and all values with some seed.
func TestParametersByChance(t *testing.T) {
	seen := map[string]int{}
	varied, all := 0, 0
	for seed := range uint64(16) {
		lines := func(select_ ...string) (lines []string) {
			cfg := combined(2, newCase("noise/a", roundTrip), newCase("noise/b", roundTrip))
			cfg.Seed, cfg.Select.Cases = seed, select_
			r, err := Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			for i := range r.Results {
				result := &r.Results[i]
				if result.Case != "noise/b" {
					continue
				}
				lines = append(lines, strings.Join(factors(result), " "))
				if select_ != nil {
					continue
				}
				for factor, value := range factors(result) {
					seen[fmt.Sprint(factor, value)]++
				}
				if all++; len(result.Parameters.Varied()) > 0 {
					varied++
				}
				want := ""
				if len(result.Parameters.Varied()) > 0 {
					want = " --parameters " + result.Parameters.String()
				}
				if _, tail, _ := strings.Cut(result.Rerun, "--case noise/b --seed "); !strings.HasSuffix(tail, want) || want == "" && strings.Contains(tail, "--p") {
					t.Errorf("the line %q does not end in %q", result.Rerun, want)
				}
			}
			return lines
		}
		if got, want := lines("noise/b"), lines(); len(want) != 14 || !slices.Equal(got, want) {
			t.Errorf("seed %d: alone %q, among others %q", seed, got, want)
		}
	}
	for i, name := range conformance.ParameterNames() {
		for _, value := range conformance.ParameterValues(name) {
			if seen[fmt.Sprint(4+i, value)] == 0 {
				t.Errorf("%s=%s does not occur", name, value)
			}
		}
	}
	if varied == 0 || varied > all/2 {
		t.Errorf("%d of %d runs are varied, want some", varied, all)
	}
}

// Parameters that are asked for are those of every case that admits them, and of a run of the control beside the plain one.
func TestParametersAskedFor(t *testing.T) {
	cfg := combined(2, newCase("noise/a", roundTrip))
	plain := newCase("noise/plain", roundTrip)
	cfg.Cases = append(cfg.Cases, plain)
	cfg.Parameters = conformance.Parameters{Route: conformance.OneHop, Fragmentation: conformance.InHeader}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for i := range r.Results {
		result := &r.Results[i]
		text := "none"
		if result.Parameters != nil {
			text = result.Parameters.String()
		}
		seen[result.Case+" "+text]++
	}
	for want, n := range map[string]int{
		"noise/plain none": 4, // not in tunnels, and over TCP alone
		"noise/a route=one-hop,size=typical,fragmentation=in-header": 4, "noise/a route=one-hop,size=typical": 4,
		"noise/a size=typical,fragmentation=in-header": 2, "noise/a size=typical": 4,
		control().ID + " route=direct,size=typical,fragmentation=whole":      4,
		control().ID + " route=one-hop,size=typical,fragmentation=in-header": 4,
		control().ID + " route=one-hop,size=typical":                         4,
		control().ID + " route=direct,size=typical":                          4,
		control().ID + " size=typical,fragmentation=in-header":               2,
		control().ID + " size=typical,fragmentation=whole":                   2,
		control().ID + " size=typical":                                       4,
	} {
		if seen[want] != n {
			t.Errorf("%s: %d times, want %d", want, seen[want], n)
		}
		delete(seen, want)
	}
	if len(seen) > 0 {
		t.Errorf("also %v", seen)
	}
}

// Combinations are for those who ask for the control; and shards share them like everything else.
func TestWhereCombinationsAreRun(t *testing.T) {
	cfg := combined(3, newCase("noise/a", roundTrip))
	cfg.Select.Cases = []string{"noise/a"}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Results) != 28 {
		t.Errorf("%d results, want a case and its control in 14 groups", len(r.Results))
	}
	lines := func(r *conformance.Results) (lines []string) {
		for i := range r.Results {
			if !r.Results[i].Implied {
				lines = append(lines, r.Results[i].Case+strings.Join(factors(&r.Results[i]), " "))
			}
		}
		return lines
	}
	cfg.Select.Cases = nil
	if r, err = Run(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	want, got := lines(r), []string(nil)
	for i := range 3 {
		cfg.Shard = conformance.Shard{Index: i + 1, Of: 3}
		if r, err = Run(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		got = append(got, lines(r)...)
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) < 60 || !slices.Equal(got, want) {
		t.Errorf("in shards %d results, in all %d", len(got), len(want))
	}
}

// Behind hops that are there none are claimed, and nothing is as long as it can be: a hop may have a lower limit.
func TestNoHopsBehindHops(t *testing.T) {
	cfg := combined(2)
	names := cfg.admitted(cfg.Control, conformance.Need{Role: conformance.Responder, Transport: conformance.TCP}, cfg.Profiles[0])
	if !slices.Equal(names, conformance.ParameterNames()) {
		t.Errorf("got %q, want all", names)
	}
	cfg.Route = wire.Route{wire.UDPAddress4([4]byte{127, 0, 0, 1}, 4000)}
	names = cfg.admitted(cfg.Control, conformance.Need{Role: conformance.Responder, Transport: conformance.TCP}, cfg.Profiles[0])
	if want := []string{conformance.FragmentationParameter}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	names = cfg.admitted(cfg.Control, conformance.Need{Role: conformance.Router, Transport: conformance.TCP}, cfg.Profiles[0])
	if want := []string{conformance.FragmentationParameter}; !slices.Equal(names, want) {
		t.Errorf("a router: got %q, want %q", names, want)
	}
}

func TestStrengthRefused(t *testing.T) {
	for _, strength := range []int{-1, maxStrength + 1} {
		if _, err := Run(t.Context(), combined(strength)); !errors.Is(err, conformance.ErrUsage) {
			t.Errorf("strength %d: got %v, want a usage error", strength, err)
		}
	}
}

// Attempts with other parameters are made of other bytes, and always of the same.
func TestRandomOfParameters(t *testing.T) {
	seen := map[string]string{}
	for range 2 {
		cfg := combined(maxStrength)
		peer := cfg.Peer.(*fakePeer)
		peer.answer = func(p []byte) ([]byte, error) {
			seen[string(p)] += "."
			return p, nil
		}
		if _, err := Run(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) < 500 {
		t.Errorf("%d messages, too few", len(seen))
	}
	for p, times := range seen {
		if times != ".." {
			t.Errorf("%x was sent in %d of two runs", p, len(times))
		}
	}
}
