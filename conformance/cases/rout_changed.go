package cases

import (
	"context"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// ROUT-009: "A hop can see, change, drop, and divert routes; nothing trusts them. A changed ciphertext is rejected (REC-004)."
func routChanged() []conformance.Case {
	return []conformance.Case{{
		ID:           "rout/changed-on-the-way",
		Title:        "Genuine records are delivered whatever hops have made of their outer routes, and changed ones are not.",
		Requirements: []string{"ROUT-009"},
		Profiles:     []string{"v1", "e09"}, // c010 has one return address at most
		Run:          changedOnTheWay,
	}}
}

// changedRoutes are return routes as hops may leave them.
func changedRoutes(s *adversary.Session) ([]adversary.Route, error) {
	stranger, err := adversary.TransportAddress(wire.UDP, "192.0.2.7:4000")
	if err != nil {
		return nil, err
	}
	return []adversary.Route{
		nil,
		{stranger},
		{adversary.LocalAddress("elsewhere")},
		slices.Concat(s.Return, adversary.Route{stranger, adversary.LocalAddress("elsewhere")}),
		s.Return,
	}, nil
}

func changedOnTheWay(ctx context.Context, env conformance.Env) error {
	const words = "a record whose routes and whose tag were changed"
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return err
	}
	routes, err := changedRoutes(s)
	if err != nil {
		return err
	}
	home := s.Return
	for _, s.Return = range routes {
		if err := s.EchoRandom(controlSize); err != nil {
			return blame("ROUT-009", "the echo of a genuine record whose return route was changed", err)
		}
	}
	payload, err := s.RandomPayload(stimulusSize)
	if err != nil {
		return err
	}
	s.Return = routes[3]
	if err := s.SendRecord(forgeryOf(s.Sending.Seal(s.Inner(payload)))); err != nil {
		return err
	}
	s.Return = home
	if _, err := s.Survives(adversary.Rejected{Requirement: "REC-004", Words: words, Payload: payload}); err != nil {
		return err
	}
	return s.Close()
}
