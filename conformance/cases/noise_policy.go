package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// NOISE-011: "a policy (exact key, set of keys, callback) is asked before m3 is sent (initiator) and before open (responder). There is no
// default: accepting any key has to be chosen by name." A peer that knows the kit's key, or has learnt it from the control, refuses another
// one. One that accepts any is not judged, unless it was told the kit's.
func noisePolicy() []conformance.Case {
	return []conformance.Case{{
		ID:           "noise/other-static-to-initiator",
		Title:        "An initiator that has to accept the kit's static key alone sends no m3 to another one.",
		Requirements: []string{"NOISE-011"},
		Roles:        initiator(),
		Run:          otherStatic,
	}, {
		ID:           "noise/other-static-to-responder",
		Title:        "A responder that has to accept the kit's static key alone opens no channel with another one.",
		Requirements: []string{"NOISE-011"},
		Roles:        responder(),
		Run:          otherStatic,
	}, {
		ID:           "noise/refused-m3-is-fatal",
		Title:        "After an m3 that proves a static key which the responder's policy refuses, the genuine m3 no longer opens the channel.",
		Requirements: []string{"NOISE-007", "NOISE-011"},
		Roles:        responder(),
		Profiles:     typed(), // in e09 one of the two may not travel
		Run:          refusedThenGenuine,
	}}
}

// refusedThenGenuine sends an m3 with another static key and then the genuine one. Section 6: "Fatal are only: ... an m3 whose static key is
// refused", on datagrams, too. On a link before it looks whether such an m3 is refused at all: that has cases of its own.
func refusedThenGenuine(ctx context.Context, env conformance.Env) error {
	for _, genuine := range []bool{false, true} {
		s, err := adversary.Dial(ctx, env)
		if err != nil {
			return err
		}
		if err := s.Begin(); err != nil {
			return err
		}
		private, err := s.Random(32)
		if err != nil {
			return err
		}
		private[0] &= 0x7f // below the order of P-256
		other := s.Noise
		other.S = adversary.NewKeyPair(other.Suite, private)
		if err := s.SendMessage(wire.M3, other.WriteM3(nil)); err != nil {
			return err
		}
		if !genuine {
			if err := sendSealed(s, other); err != nil {
				return err
			}
			if answer, err := s.Answer(4 * env.Quiet()); err != nil {
				return err
			} else if answer != nil {
				return accepted(env)
			}
		} else if err := opensNoMore(s); err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

// opensNoMore sends the genuine m3 and a payload behind it, neither of which may be answered.
func opensNoMore(s *adversary.Session) error {
	if err := s.SendMessage(s.Last()); err != nil {
		return err
	}
	if err := sendSealed(s, s.Noise); err != nil {
		return err
	}
	answer, err := s.LastAnswer()
	return s.NoAnswer("NOISE-007", "the genuine m3 behind one with a static key that is refused", answer, err)
}

// otherStatic requires that a handshake with another static key is refused. Where that shows by silence alone, what did not come may not
// have been able to travel: twice is no accident.
func otherStatic(ctx context.Context, env conformance.Env) error {
	err := playOtherStatic(ctx, env)
	if err == nil && len(env.Profile().ForbiddenBodies) > 0 {
		return playOtherStatic(ctx, env)
	}
	return err
}

// playOtherStatic plays a handshake with another static key than the one of all other handshakes.
func playOtherStatic(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	s.Once()
	if err := s.Begin(); err != nil {
		return err
	}
	private, err := s.Random(32)
	if err != nil {
		return err
	}
	private[0] &= 0x7f // below the order of P-256
	s.Noise.S = adversary.NewKeyPair(s.Noise.Suite, private)
	if err := s.SendMessage(s.Last()); err != nil {
		return err
	}
	if s.Initiator() {
		return refusedByResponder(env, s)
	}
	return refusedByInitiator(env, s)
}

const (
	acceptedOther = "a handshake with another static key refused"
	askedLate     = "a policy that is asked before the handshake goes on"
)

// refusedByInitiator requires that no m3 comes. If one does, and with it a channel that works, the initiator accepts any key.
func refusedByInitiator(env conformance.Env, s *adversary.Session) error {
	answer, err := s.Answer(4 * env.Quiet())
	if err != nil || answer == nil {
		return err
	}
	m, err := s.Parse(answer)
	if err != nil || m.Type != wire.M3 || !answers(s, s.Noise, m) {
		return stray(s, "an m2 with another static key", answer)
	}
	s.Noise.ReadM3(m.Body)
	s.Open()
	if s.Finished() != nil || s.EchoRandom(controlSize) != nil {
		return adversary.Fail("NOISE-011", askedLate, "an m3, and no channel")
	}
	return accepted(env)
}

// refusedByResponder requires that a payload behind m3 is not echoed. If that one and the next are, the responder accepts any key.
func refusedByResponder(env conformance.Env, s *adversary.Session) error {
	s.Open()
	payload, err := s.RandomPayload(controlSize)
	if err != nil {
		return err
	}
	if err := s.SendPayload(payload); err != nil {
		return err
	}
	answer, err := s.Answer(4 * env.Quiet())
	if err != nil || answer == nil {
		return err
	}
	if err := s.CheckEcho(answer, payload); err != nil {
		return stray(s, "an m3 with another static key", answer)
	}
	if s.EchoRandom(controlSize) != nil {
		return adversary.Fail("NOISE-011", askedLate, "the echo of a payload, and then no channel")
	}
	return accepted(env)
}

// accepted is what it means that the peer accepts another key than the kit's.
func accepted(env conformance.Env) error {
	if pinned, ok := env.(conformance.PinnedEnv); ok && pinned.Pinned() {
		return adversary.Fail("NOISE-011", acceptedOther, "a channel with it, though the peer was told the kit's key")
	}
	return &conformance.Inapplicable{Reason: "the peer accepts any static key: it has no policy that could refuse one"}
}
