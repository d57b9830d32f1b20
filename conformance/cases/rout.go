package cases

import (
	"context"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// ROUT-001: "A message is handed to the first address of its onward route: ... any other is unknown." ROUT-006: "A message for an unknown
// or unreachable address is dropped, counted, and harms nothing else". ROUT-008: "A channel's reply route ... never changes afterwards, not
// even by a message that verifies".
func rout() []conformance.Case {
	return []conformance.Case{{
		ID:           "rout/unknown-address",
		Title:        "A message for a local address that the peer does not have is dropped, and the peer lives on.",
		Requirements: []string{"ROUT-006", "ROUT-001"},
		Profiles:     v1(),
		Run: malformedMessages(malformation{"ROUT-001", "a message for an unknown local address", func(m adversary.Message) []byte {
			m.Onward = append(slices.Clone(m.Onward[:1]), adversary.LocalAddress("\xde\xad\xbe\xef\x00\x01\x02\x03"))
			return m.Bytes()
		}, nil}),
	}, {
		ID:           "rout/reply-route-kept",
		Title:        "Another return route on a genuine payload does not change where the peer sends.",
		Requirements: []string{"ROUT-008"},
		Profiles:     v1(),
		Run:          replyRouteKept,
	}}
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
			return adversary.Fail("ROUT-008", "the onward route of the echoes before", "another onward route after a payload with another return route")
		}
	}
	return s.Close()
}
