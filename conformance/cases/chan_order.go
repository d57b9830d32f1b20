package cases

import (
	"bytes"
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// CHAN-001: "Handshake messages travel as wire messages of type 3, 4, 5, in this order, each accepted only in its state and role.
// Before open anything else that reaches the channel is rejected".
func chanOrder() []conformance.Case {
	return []conformance.Case{{
		ID:           "chan/m2-first",
		Title:        "A responder does not answer an m2, nor m1's bytes in a message of its type.",
		Requirements: []string{"CHAN-001"},
		Roles:        responder(),
		Profiles:     typed(),
		Run:          wrongType(retyped("m1's bytes as m2", wire.M2, 0), retyped("an m2 in place of m1", wire.M2, 96)),
	}, {
		ID:           "chan/m3-first",
		Title:        "A responder does not answer an m3 in place of m1, nor m1's bytes in a message of its type.",
		Requirements: []string{"CHAN-001"},
		Roles:        responder(),
		Profiles:     typed(),
		Run:          wrongType(retyped("m1's bytes as m3", wire.M3, 0), retyped("an m3 in place of m1", wire.M3, 64)),
	}, {
		ID:           "chan/m1-to-initiator",
		Title:        "An initiator does not answer an m1, nor m2's bytes in a message of its type.",
		Requirements: []string{"CHAN-001"},
		Roles:        initiator(),
		Profiles:     typed(),
		Run:          wrongType(retyped("m2's bytes as m1", wire.M1, 0), retyped("an m1 in place of m2", wire.M1, 32)),
	}, {
		ID:           "chan/m3-to-initiator",
		Title:        "An initiator does not answer an m3, nor m2's bytes in a message of its type.",
		Requirements: []string{"CHAN-001"},
		Roles:        initiator(),
		Profiles:     typed(),
		Run:          wrongType(retyped("m2's bytes as m3", wire.M3, 0), retyped("an m3 in place of m2", wire.M3, 64)),
	}, {
		ID:           "chan/m1-twice-before-open",
		Title:        "A second m1 on the same stream is not answered, and ends the handshake that was under way.",
		Requirements: []string{"CHAN-001"},
		Roles:        responder(),
		Transports:   streams(),
		Run:          secondM1,
	}, {
		ID:           "chan/failed-stays-failed",
		Title:        "After a handshake message of the wrong type, the genuine one no longer opens the channel.",
		Requirements: []string{"CHAN-004", "CHAN-001"},
		Transports:   streams(),
		Run:          failedStaysFailed,
	}}
}

func wrongType(firsts ...first) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error { return refusedFirst(ctx, env, firsts...) }
}

// retyped gives the genuine message another type, and, if size is not 0, a body of that many bytes that begins as the genuine one.
func retyped(words string, t wire.Type, size int) first {
	return first{"CHAN-001", words, func(m adversary.Message) []byte {
		m.Type = t
		if size > 0 {
			m.Body = bytes.Repeat(m.Body, 3)[:size]
		}
		return m.Bytes()
	}, nil}
}

func secondM1(ctx context.Context, env conformance.Env) error {
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	if !s.OnStream() { // CHAN-010: a new m1 makes a new responder
		return datagrams()
	}
	second, err := s.NewNoise()
	if err != nil {
		return err
	}
	if err := s.SendMessage(wire.M1, second.WriteM1(nil)); err != nil {
		return err
	}
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := probe(s, l.after); err != nil {
		return err
	}
	const words = "a second m1, and the m3 of the first handshake behind it"
	answer, err := s.LastAnswer()
	if err != nil || answer == nil {
		return s.NoAnswer("CHAN-001", words, nil, err)
	}
	if m, err := s.Parse(answer); err == nil && answers(s, second, m) {
		return adversary.Fail("CHAN-001", "no answer to "+words, "m2 that answers the second m1")
	}
	return stray(s, words, answer)
}

// tooLate sends the genuine last message on a stream whose handshake has failed, and requires silence.
func tooLate(s *adversary.Session, l last, requirement, words string) error {
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := probe(s, l.after); err != nil {
		return err
	}
	if err := notOpened(s, l, requirement, words, l.after); err != nil {
		return err
	}
	return s.Close()
}

// failedStaysFailed fails the handshake with messages of the wrong type.
func failedStaysFailed(ctx context.Context, env conformance.Env) error {
	wrong := []wire.Type{wire.M1, wire.M2}
	if env.Role() == conformance.Initiator {
		wrong[1] = wire.M3
	}
	for i, t := range wrong {
		s, l, err := begun(ctx, env)
		if err != nil {
			return served(i, "CHAN-004", err)
		}
		if !s.OnStream() {
			return datagrams()
		}
		if err := s.SendMessage(t, make([]byte, len(l.bytes))); err != nil {
			return err
		}
		if err := tooLate(s, l, "CHAN-004", "a handshake message of the wrong type and the genuine one behind it"); err != nil {
			return err
		}
	}
	return nil
}
