package cases

import (
	"context"
	"fmt"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// ROUT-001: "A message is handed to the first address of its onward route: a local address that is a channel, a channel listener, or a worker
// opened to the network; any other is unknown." ROUT-004: "A node that sends over a transport leaves the destination first in the onward
// route, as a numeric address". ROUT-009: "The local address at which a node's own applications hand plaintext to a channel cannot be reached
// from a transport." ROUT-010: "A channel works end to end ... for every n for which n transport addresses and one local address fit the
// smallest route limit on the path: at least 7 hops."
func routEnd() []conformance.Case {
	return []conformance.Case{{
		ID:           "rout/end-point-first-address",
		Title:        "A handshake message for a local address that the peer does not have is not answered.",
		Requirements: []string{"ROUT-001"},
		Transports:   overUDP(), // on a stream a peer may be no node: whatever comes is for its one channel
		Profiles:     []string{"v1", "e09"},
		Run:          firstAddress,
	}, {
		ID:           "rout/end-point-destination",
		Title:        "Where the peer's messages have an onward route, it begins with a numeric address of the transport.",
		Requirements: []string{"ROUT-004"},
		Profiles:     routed(),
		Run:          numericLead,
	}, {
		ID:           "rout/end-point-seven-hops",
		Title:        "Over seven hops the peer sends every message to exactly the route that it was given.",
		Requirements: []string{"ROUT-010", "ROUT-008"},
		Profiles:     []string{"v1", "e09"}, // in c010 a route has at most five addresses
		Run:          sevenHops,
	}, {
		ID:           "rout/plaintext-address",
		Title:        "No payload in the clear for an address near the channel's leaves the channel encrypted.",
		Requirements: []string{"ROUT-009"},
		Transports:   overUDP(),
		Profiles:     []string{"v1", "e09"},
		Run:          plaintextAddress,
	}}
}

func firstAddress(ctx context.Context, env conformance.Env) error {
	unknown := func(words string, address adversary.Address) first {
		return first{requirement: "ROUT-001", words: words, frame: func(m adversary.Message) []byte {
			m.Onward = append(slices.Clone(m.Onward[:1]), address)
			return m.Bytes()
		}}
	}
	return refusedFirst(ctx, env,
		unknown("a handshake message for an unknown local address", "\x00\x08\xde\xad\xbe\xef\x00\x01\x02\x03"),
		unknown("a handshake message for a local address of one byte", "\x00\x01\x00"))
}

func numericLead(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	steps := []func() error{
		s.Begin,
		func() error { return s.SendMessage(s.Last()) },
		s.Finish,
		func() error { return s.EchoRandom(controlSize) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
		if route := s.Heard.Onward; len(route) > 0 && (route[0].Type() == wire.Local || wire.HostType(route[0][1]) == wire.DNS) {
			return adversary.Fail("ROUT-004", "an onward route that begins with the destination, as a numeric address", "a local address, or a name")
		}
	}
	return s.Close()
}

// hopsBetween is how many hops the kit pretends to be behind.
const hopsBetween = 7

func sevenHops(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	genuine := s.Return
	s.Local = ""
	if s.Return, err = lengthened(genuine, hopsBetween+1); err != nil {
		return err
	}
	behind := s.Return[1:]
	learnt := func() error {
		if got := s.Heard.Onward; len(got) > 0 && !slices.Equal(got[1:], behind) {
			return adversary.Fail("ROUT-010", fmt.Sprintf("a message that goes back over %d hops to a local address", hopsBetween),
				fmt.Sprintf("an onward route of %d addresses, or of others", len(got)))
		}
		return nil
	}
	if err := s.Establish(); err != nil {
		return blame("ROUT-010", fmt.Sprintf("a channel over %d hops", hopsBetween), err)
	}
	if err := learnt(); err != nil {
		return err
	}
	s.Return = genuine
	for range 3 {
		if err := s.EchoRandom(controlSize); err != nil {
			return blame("ROUT-010", fmt.Sprintf("a channel over %d hops that echoes", hopsBetween), err)
		}
		if err := learnt(); err != nil {
			return err
		}
	}
	return s.Close()
}

// plaintextAddress guesses where the application would hand its payloads to the channel: beside the address that the peer gave.
func plaintextAddress(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	if err := s.Begin(); err != nil {
		return err
	}
	given := localOf(s.Heard.Return)
	if given == "" {
		return &conformance.Inapplicable{Reason: "the peer gives its channel no local address"}
	}
	if err := s.SendMessage(s.Last()); err != nil {
		return err
	}
	if err := s.Finish(); err != nil {
		return err
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return err
	}
	genuine := s.Onward
	for _, near := range nearby(given) {
		payload, err := s.RandomPayload(stimulusSize)
		if err != nil {
			return err
		}
		s.Onward = append(slices.Clone(genuine[:len(genuine)-1]), near)
		if err := s.SendMessage(wire.Payload, payload); err != nil {
			return err
		}
		s.Onward = genuine
		answer, err := s.Answer(env.Quiet())
		if err := s.NoAnswer("ROUT-009", "a payload in the clear for an address near the channel's", answer, err); err != nil {
			return err
		}
	}
	return s.Close()
}

// nearby are addresses next to one: before it and behind it, by its first and its last byte, shorter, and longer.
func nearby(given adversary.Address) []adversary.Address {
	value := []byte(given)[2:]
	var all []adversary.Address
	for _, at := range []int{0, len(value) - 1} {
		for _, by := range []byte{1, 0xff} {
			other := slices.Clone(value)
			other[at] += by
			all = append(all, adversary.LocalAddress(string(other)))
		}
	}
	return append(all, adversary.LocalAddress(string(value[1:])), adversary.LocalAddress(string(value)+"\x01"), given)
}
