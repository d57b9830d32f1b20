package adversary_test

import (
	"context"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/adversarytest"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/ref/profile"
)

// eachDatagram runs a test in both roles of the correct peer over datagrams and in every profile.
func eachDatagram(t *testing.T, test func(t *testing.T, env *adversarytest.World)) {
	ran := 0
	for _, p := range profile.All() {
		for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
			ran++
			t.Run(p.Name+"/"+string(role), func(t *testing.T) {
				test(t, adversarytest.New(adversarytest.Config{
					Program: peers.Correct(), Role: role, Profile: p, Transport: conformance.UDP, Seed: 1,
				}))
			})
		}
	}
	if ran != 8 {
		t.Errorf("%d runs, want 8", ran)
	}
}

// Over datagrams every profile opens channels and echoes, many times, whatever cannot travel (section 11).
func TestDatagramEcho(t *testing.T) {
	eachDatagram(t, func(t *testing.T, env *adversarytest.World) {
		for i := range 20 {
			s, err := adversary.OpenChannel(context.Background(), env)
			if err != nil {
				t.Fatalf("channel %d: %v", i, err)
			}
			if s.OnStream() {
				t.Error("the channel is on a stream")
			}
			for range 30 {
				if err := s.EchoRandom(20); err != nil {
					t.Fatalf("channel %d: %v", i, err)
				}
			}
			if err := s.EchoRandom(s.MaxPayload()); err != nil {
				t.Errorf("longest payload: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}
