package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// NOISE-007: "A failed handshake fails closed: after a fatal error no further handshake or application byte is sent, ...
// nothing that arrives later is delivered." CHAN-004: "A failed or closed channel stays so: nothing is sent, nothing
// delivered."
func noiseFailed() []conformance.Case {
	return []conformance.Case{{
		ID:           "noise/failure-then-genuine",
		Title:        "After a forged handshake message, the genuine one no longer opens the channel.",
		Requirements: []string{"NOISE-007"},
		Transports:   streams(),
		Run: afterFailure("a forged handshake message and the genuine one behind it", func(s *adversary.Session, l last) error {
			if err := s.SendMessage(l.kind, l.bytes); err != nil {
				return err
			}
			return probe(s, l.after)
		}),
	}, {
		ID:           "noise/failure-then-plaintext",
		Title:        "After a forged handshake message, payloads in the clear are not delivered.",
		Requirements: []string{"NOISE-007"},
		Transports:   streams(),
		Run: afterFailure("a forged handshake message and a payload in the clear behind it", func(s *adversary.Session, _ last) error {
			_, err := sendClear(s)
			return err
		}),
	}, {
		ID:           "noise/failure-then-payload",
		Title:        "After a forged m3, payloads under the genuine one's keys are not delivered.",
		Requirements: []string{"NOISE-007"},
		Transports:   streams(),
		Roles:        responder(), // who alone has keys before the kit's last handshake message
		Run: afterFailure("a forged m3 and an encrypted payload behind it", func(s *adversary.Session, l last) error {
			return sendSealed(s, l.after)
		}),
	}, {
		ID:           "noise/failure-then-new-handshake",
		Title:        "After a forged m3, the stream takes no new handshake.",
		Requirements: []string{"NOISE-007"},
		Transports:   streams(),
		Roles:        responder(),
		Run: afterFailure("a forged m3 and a new m1 behind it", func(s *adversary.Session, _ last) error {
			h, err := s.NewNoise()
			if err != nil {
				return err
			}
			return s.SendMessage(wire.M1, h.WriteM1(nil))
		}),
	}}
}

// afterFailure fails the handshake with a forgery and sends what follows; nothing may be answered. On datagrams the forgery is
// dropped and the genuine message is good (NOISE-017), so that there is nothing to judge.
func afterFailure(words string, follow func(s *adversary.Session, l last) error) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error {
		for i, at := range []func(last) int{last.payload, last.static} {
			s, l, err := begun(ctx, env)
			if err != nil {
				return served(i, "NOISE-007", err)
			}
			if !s.OnStream() {
				return datagrams()
			}
			if err := s.SendMessage(l.kind, l.flipped(at(l))); err != nil {
				return err
			}
			if err := follow(s, l); err != nil {
				return err
			}
			answer, err := s.LastAnswer()
			if err := s.NoAnswer("NOISE-007", words, answer, err); err != nil {
				return err
			}
			if err := s.Close(); err != nil {
				return err
			}
		}
		return nil
	}
}

// datagrams says that a case about streams does not apply.
func datagrams() error {
	return &conformance.Inapplicable{
		Reason: "the peer's return route has a hop or a local address: its channel is on datagrams (CHAN-011)",
	}
}

// sendClear sends a payload in the clear: as the inner message that a record would hold, as bare bytes, and as a message of its
// own.
func sendClear(s *adversary.Session) (payload []byte, err error) {
	if payload, err = s.Random(stimulusSize); err != nil {
		return nil, err
	}
	for _, body := range [][]byte{s.Inner(payload), payload} {
		if err := s.SendMessage(wire.Payload, body); err != nil {
			return nil, err
		}
	}
	return payload, s.SendFrame(s.Inner(payload))
}
