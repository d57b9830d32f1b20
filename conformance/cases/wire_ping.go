package cases

import (
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// WIRE-009: "Type 0 and 1 carry no body; a body makes the message malformed." WIRE-010: "A ping for the node is answered with
// one pong whose onward route is the ping's return route (after ROUT-003) ... A pong is never answered".
func wirePing() []conformance.Case {
	return []conformance.Case{{
		ID:           "wire/ping",
		Title:        "A ping on a connection of its own is answered with one pong to where it came from, if at all.",
		Requirements: []string{"WIRE-010"},
		Roles:        responder(),
		Profiles:     routed(),
		Run:          pingPong,
	}, {
		ID:           "wire/ping-with-body",
		Title:        "A ping with a body is malformed and not answered with a pong.",
		Requirements: []string{"WIRE-009"},
		Profiles:     []string{"v1", "c010"}, // who have type bytes and routes
		Run: malformedMessages(withBody("a ping with a body of one byte", wire.Ping, []byte{0}),
			withBody("a ping with a handshake message or record as its body", wire.Ping, nil)),
	}, {
		ID:           "wire/pong",
		Title:        "A pong that nobody asked for is not answered.",
		Requirements: []string{"WIRE-010"},
		Profiles:     routed(),
		Run: malformedMessages(malformation{"WIRE-010", "a pong", func(m adversary.Message) []byte {
			m.Onward, m.Type, m.Body = m.Onward[:min(1, len(m.Onward))], wire.Pong, nil
			return m.Bytes()
		}, isPong}),
	}}
}

func withBody(words string, t wire.Type, body []byte) malformation {
	return malformation{"WIRE-009", words, func(m adversary.Message) []byte {
		m.Type = t
		if body != nil {
			m.Body = body
		}
		return m.Bytes()
	}, isPong}
}

func isPong(m adversary.Message) bool { return m.Type == wire.Pong }

// toNode addresses what follows to the node that the kit speaks to.
func toNode(s *adversary.Session) { s.Onward = s.Onward[:min(1, len(s.Onward))] }

// pingPong does not judge a peer that says nothing: an end point that is no node has nobody to ping.
func pingPong(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	toNode(s)
	if err := s.SendMessage(wire.Ping, nil); err != nil {
		return err
	}
	answer, err := s.Answer(env.Quiet())
	if err != nil || answer == nil {
		return err
	}
	m, err := s.Parse(answer)
	if err != nil || m.Type != wire.Pong {
		return adversary.Fail("WIRE-010", "a pong in answer to a ping", s.Describe(answer))
	}
	// Empty routes are good too: receivers do not rely on ROUT-004.
	if n := len(m.Onward); n > 1 {
		return adversary.Fail("WIRE-010", "a pong whose onward route is the ping's return route, one address",
			fmt.Sprintf("an onward route of %d addresses", n))
	}
	if err := s.ExpectNothing(env.Quiet(), "WIRE-010", "a ping that was answered with a pong"); err != nil {
		return err
	}
	return s.Close()
}
