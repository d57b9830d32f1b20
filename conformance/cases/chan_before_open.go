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
		Profiles:     typed(),
		Run:          payloadFirst,
	}, {
		ID:           "chan/clear-payload-before-open",
		Title:        "A payload in the clear between handshake messages is not delivered, and ends the handshake on a stream.",
		Requirements: []string{"CHAN-002", "CHAN-001"},
		Run:          clearBeforeOpen,
	}, {
		ID:           "chan/encrypted-payload-before-open",
		Title:        "A payload that comes before m3, under the keys before or after it, is not delivered, not even after m3.",
		Requirements: []string{"CHAN-002", "CHAN-001"},
		Roles:        responder(), // the kit knows the keys before the peer does
		Run:          encryptedBeforeOpen,
	}, {
		ID:           "chan/nothing-before-verified",
		Title:        "The peer sends nothing after its handshake message until the kit's has come, and then the channel opens.",
		Requirements: []string{"CHAN-002"},
		Run:          nothingBeforeVerified,
	}}
}

func payloadFirst(ctx context.Context, env conformance.Env) error {
	text := []byte("a payload in the clear")
	payload := func(words string, body []byte) first {
		return first{"CHAN-002", words, func(m adversary.Message) []byte {
			m.Type, m.Body = wire.Payload, body
			return m.Bytes()
		}, func(m adversary.Message) bool { return m.Type == wire.Payload && bytes.HasSuffix(m.Body, text) }}
	}
	return refusedFirst(ctx, env,
		payload("a payload in the clear", text), payload("an inner message in the clear", adversary.Inner(text)),
		payload("random bytes as a payload", bytes.Repeat([]byte{0xa5}, 60)), payload("an empty payload", nil))
}

// clearBeforeOpen sends payloads in the clear between the handshake messages, then, on a stream, the genuine message: too late.
func clearBeforeOpen(ctx context.Context, env conformance.Env) error {
	const words = "a payload in the clear before open"
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	payload, err := sendClear(s)
	if err != nil {
		return err
	}
	if s.Packets {
		return clearDropped(env, s, l, payload)
	}
	if s.OnStream() {
		if err := s.SendMessage(l.kind, l.bytes); err != nil {
			return err
		}
	}
	answer, err := s.LastAnswer()
	switch {
	case err != nil || answer == nil:
		err = s.NoAnswer("CHAN-002", words, nil, err)
	case bytes.HasSuffix(answer, payload):
		err = adversary.Fail("CHAN-002", "no answer to "+words, "its echo in the clear")
	default:
		err = stray(s, words, answer)
	}
	if err != nil {
		return err
	}
	return s.Close()
}

// clearDropped requires on datagrams that payloads in the clear were not answered, and that the genuine message opens the channel.
func clearDropped(env conformance.Env, s *adversary.Session, l last, payload []byte) error {
	const words = "a payload in the clear before open"
	answer, err := s.Answer(env.Quiet())
	switch {
	case err != nil:
		return err
	case bytes.HasSuffix(answer, payload):
		return adversary.Fail("CHAN-002", "no answer to "+words, "its echo in the clear")
	case answer != nil:
		return stray(s, words, answer)
	}
	if err := opensNow(env, s, l, "CHAN-002", words); err != nil {
		return err
	}
	return s.Close()
}

func encryptedBeforeOpen(ctx context.Context, env conformance.Env) error {
	for i, keys := range []func(last) adversary.Handshake{
		func(l last) adversary.Handshake { return l.before },
		func(l last) adversary.Handshake { return l.after },
	} {
		s, l, err := begun(ctx, env)
		if err != nil {
			return served(i, "CHAN-002", err)
		}
		if err := sendSealed(s, keys(l)); err != nil {
			return err
		}
		if s.Packets {
			if err := opensNow(env, s, l, "CHAN-002", "an encrypted payload before m3", keys(l)); err != nil {
				return err
			}
			continue
		}
		if s.OnStream() { // too late, but a peer that kept the payload delivers it now
			if err := s.SendMessage(l.kind, l.bytes); err != nil {
				return err
			}
		}
		if err := notOpened(s, l, "CHAN-002", "an encrypted payload before m3", keys(l)); err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

func nothingBeforeVerified(ctx context.Context, env conformance.Env) error {
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	if err := s.ExpectNothing(env.Quiet(), "CHAN-002", "the kit's silence"); err != nil {
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
