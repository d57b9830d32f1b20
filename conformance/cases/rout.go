package cases

import (
	"context"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// ROUT-006: "A message for an unknown or unreachable address is dropped, counted, and harms nothing else". ROUT-008: "A
// channel's reply route ... never changes afterwards, not even by a message that verifies".
func rout() []conformance.Case {
	return []conformance.Case{{
		ID:           "rout/unknown-address",
		Title:        "A message for a local address that the peer does not have harms nothing: the peer lives on.",
		Requirements: []string{"ROUT-006"},
		Profiles:     []string{"v1", "e09"}, // c010 is an end point for which everything is
		Run:          unknownAddress,
	}, {
		ID:           "rout/reply-route-kept",
		Title:        "Another return route on a genuine payload does not change where the peer sends.",
		Requirements: []string{"ROUT-008"},
		Profiles:     []string{"v1", "e09"}, // c010 has one return address at most
		Run:          replyRouteKept,
	}}
}

// unknownAddress leaves open whether the message is taken: an end point that is no node need not look at onward routes.
func unknownAddress(ctx context.Context, env conformance.Env) error {
	unknown := adversary.LocalAddress("\xde\xad\xbe\xef\x00\x01\x02\x03")
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	s.Onward = append(slices.Clone(s.Onward[:1]), unknown)
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if _, err := s.Answer(env.Quiet()); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	if s, err = adversary.OpenChannel(ctx, env); err != nil {
		return served(1, "ROUT-006", err)
	}
	s.Onward = append(slices.Clone(s.Onward[:1]), unknown)
	if err := s.SendPayload([]byte("for an unknown address")); err != nil {
		return err
	}
	if _, err := s.Answer(env.Quiet()); err != nil {
		return err
	}
	return s.Close()
}

func replyRouteKept(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return err
	}
	route := s.Heard.Onward
	own := s.Return
	for _, other := range []adversary.Route{
		append(slices.Clone(own), adversary.LocalAddress("elsewhere")),
		{"\x01\x00\xc0\x00\x02\x01\xa0\x0f", adversary.LocalAddress("elsewhere")},
		own,
	} {
		s.Return = other
		if err := s.EchoRandom(controlSize); err != nil {
			return blame("ROUT-008", "an echo whatever the payload's outer return route is", err)
		}
		if !slices.Equal(s.Heard.Onward, route) {
			return adversary.Fail("ROUT-008", "the onward route of the echoes before",
				"another onward route after a payload with another return route")
		}
	}
	return s.Close()
}
