package cases_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary/adversarytest"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/conformance/cases"
	"ockamtest/ref/profile"
)

// Each peer that is wrong where an adapter lets the kit look fails cases about that, of what it breaks and of nothing else; each such case
// fails one of them, in each role and profile; and a peer of which there is nothing to be seen is not judged.
func TestInsight(t *testing.T) {
	faults, ran := 0, 0
	failed := map[string]bool{} // case and place
	for _, f := range peers.Broken() {
		if f.Needs == conformance.NeedsNothing {
			continue
		}
		faults++
		caught := false
		eachInsight(func(c conformance.Case, place string, cfg adversarytest.Config) {
			if c.Needs != f.Needs || !slices.Contains(f.Speaks(cfg.Transport), cfg.Profile.Name) {
				return
			}
			ran++
			cfg.Program = f.Program
			err := c.Run(context.Background(), adversarytest.New(cfg))
			var failure *conformance.Failure
			switch {
			case errors.As(err, &failure) && slices.Contains(f.Breaks, failure.Requirement):
				caught, failed[c.ID+place] = true, true
			case errors.As(err, &failure) && slices.Contains(f.Entails, failure.Requirement):
			case err != nil:
				t.Errorf("%s: %s%s: got %v, want a Failure of %v", f.Name, c.ID, place, err, f.Breaks)
			}
		})
		if !caught {
			t.Errorf("%s fails nothing", f.Name)
		}
	}
	eachInsight(func(c conformance.Case, place string, cfg adversarytest.Config) {
		if !failed[c.ID+place] {
			t.Errorf("%s%s fails no broken peer", c.ID, place)
		}
		cfg.Program = peers.Lawful()[0]
		cfg.Program.Insight, cfg.Program.Reading = nil, false
		var lacks *conformance.Inapplicable
		if err := c.Run(context.Background(), adversarytest.New(cfg)); !errors.As(err, &lacks) {
			t.Errorf("%s%s: got %v for a peer that shows nothing, want that it does not apply", c.ID, place, err)
		}
	})
	if faults < 20 || ran < 1000 {
		t.Errorf("%d faults, %d runs, want at least 20 and 1000", faults, ran)
	}
}

// overWhat are the transports over which a case differs.
func overWhat(c conformance.Case, p profile.Profile) []conformance.Transport {
	switch {
	case !slices.Contains(p.Transports, profile.TCP):
		return []conformance.Transport{conformance.UDP}
	case c.Needs == conformance.NeedsInsight:
		return []conformance.Transport{conformance.TCP}
	}
	return []conformance.Transport{conformance.TCP, conformance.UDP}
}

// eachInsight calls do with every case that needs something of the attachment, in each role and profile.
func eachInsight(do func(c conformance.Case, place string, cfg adversarytest.Config)) {
	for _, c := range cases.All() {
		if c.Needs == conformance.NeedsNothing {
			continue
		}
		for _, role := range c.Roles {
			for _, name := range c.Profiles {
				p, _ := profile.Lookup(name)
				for _, t := range overWhat(c, p) {
					do(c, fmt.Sprintf(" %s %s %s", role, t, name), adversarytest.Config{Role: role, Profile: p, Transport: t, Seed: 3})
				}
			}
		}
	}
}
