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

// Over datagrams the correct peer passes every case that applies to it, in every profile.
func TestCorrectPeerOverDatagrams(t *testing.T) {
	ran := 0
	for _, p := range profile.All() {
		for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
			for _, c := range cases.All() {
				if !slices.Contains(c.Roles, role) || !slices.Contains(c.Profiles, p.Name) ||
					!slices.Contains(c.Transports, conformance.UDP) || c.Long() && testing.Short() {
					continue
				}
				ran++
				t.Run(fmt.Sprintf("%s/%s/%s", p.Name, role, c.ID), func(t *testing.T) {
					env := adversarytest.New(adversarytest.Config{
						Program: peers.Correct(), Role: role, Profile: p, Transport: conformance.UDP, Depth: depthOf(c), Seed: 5,
					})
					err := c.Run(context.Background(), env)
					var lacks *conformance.Inapplicable
					if err != nil && !errors.As(err, &lacks) {
						t.Error(err)
					}
					if env.Links() == 0 && c.Needs == conformance.NeedsNothing {
						t.Error("no link was opened")
					}
				})
			}
		}
	}
	if ran < 400 {
		t.Errorf("%d runs, want at least 400", ran)
	}
}
