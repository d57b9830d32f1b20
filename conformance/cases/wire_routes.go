package cases

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// WIRE-008: "A route holds up to 255 addresses on the wire. A receiver supports at least 8 and rejects more than it supports
// without harm." WIRE-012: "Local addresses are 1 to 255 bytes, opaque".
func wireRoutes() []conformance.Case {
	return []conformance.Case{{
		ID:           "wire/eight-addresses",
		Title:        "A channel opens and echoes when the kit's return route has eight addresses, or as many as the profile allows.",
		Requirements: []string{"WIRE-008"},
		Profiles:     routed(),
		Run:          eightAddresses,
	}, {
		ID:           "wire/route-255",
		Title:        "A handshake message with a return route of 255 addresses is rejected, or answered rightly.",
		Requirements: []string{"WIRE-008"},
		Profiles:     routed(),
		Run:          route255,
	}, {
		ID:           "wire/long-local-address",
		Title:        "A channel opens and echoes when the kit's return route has a local address of 1 byte, or of 255.",
		Requirements: []string{"WIRE-012"},
		Profiles:     routed(),
		Run:          longLocalAddress,
	}, {
		ID:           "wire/routes-not-empty",
		Title:        "In a profile without routes, a message that has one is rejected.",
		Requirements: []string{"WIRE-008"},
		Profiles:     c09(),
		Run: malformedMessages(malformation{"WIRE-008", "a return route of one address", func(m adversary.Message) []byte {
			m.Return = adversary.Route{"\x01\x00\x7f\x00\x00\x01\xa0\x0f"}
			return m.Bytes()
		}, nil}, malformation{"WIRE-008", "an onward route of one address", func(m adversary.Message) []byte {
			m.Onward = adversary.Route{"\x01\x00\x7f\x00\x00\x01\xa0\x0f"}
			return m.Bytes()
		}, nil}),
	}}
}

// lengthened is the kit's return route, as if it had passed hops, with n addresses, the last of them local.
func lengthened(route adversary.Route, n int) (adversary.Route, error) {
	out := append(adversary.Route(nil), route...)
	for i := len(out); i < n-1; i++ {
		hop, err := adversary.TransportAddress(1, fmt.Sprintf("192.0.2.%d:4000", i%256))
		if err != nil {
			return nil, err
		}
		out = append(out, hop)
	}
	return append(out, adversary.LocalAddress("\x0a\x0b\x0c\x0d")), nil
}

func eightAddresses(ctx context.Context, env conformance.Env) error {
	n := min(8, env.Profile().MaxAddresses)
	return withReturnRoute(ctx, env, "WIRE-008", func(route adversary.Route) (adversary.Route, error) { return lengthened(route, n) })
}

func longLocalAddress(ctx context.Context, env conformance.Env) error {
	for _, n := range []int{1, 255} {
		local := adversary.LocalAddress(strings.Repeat("a", n))
		err := withReturnRoute(ctx, env, "WIRE-012", func(route adversary.Route) (adversary.Route, error) {
			return append(append(adversary.Route(nil), route...), local), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// withReturnRoute is an exchange in which the kit's handshake messages have another return route.
func withReturnRoute(ctx context.Context, env conformance.Env, requirement string,
	alter func(adversary.Route) (adversary.Route, error)) error {
	return twice(env, func() error { return withReturnRouteOnce(ctx, env, requirement, alter) })
}

func withReturnRouteOnce(ctx context.Context, env conformance.Env, requirement string,
	alter func(adversary.Route) (adversary.Route, error)) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	s.Once()
	short := s.Return
	s.Local = "" // the altered route has one
	if s.Return, err = alter(short); err != nil {
		return err
	}
	err = s.Establish()
	s.Return = short // CHAN-010: a local address is in no transport message
	if err == nil {
		err = s.EchoRandom(controlSize)
	}
	if err != nil {
		return blame(requirement, "an exchange as with a return route of one address", err)
	}
	return s.Close()
}

func route255(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	if !s.Initiator() {
		if err := s.ReadM1(); err != nil {
			return err
		}
	}
	s.Local = ""
	if s.Return, err = lengthened(s.Return, 255); err != nil {
		return err
	}
	if err := s.SendMessage(makeFirst(s, &s.Noise)); err != nil {
		return err
	}
	answer, err := s.LastAnswer()
	if err != nil || answer == nil {
		return err
	}
	m, err := s.Parse(answer)
	var malformed *adversary.MalformedError
	switch {
	case errors.As(err, &malformed):
		return adversary.Fail(malformed.Requirement, "no answer or a well-formed one", malformed.Words)
	case !answers(s, s.Noise, m):
		return adversary.Fail("WIRE-008", "no answer or the next handshake message", s.Describe(answer))
	}
	return s.Close()
}
