package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// IO-001: "One write produces exactly one message; one completed read consumes exactly one message; message boundaries and order are kept on
// ordered transports." IO-003: "End of stream ... and an empty message are four distinct results. An empty message is a success of length 0."
// IO-004: "A failed read or write reports an error. It never returns success with a stale, partial, or undefined length." CHAN-013: "Closing
// a channel on a stream closes its connection after what was written ... A FIN between frames reads as end of stream." What an application
// reads and writes is seen in its echoes.
func inputOutput() []conformance.Case {
	all := []conformance.Case{{
		ID:           "io/one-for-one",
		Title:        "Payloads of many lengths that arrive in one segment are echoed one for one and in their order.",
		Requirements: []string{"IO-001"},
		Run:          boundariesKept,
	}, {
		ID:           "io/empty-is-no-end",
		Title:        "An empty payload does not end the channel, and the end of the stream is no empty payload.",
		Requirements: []string{"IO-003"},
		Run:          emptyIsNoEnd,
	}, {
		ID:           "chan/end-behind-payloads",
		Title:        "Payloads with a FIN right behind them are all echoed before the connection ends.",
		Requirements: []string{"CHAN-013"},
		Run:          endBehindPayloads,
	}}
	for i := range all {
		all[i].Transports = streams()
	}
	return append(all, conformance.Case{
		ID:           "io/failed-read",
		Title:        "Whatever is wrong with a record, the application is handed neither nothing nor what it read before.",
		Requirements: []string{"IO-004"},
		Run:          failedRead,
	})
}

// boundariesKept sends each payload alone first: what a peer does wrongly then is no matter of boundaries, unless its echo is divided.
func boundariesKept(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	sizes := []int{5, 0, 1, 300, 0, 0, 7, 1000, 2, 64}
	for _, n := range sizes {
		payload, err := s.RandomPayload(n)
		if err != nil {
			return err
		}
		if err := s.Echo(payload); err != nil {
			return divided(env, s, payload, err)
		}
	}
	s.Hold()
	sent, err := sendSeveral(s, sizes...)
	if err != nil {
		return err
	}
	if err := s.Release(); err != nil {
		return err
	}
	if err := s.ExpectEchoes(sent); err != nil {
		return blame("IO-001", fmt.Sprintf("%d echoes, one for each payload, in their order", len(sent)), err)
	}
	if err := s.ExpectNothing(env.Quiet(), "IO-001", "payloads that were all echoed"); err != nil {
		return err
	}
	return s.Close()
}

// divided is the Failure of a peer whose echo came in two messages, else err.
func divided(env conformance.Env, s *adversary.Session, payload []byte, err error) error {
	var f *conformance.Failure
	if !errors.As(err, &f) || f.Requirement != "CHAN-005" {
		return err
	}
	answer, more := s.Answer(env.Quiet())
	if more != nil || answer == nil {
		return errors.Join(err, more)
	}
	if rest, ok := s.Opens(answer, s.Receiving); ok && len(rest) > 0 && bytes.HasSuffix(payload, rest) {
		return blame("IO-001", "one message for one write", err)
	}
	return err
}

func emptyIsNoEnd(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	for range 3 {
		err := s.Echo(nil)
		if err == nil {
			err = s.EchoRandom(controlSize)
		}
		if err != nil && s.Ended() {
			return blame("IO-003", "a channel that goes on after an empty payload", err)
		}
		if err != nil {
			return err
		}
	}
	answer, err := s.AnswerAtEnd()
	if err := s.NoAnswer("IO-003", "the end of the stream", answer, err); err != nil {
		return err
	}
	return s.Close()
}

func endBehindPayloads(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	if !s.OnStream() {
		return datagrams()
	}
	for range 2 {
		if err := s.EchoRandom(controlSize); err != nil {
			return err
		}
	}
	sent, err := sendSeveral(s, controlSize, controlSize, controlSize, controlSize)
	if err != nil {
		return err
	}
	if err := s.Link.CloseWrite(); err != nil {
		return err
	}
	if err := s.ExpectEchoes(sent); err != nil && s.Silent() {
		return blame("CHAN-013", "the echoes of all payloads before the FIN", err)
	} else if err != nil {
		return err
	}
	if err := s.ExpectNothing(env.Patience(), "CHAN-013", "a FIN whose payloads were all echoed"); err != nil {
		return err
	}
	return s.Close()
}

// A wrongRecord is one that no read may report as a success, and the payload in it.
type wrongRecord struct {
	requirement string // the one that is broken if that payload is delivered
	payload     []byte
	make        func(s *adversary.Session, payload []byte) []byte
}

func wrongRecords() []wrongRecord {
	return []wrongRecord{
		{"REC-004", []byte("forged"), func(s *adversary.Session, p []byte) []byte { return forgeryOf(s.Sending.Seal(s.Inner(p))) }},
		{"REC-006", []byte("cut"), func(s *adversary.Session, p []byte) []byte { return s.Sending.Seal(s.Inner(p))[:10] }},
		{"REC-004", []byte("other key"), func(s *adversary.Session, p []byte) []byte {
			return adversary.Seal(make([]byte, len(s.Sending.Key)), s.Sending.N, s.Sending.AD, s.Inner(p))
		}},
		{"REC-009", []byte("version 2"), func(s *adversary.Session, p []byte) []byte {
			inner := s.Inner(p)
			inner[0] = 2
			return s.SealInner(inner)
		}},
	}
}

// failedRead looks whether an application has been handed something in place of an error: an empty payload, or one of before.
func failedRead(ctx context.Context, env conformance.Env) error {
	for i, wrong := range wrongRecords() {
		s, err := adversary.OpenChannel(ctx, env)
		if err != nil {
			return served(i, "IO-004", err)
		}
		if err := s.EchoRandom(stimulusSize); err != nil {
			return err
		}
		if err := s.Sacrifice(); err != nil {
			return err
		}
		if err := s.SendRecord(wrong.make(s, wrong.payload)); err != nil {
			return err
		}
		answer, err := s.Answer(env.Quiet())
		if err != nil {
			return s.NoAnswer("IO-004", "a record that is wrong", nil, err)
		}
		if err := wrong.handed(s, answer); err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

// handed requires that there is no answer: one comes from a read that reported success.
func (w wrongRecord) handed(s *adversary.Session, answer []byte) error {
	const want = "no answer to a record that is wrong"
	if answer == nil {
		return nil
	}
	got, ok := s.Opens(answer, s.Receiving)
	if ok && !bytes.HasSuffix(got, w.payload) {
		return adversary.Fail("IO-004", want, fmt.Sprintf("the echo of %d bytes, which were not in it", len(got)))
	}
	return adversary.Fail(w.requirement, want, s.Describe(answer))
}
