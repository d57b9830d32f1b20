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

func TestCatalogue(t *testing.T) {
	all := cases.All()
	if err := conformance.CheckCases(all); err != nil {
		t.Error(err)
	}
	if got, want := len(all), 80; got < want {
		t.Errorf("%d cases, want at least %d", got, want)
	}
	roles := map[conformance.Role]int{}
	profiles := map[string]int{}
	for _, c := range all {
		if len(c.Profiles) == 0 {
			t.Errorf("%s has no profile", c.ID)
		}
		for _, r := range c.Roles {
			roles[r]++
		}
		for _, p := range c.Profiles {
			if _, ok := profile.Lookup(p); !ok {
				t.Errorf("%s: unknown profile %s", c.ID, p)
			}
			profiles[p]++
		}
	}
	for _, r := range []conformance.Role{conformance.Responder, conformance.Initiator} {
		if roles[r] < 40 {
			t.Errorf("%d cases for role %s, want at least 40", roles[r], r)
		}
	}
	for _, p := range []string{"v1", "c09", "e09", "c010"} {
		if profiles[p] < 40 {
			t.Errorf("%d cases for profile %s, want at least 40", profiles[p], p)
		}
	}
}

func TestControlIsACase(t *testing.T) {
	control := cases.Control()
	found := slices.ContainsFunc(cases.All(), func(c conformance.Case) bool { return c.ID == control.ID })
	if !found || control.ID != "chan/open-and-echo" || control.Run == nil {
		t.Errorf("control %q is not a case of the catalogue", control.ID)
	}
}

// depthOf is the least depth at which a case applies.
func depthOf(c conformance.Case) int {
	if c.Depths == conformance.InTunnel {
		return 2
	}
	return 1
}

// Over a byte stream the correct peer passes every case that applies to it.
func TestCorrectPeer(t *testing.T) {
	ran := 0
	for _, p := range []profile.Profile{profile.V1(), profile.C09()} {
		for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
			for _, c := range cases.All() {
				if !slices.Contains(c.Roles, role) || !slices.Contains(c.Profiles, p.Name) || c.Long() && testing.Short() ||
					!slices.Contains(c.Transports, conformance.TCP) {
					continue
				}
				ran++
				t.Run(fmt.Sprintf("%s/%s/%s", p.Name, role, c.ID), func(t *testing.T) {
					env := adversarytest.New(adversarytest.Config{Program: peers.Correct(), Role: role, Profile: p, Depth: depthOf(c), Seed: 5})
					err := c.Run(context.Background(), env)
					var lacks *conformance.Inapplicable
					if slices.Contains(c.Requirements, "NOISE-011") { // it accepts any static key, and that is not judged
						if !errors.As(err, &lacks) {
							t.Errorf("got %v, want that the case does not apply", err)
						}
					} else if err != nil {
						t.Error(err)
					}
					if env.Links() == 0 && c.Needs == conformance.NeedsNothing {
						t.Error("no link was opened")
					}
				})
			}
		}
	}
	if ran < 200 {
		t.Errorf("%d runs, want at least 200", ran)
	}
}
