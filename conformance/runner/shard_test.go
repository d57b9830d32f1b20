package runner

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// sharded runs the catalogue in both roles and two profiles, as one shard of so many.
func sharded(t *testing.T, s conformance.Shard, set func(*Config)) *conformance.Results {
	t.Helper()
	peer := newFakePeer()
	peer.info.Roles = []conformance.Role{conformance.Responder, conformance.Initiator}
	cfg := Config{Peer: peer, Control: control(), Cases: catalogue(), Profiles: []profile.Profile{v1(), c09()}, Shard: s}
	if set != nil {
		set(&cfg)
	}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// However many shards there are, each case is in one of them, none has more than one above another, and all together are the whole.
func TestShardsAreTheWhole(t *testing.T) {
	whole := ran(sharded(t, conformance.Shard{}, nil))
	slices.Sort(whole)
	if len(whole) < 16 {
		t.Fatalf("%d results, too few to be divided", len(whole))
	}
	for _, of := range []int{1, 2, 3, 5, len(whole) - 4, len(whole) + 3} {
		var union []string
		least, most := len(whole), 0
		for index := 1; index <= of; index++ {
			r := sharded(t, conformance.Shard{Index: index, Of: of}, nil)
			own := 0
			for i := range r.Results {
				switch result := &r.Results[i]; {
				case result.Implied:
					if result.Case != control().ID || result.Outcome != conformance.Pass {
						t.Errorf("%s is implied: %s", result.Case, result.Outcome)
					}
				case result.Outcome == conformance.Pass:
					own++
				}
			}
			mine := slices.DeleteFunc(ran(r), func(line string) bool { return line[len(line)-1] == ')' })
			union = append(union, mine...)
			least, most = min(least, own), max(most, own)
			if want := (conformance.Shard{Index: index, Of: of, Cases: own, All: 12}); r.Shard == nil || *r.Shard != want {
				t.Errorf("got shard %+v, want %+v", r.Shard, want)
			}
			if code := conformance.ExitCode(r, nil); code != conformance.ExitConformant {
				t.Errorf("shard %d of %d with %d cases: exit code %d", index, of, own, code)
			}
		}
		slices.Sort(union)
		if !slices.Equal(union, whole) {
			t.Errorf("%d shards: got\n%q, want\n%q", of, union, whole)
		}
		if most-least > 1 {
			t.Errorf("%d shards: from %d to %d cases", of, least, most)
		}
	}
}

// A shard in which nothing ran says nothing of the whole, unless nothing can be run in any, or the peer lacks the whole protocol.
func TestEmptyShards(t *testing.T) {
	unsupported := returning(&conformance.Inapplicable{Reason: "it lacks that"})
	only := func(id string) func(*Config) {
		return func(c *Config) { c.Select.Cases = []string{id} }
	}
	tests := []struct {
		name string
		set  func(*Config)
		want int
	}{
		{"nothing here, something elsewhere", only("rec/short"), conformance.ExitConformant},
		{"nothing but skipped anywhere", only("noise/dead*"), conformance.ExitNothingRan},
		{"the peer lacks what the cases need", func(c *Config) {
			c.Select.Cases = []string{"noise/tag"}
			c.Cases[0].Run = unsupported
		}, conformance.ExitConformant},
		{"the peer lacks everything", func(c *Config) {
			c.Select.Cases = []string{"noise/tag"}
			c.Cases[0].Run, c.Cases[1].Run, c.Control.Run = unsupported, unsupported, unsupported
		}, conformance.ExitNothingRan},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := sharded(t, conformance.Shard{Index: 4, Of: 4}, test.set)
			if got := conformance.ExitCode(r, nil); got != test.want {
				t.Errorf("got exit code %d, want %d: %v", got, test.want, ran(r))
			}
		})
	}
}

func TestShardRefuses(t *testing.T) {
	for _, s := range []conformance.Shard{{Index: 1}, {Of: 2}, {Index: 3, Of: 2}, {Index: -1, Of: 2}, {Index: 1, Of: -2}} {
		cfg := newConfig(newFakePeer(), manyCases(1)...)
		cfg.Shard = s
		if _, err := Run(t.Context(), cfg); !errors.Is(err, conformance.ErrUsage) {
			t.Errorf("%+v: got %v, want a usage error", s, err)
		}
	}
}

// A version of the catalogue has the cases of those before it, and no newer ones.
func TestCatalogueVersion(t *testing.T) {
	versions := conformance.CatalogueVersions()
	if len(versions) < 2 || versions[len(versions)-1] != conformance.CatalogueVersion {
		t.Fatalf("got %q, want two or more, %s last", versions, conformance.CatalogueVersion)
	}
	cases := manyCases(len(versions))
	for i := range cases {
		cases[i].Run, cases[i].Since, cases[i].Requirements = roundTrip, versions[i], []string{[]string{"NOISE-005", "NOISE-006"}[min(i, 1)]}
	}
	for i, version := range append([]string{""}, versions...) {
		cfg := newConfig(newFakePeer(), cases...)
		cfg.Catalogue = version
		r, err := Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		want := i
		if version == "" {
			version, want = conformance.CatalogueVersion, len(versions)
		}
		if got := len(r.Results) - 1; got != want || r.Catalogue != version {
			t.Errorf("version %s: %d cases, and the results say %s; want %d", version, got, r.Catalogue, want)
		}
	}
	for _, test := range []struct{ version, glob string }{{"0.9", "noise/*"}, {"1.0", fmt.Sprintf("noise/case-%d", len(versions)-1)}} {
		cfg := newConfig(newFakePeer(), cases...)
		cfg.Catalogue, cfg.Select.Cases = test.version, []string{test.glob}
		if _, err := Run(t.Context(), cfg); !errors.Is(err, conformance.ErrUsage) {
			t.Errorf("version %s, case %s: got %v, want a usage error", test.version, test.glob, err)
		}
	}
}
