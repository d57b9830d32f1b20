package cases

import (
	"context"
	"errors"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary/adversarytest"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/ref/profile"
)

// A peer whose counters wrap at their end is found, whatever they count to: one of 8 bits stands for one of 16.
func TestCountersThatWrap(t *testing.T) {
	const peer, last = "counter-of-8-bits", 255
	ran := 0
	for _, fault := range peers.Broken() {
		if fault.Name != peer {
			continue
		}
		for _, p := range []profile.Profile{profile.V1(), profile.C09()} {
			for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
				ran++
				env := adversarytest.New(adversarytest.Config{Program: fault.Program, Role: role, Profile: p, Seed: 7})
				err := counterEnd(context.Background(), env, last)
				var f *conformance.Failure
				if !errors.As(err, &f) || f.Requirement != "REC-003" {
					t.Errorf("%s as %s in %s: got %v, want a failure of REC-003", peer, role, p.Name, err)
				}
			}
		}
	}
	if ran != 4 {
		t.Errorf("%d runs, want 4", ran)
	}
}
