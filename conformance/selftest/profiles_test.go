package selftest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary/adversarytest"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/conformance/cases"
	"ockamtest/conformance/runner"
	"ockamtest/ref/profile"
)

// dialectCases is how many cases of a profile have to fail against a correct peer that speaks another one. The control is none of them.
const dialectCases = 20

// A dialects counts what the cases of one profile, each by itself and without a control before it, make of the correct peer of another one.
type dialects struct {
	kit, peer string
	failed    map[string]bool // case bodies, in some role and transport
	blamed    map[string]bool // requirements
	outcomes  map[string]int  // of all runs
}

// speaking is the correct peer that speaks a profile whatever it is asked for.
func speaking(name string) conformance.Program {
	p := peers.Correct()
	start := p.Start
	p.Start = func(need conformance.Need, seed uint64) conformance.Node {
		need.Profile = name
		return start(need, seed)
	}
	return p
}

// Each profile has cases that fail when they are run under another one: whoever tests his peer in the wrong profile is told so by more than
// the control. A case may pass or not apply where the dialects do not differ; none may be in trouble.
func TestDialectsDiffer(t *testing.T) {
	pairs := 0
	for _, kit := range profile.All() {
		for _, other := range profile.All() {
			if kit.Name == other.Name {
				continue
			}
			pairs++
			d := compare(t, kit, other)
			t.Log(d)
			if least := atLeast(); len(d.failed) < least {
				t.Errorf("%d cases of %s fail against a peer that speaks %s, want at least %d", len(d.failed), d.kit, d.peer, least)
			}
			if d.outcomes["trouble"] > 0 {
				t.Errorf("%s against %s: %d times the kit was in trouble", d.kit, d.peer, d.outcomes["trouble"])
			}
		}
	}
	if pairs != 12 {
		t.Errorf("%d ordered pairs of profiles, want 12", pairs)
	}
}

// dialectSample is how many cases stand between two of the sample that is run in short tests.
const dialectSample = 8

func atLeast() int {
	if testing.Short() {
		return dialectCases / dialectSample
	}
	return dialectCases
}

// compare runs every case of the kit's profile against the other one's correct peer, in both roles, over the transports that both have.
func compare(t *testing.T, kit, other profile.Profile) dialects {
	d := dialects{kit: kit.Name, peer: other.Name, failed: map[string]bool{}, blamed: map[string]bool{}, outcomes: map[string]int{}}
	for i, c := range cases.All() {
		if testing.Short() && i%dialectSample != 0 || c.ID == cases.Control().ID || !d.fits(c) {
			continue
		}
		for _, role := range c.Roles {
			for _, transport := range []conformance.Transport{conformance.TCP, conformance.UDP} {
				if !runner.Has(kit, transport) || !runner.Has(other, transport) || !slices.Contains(c.Transports, transport) {
					continue
				}
				d.take(c, adversarytest.New(adversarytest.Config{
					Program: speaking(other.Name), Role: role, Profile: kit, Transport: transport, Seed: 1,
				}))
			}
		}
	}
	return d
}

// fits tells whether a case is about channels on the wire, and is quick.
func (d dialects) fits(c conformance.Case) bool {
	return slices.Contains(c.Profiles, d.kit) && !c.Long() && c.Needs == conformance.NeedsNothing &&
		!slices.Contains(c.Roles, conformance.Router) && c.Depths.Has(1)
}

func (d dialects) take(c conformance.Case, env conformance.Env) {
	err := c.Run(context.Background(), env)
	var f *conformance.Failure
	var lacks *conformance.Inapplicable
	switch {
	case err == nil:
		d.outcomes["pass"]++
	case errors.As(err, &f):
		d.outcomes["fail"]++
		d.failed[c.ID], d.blamed[f.Requirement] = true, true
	case errors.As(err, &lacks):
		d.outcomes["inapplicable"]++
	default:
		d.outcomes["trouble"]++
	}
}

// String is the row of a table.
func (d dialects) String() string {
	var blamed []string
	for _, r := range conformance.Catalogue() {
		if d.blamed[r.ID] {
			blamed = append(blamed, r.ID)
		}
	}
	return fmt.Sprintf("kit %-4s peer %-4s %3d cases fail; of all runs %3d fail, %2d pass, %2d do not apply, %d trouble; blamed %s",
		d.kit, d.peer, len(d.failed), d.outcomes["fail"], d.outcomes["pass"], d.outcomes["inapplicable"], d.outcomes["trouble"],
		strings.Join(blamed, " "))
}
