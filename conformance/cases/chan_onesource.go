package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// CHAN-010: "Each new m1 makes a new responder, also from a source that has one. m1 without a further address is for the channel
// listener. One failing or closing channel does not disturb the others."
func chanOneSource() []conformance.Case {
	return []conformance.Case{{
		ID:           "chan/one-source-half-open",
		Title:        "Two handshakes of one source, begun one behind the other, both open.",
		Requirements: []string{"CHAN-010"},
		Transports:   overUDP(),
		Roles:        responder(),
		Profiles:     v1(), // in e09 a responder may have the address of its listener, one for each source
		Run:          oneSourceHalfOpen,
	}, {
		ID:           "chan/one-source-open",
		Title:        "A new m1 from a source that has an open channel makes another one, and does not disturb the first.",
		Requirements: []string{"CHAN-010"},
		Transports:   overUDP(),
		Roles:        responder(),
		Profiles:     v1(), // in e09 a responder may have the address of its listener, one for each source
		Run:          oneSourceOpen,
	}}
}

const anotherChannel = "another channel for another m1 of the same source"

func oneSourceHalfOpen(ctx context.Context, env conformance.Env) error {
	first, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	if err := first.Begin(); err != nil {
		return err
	}
	second, err := first.Sibling()
	if err != nil {
		return err
	}
	if err := second.Begin(); err != nil {
		return blame("CHAN-010", anotherChannel, err)
	}
	for _, s := range []*adversary.Session{first, second} {
		if err := s.SendMessage(s.Last()); err != nil {
			return err
		}
		if err := s.Finish(); err != nil {
			return err
		}
		if err := s.EchoRandom(controlSize); err != nil {
			return blame("CHAN-010", anotherChannel+", both of which open", err)
		}
	}
	if err := first.EchoRandom(controlSize); err != nil {
		return blame("CHAN-010", "a channel that another one of its source does not disturb", err)
	}
	return first.Close()
}

func oneSourceOpen(ctx context.Context, env conformance.Env) error {
	first, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	if err := first.EchoRandom(controlSize); err != nil {
		return err
	}
	second, err := first.Sibling()
	if err != nil {
		return err
	}
	if err := second.Begin(); err != nil {
		return blame("CHAN-010", anotherChannel, err)
	}
	if err := first.EchoRandom(controlSize); err != nil {
		return blame("CHAN-010", "an open channel that a new handshake of its source does not disturb", err)
	}
	if err := second.SendMessage(second.Last()); err != nil {
		return err
	}
	if err := second.Finish(); err != nil {
		return err
	}
	for _, s := range []*adversary.Session{second, first, second, first} {
		if err := s.EchoRandom(controlSize); err != nil {
			return blame("CHAN-010", "two channels of one source that echo each their own", err)
		}
	}
	return first.Close()
}
