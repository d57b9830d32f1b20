package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// NOISE-017: "An m2 whose static key the policy refuses counts as rejected, for whoever saw m1 can answer it with his own key."
func noiseRefusedKey() []conformance.Case {
	return []conformance.Case{{
		ID:           "noise/m2-refused-key",
		Title:        "An m2 that proves a static key that the initiator's policy refuses is dropped, and the genuine one behind it opens the channel.",
		Requirements: []string{"NOISE-017"},
		Transports:   overUDP(),
		Roles:        initiator(),
		Run:          refusedKey,
	}}
}

func noPolicy() error {
	return &conformance.Inapplicable{Reason: "the initiator accepts any static key: it has no policy that could refuse one"}
}

// refusedKey applies to initiators that know the kit's key, or have learnt it from the control.
func refusedKey(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	if err := s.ReadM1(); err != nil {
		return err
	}
	false1, genuine, err := twins(s)
	if err != nil {
		return err
	}
	private, err := s.Random(32)
	if err != nil {
		return err
	}
	private[0] &= 0x7f // below the order of P-256
	false1.S = adversary.NewKeyPair(false1.Suite, private)
	t, body := makeFirst(s, &false1)
	if err := s.SendMessage(t, body); err != nil {
		return err
	}
	answer, err := s.Answer(env.Quiet())
	if err != nil {
		return err
	}
	if answer != nil {
		if m, err := s.Parse(answer); err == nil && answers(s, false1, m) {
			return noPolicy()
		}
		return stray(s, "an m2 whose static key is refused", answer)
	}
	s.Noise = genuine
	if err := s.SendMessage(s.Last()); err != nil {
		return err
	}
	if err := s.Finish(); err != nil {
		switch {
		case s.Silent():
			return lost(s, "an m2 whose static key is refused")
		case s.Heard.Type == wire.M3 && answers(s, false1, s.Heard): // late
			return noPolicy()
		}
		return err
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return err
	}
	return s.Close()
}
