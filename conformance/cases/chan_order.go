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
		Run:          wrongType(retyped("m1's bytes as m2", wire.M2, 0), retyped("an m2 in place of m1", wire.M2, 96)),
	}, {
		ID:           "chan/m3-first",
		Title:        "A responder does not answer an m3 in place of m1, nor m1's bytes in a message of its type.",
		Requirements: []string{"CHAN-001"},
		Roles:        responder(),
		Run:          wrongType(retyped("m1's bytes as m3", wire.M3, 0), retyped("an m3 in place of m1", wire.M3, 64)),
	}, {
		ID:           "chan/m1-to-initiator",
		Title:        "An initiator does not answer an m1, nor m2's bytes in a message of its type.",
		Requirements: []string{"CHAN-001"},
		Roles:        initiator(),
		Run:          wrongType(retyped("m2's bytes as m1", wire.M1, 0), retyped("an m1 in place of m2", wire.M1, 32)),
	}, {
		ID:           "chan/m3-to-initiator",
		Title:        "An initiator does not answer an m3, nor m2's bytes in a message of its type.",
		Requirements: []string{"CHAN-001"},
		Roles:        initiator(),
		Run:          wrongType(retyped("m2's bytes as m3", wire.M3, 0), retyped("an m3 in place of m2", wire.M3, 64)),
	}, {
		ID:           "chan/m1-twice-before-open",
		Title:        "A second m1 on the same stream is not answered, and ends the handshake that was under way.",
		Requirements: []string{"CHAN-001"},
		Roles:        responder(),
		Run:          secondM1,
	}, {
		ID:           "chan/failed-stays-failed",
		Title:        "After a handshake message of the wrong type, the genuine one no longer opens the channel.",
		Requirements: []string{"CHAN-004", "CHAN-001"},
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
	}}
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
	return genuineTooLate(s, l, "CHAN-001", "a second m1, and the m3 of the first handshake behind it")
}

// genuineTooLate sends the genuine last message on a stream whose handshake has failed, and requires silence.
func genuineTooLate(s *adversary.Session, l last, requirement, words string) error {
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := probe(s, l.after); err != nil {
		return err
	}
	if err := s.ExpectSilence(requirement, words); err != nil {
		return err
	}
	return s.Close()
}

func failedStaysFailed(ctx context.Context, env conformance.Env) error {
	for _, t := range []wire.Type{wire.M1, wire.M2, wire.M3} {
		s, l, err := begun(ctx, env)
		if err != nil {
			return err
		}
		if !s.OnStream() {
			return datagrams()
		}
		if t == l.kind {
			continue
		}
		if err := s.SendMessage(t, l.bytes); err != nil {
			return err
		}
		err = genuineTooLate(s, l, "CHAN-004", "a handshake message of the wrong type and the genuine one behind it")
		if err != nil {
			return err
		}
	}
	return nil
}
