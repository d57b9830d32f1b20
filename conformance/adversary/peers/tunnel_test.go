package peers_test

import (
	"fmt"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/adversarytest"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/ref/profile"
)

// A channel in a channel echoes at every depth, in both roles, on streams and on datagrams, up to its limit.
func TestTunnels(t *testing.T) {
	ran := 0
	for _, p := range []profile.Profile{profile.V1(), profile.C09(), profile.C010()} {
		for _, transport := range []conformance.Transport{conformance.TCP, conformance.UDP} {
			if transport == conformance.TCP && p.Name == "c010" {
				continue
			}
			for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
				for depth := 1; depth <= 4; depth++ {
					ran++
					t.Run(fmt.Sprintf("%s/%s/%s/%d", p.Name, transport, role, depth), func(t *testing.T) {
						env := adversarytest.New(adversarytest.Config{
							Program: peers.Correct(), Role: role, Profile: p, Transport: transport, Depth: depth,
						})
						s, err := adversary.OpenChannel(t.Context(), env)
						if err != nil {
							t.Fatal(err)
						}
						if got, want := s.Floor(), depth-1; got != want {
							t.Errorf("got %d channels below, want %d", got, want)
						}
						for _, n := range []int{0, 1, 100} {
							if err := s.EchoRandom(n); err != nil {
								t.Fatal(err)
							}
						}
						if err := s.EchoRandom(s.MaxPayload()); err != nil {
							t.Errorf("%d bytes: %v", s.MaxPayload(), err)
						}
					})
				}
			}
		}
	}
	if ran != 40 {
		t.Errorf("%d runs, want 40", ran)
	}
}
