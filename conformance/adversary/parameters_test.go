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

// A varied world has parameters.
type varied struct {
	*adversarytest.World
	parameters conformance.Parameters
}

func (v varied) Parameters() conformance.Parameters { return v.parameters }

func newVaried(p profile.Profile, role conformance.Role, parameters conformance.Parameters) varied {
	return varied{adversarytest.New(adversarytest.Config{Program: peers.Correct(), Role: role, Profile: p, Seed: 1}), parameters}
}

// The hops that the kit claims are the way to it, and make the channel one on datagrams.
func TestClaimedHops(t *testing.T) {
	for route, hops := range map[string]int{"": 0, conformance.Direct: 0, conformance.OneHop: 1, conformance.TwoHops: 2} {
		for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
			s, err := adversary.OpenChannel(context.Background(), newVaried(profile.V1(), role, conformance.Parameters{Route: route}))
			if err != nil {
				t.Fatalf("%s, %q: %v", role, route, err)
			}
			if s.OnStream() != (hops == 0) {
				t.Errorf("%s, %q: on a stream: %t", role, route, s.OnStream())
			}
			if err := s.EchoRandom(20); err != nil {
				t.Errorf("%s, %q: %v", role, route, err)
			}
			m, err := s.Parse(s.Frame)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Return) != hops+1 || len(m.Onward) != hops+1 || string(m.Onward.Append(nil)) != string(s.Return.Append(nil)) {
				t.Errorf("%s, %q: the peer sends to %d addresses, the kit claims %d, want %d", role, route, len(m.Onward), len(s.Return), hops+1)
			}
		}
	}
}

// A payload that is chosen for no reason has the length of the parameter, and comes back; others are what they are.
func TestSizedPayloads(t *testing.T) {
	for size, fits := range map[string]func(n, most int) bool{
		"":                      func(n, _ int) bool { return n == adversary.TypicalSize },
		conformance.TypicalSize: func(n, _ int) bool { return n == adversary.TypicalSize },
		conformance.EmptySize:   func(n, _ int) bool { return n == 0 },
		conformance.OneByte:     func(n, _ int) bool { return n == 1 },
		conformance.LargestSize: func(n, most int) bool { return n <= most && n > most-300 && n > 900 },
	} {
		for _, p := range []profile.Profile{profile.V1(), profile.C09()} {
			s, err := adversary.OpenChannel(context.Background(), newVaried(p, conformance.Responder, conformance.Parameters{Size: size}))
			if err != nil {
				t.Fatalf("%q: %v", size, err)
			}
			for i := range 2 {
				payload, err := s.RandomPayload(adversary.TypicalSize)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Echo(payload); err != nil {
					t.Errorf("%s, %q: %v", p.Name, size, err)
				}
				if most := s.MaxPayload(); !fits(len(payload), most) || i == 1 && size == conformance.LargestSize && len(payload) != most {
					t.Errorf("%s, %q, payload %d: %d bytes of %d", p.Name, size, i+1, len(payload), most)
				}
			}
			if payload, err := s.RandomPayload(20); err != nil || len(payload) != 20 {
				t.Errorf("%s, %q: %d bytes of 20: %v", p.Name, size, len(payload), err)
			}
		}
	}
}
