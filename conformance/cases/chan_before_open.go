package cases

import (
	"bytes"
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// CHAN-002: "Before open no payload is sent or delivered".
func chanBeforeOpen() []conformance.Case {
	return []conformance.Case{{
		ID:           "chan/payload-before-handshake",
		Title:        "A payload in place of a handshake message is not delivered, in the clear or as random bytes.",
		Requirements: []string{"CHAN-002", "CHAN-001"},
		Run:          payloadFirst,
	}, {
		ID:           "chan/clear-payload-before-open",
		Title:        "A payload in the clear between handshake messages is not delivered, and ends the handshake.",
		Requirements: []string{"CHAN-002", "CHAN-001"},
		Run: beforeOpen("a payload in the clear before open", func(s *adversary.Session, _ last) error {
			return sendClear(s)
		}),
	}, {
		ID:           "chan/encrypted-payload-before-open",
		Title:        "A payload under the channel's keys that comes before m3 is not delivered, not even after m3.",
		Requirements: []string{"CHAN-002", "CHAN-001"},
		Roles:        responder(), // the kit knows the keys before the peer does
		Run: beforeOpen("an encrypted payload before m3", func(s *adversary.Session, l last) error {
			return sendSealed(s, l.after)
		}),
	}, {
		ID:           "chan/nothing-before-verified",
		Title:        "The peer sends nothing after its handshake message until the kit's has come, and then the channel opens.",
		Requirements: []string{"CHAN-002"},
		Run:          nothingBeforeVerified,
	}}
}

func payloadFirst(ctx context.Context, env conformance.Env) error {
	payload := func(words string, alter func(body []byte) []byte) first {
		return first{"CHAN-002", words, func(m adversary.Message) []byte {
			m.Type, m.Body = wire.Payload, alter(m.Body)
			return m.Bytes()
		}}
	}
	return refusedFirst(ctx, env,
		payload("a payload in the clear", func([]byte) []byte { return []byte("clear") }),
		payload("an inner message in the clear", func([]byte) []byte { return adversary.Inner([]byte("clear")) }),
		payload("a payload of random bytes", func(body []byte) []byte { return bytes.Repeat(body, 2) }),
		payload("an empty payload", func([]byte) []byte { return nil }))
}

// beforeOpen sends something between the handshake messages, then, on a stream, the genuine message: too late.
func beforeOpen(words string, send func(s *adversary.Session, l last) error) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error {
		s, l, err := begun(ctx, env)
		if err != nil {
			return err
		}
		if err := send(s, l); err != nil {
			return err
		}
		if s.OnStream() {
			return genuineTooLate(s, l, "CHAN-002", words+" and the genuine handshake message behind it")
		}
		if err := s.ExpectSilence("CHAN-002", words); err != nil {
			return err
		}
		return s.Close()
	}
}

func nothingBeforeVerified(ctx context.Context, env conformance.Env) error {
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	if err := s.ExpectNothing("CHAN-002", "its handshake message"); err != nil {
		return err
	}
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := s.Finish(); err != nil {
		return err
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return err
	}
	return s.Close()
}
