package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// TRAN-004: "A connection that ends inside a frame (FIN or RST) yields an error, never a short message". What stands in the cut
// frame is a whole genuine message, so that a peer that takes it for one answers.
func tranEnds() []conformance.Case {
	return []conformance.Case{{
		ID:           "tran/close-inside-frame",
		Title:        "FIN inside a frame: what there was of it is not taken for a message, before open and after.",
		Requirements: []string{"TRAN-004"},
		Transports:   streams(),
		Run:          closeInsideFrame,
	}, {
		ID:           "tran/reset-inside-frame",
		Title:        "RST inside a frame, before open and after, and the peer serves the next connection.",
		Requirements: []string{"TRAN-004"},
		Transports:   streams(),
		Run:          resetInsideFrame,
	}, {
		ID:           "tran/close-before-message",
		Title:        "Connections that end without a byte, or after half a handshake message, are followed by one that is served.",
		Requirements: []string{"TRAN-004"},
		Transports:   streams(),
		Run:          closeBeforeMessage,
	}}
}

// missingBytes is how many bytes the cut frames promise beyond those that come.
const missingBytes = 10

// firstCut is the kit's first message, whole, in a frame that promises more.
func firstCut(ctx context.Context, env conformance.Env) (*adversary.Session, []byte, error) {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	if !s.Initiator() {
		if err := s.ReadM1(); err != nil {
			return nil, nil, err
		}
	}
	t, body := makeFirst(s, &s.Noise)
	m := s.Outer(t, body).Bytes()
	return s, adversary.FrameOf(len(m)+missingBytes, m), nil
}

// recordCut is a record of an open channel, whole, in a frame that promises more.
func recordCut(ctx context.Context, env conformance.Env) (*adversary.Session, []byte, error) {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	payload, err := s.Random(stimulusSize)
	if err != nil {
		return nil, nil, err
	}
	m := s.Envelope(s.Sending.Seal(s.Inner(payload)))
	return s, adversary.FrameOf(len(m)+missingBytes, m), nil
}

// insideLength is the first byte of a frame.
func insideLength(ctx context.Context, env conformance.Env) (*adversary.Session, []byte, error) {
	s, frame, err := recordCut(ctx, env)
	return s, frame[:min(1, len(frame))], err
}

// cuts are the ways in which a frame is cut.
func cuts() []func(context.Context, conformance.Env) (*adversary.Session, []byte, error) {
	return []func(context.Context, conformance.Env) (*adversary.Session, []byte, error){firstCut, recordCut, insideLength}
}

func closeInsideFrame(ctx context.Context, env conformance.Env) error {
	for i, cut := range cuts() {
		s, frame, err := cut(ctx, env)
		if err != nil {
			return served(i, "TRAN-004", err)
		}
		if err := s.SendRaw(frame); err != nil {
			return err
		}
		answer, err := s.AnswerAtEnd()
		if err := s.NoAnswer("TRAN-004", "a frame that ends early with FIN", answer, err); err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return served(1, "TRAN-004", exchange(ctx, env, nil, controlSize))
}

func resetInsideFrame(ctx context.Context, env conformance.Env) error {
	for i, cut := range cuts() {
		s, frame, err := cut(ctx, env)
		if err != nil {
			return served(i, "TRAN-004", err)
		}
		if err := s.SendRaw(frame); err != nil {
			return err
		}
		if err := s.Link.Reset(); err != nil {
			return err
		}
	}
	return served(1, "TRAN-004", exchange(ctx, env, nil, controlSize))
}

// closeBeforeMessage ends connections with FIN and with RST, each without a byte, inside a length, and inside a handshake message.
func closeBeforeMessage(ctx context.Context, env conformance.Env) error {
	n := 0
	for _, part := range []func(frame []byte) []byte{
		nil,
		func(frame []byte) []byte { return frame[:1] },
		func(frame []byte) []byte { return frame[:len(frame)/2] },
	} {
		for _, end := range []func(*adversary.Session) error{
			(*adversary.Session).Close,
			func(s *adversary.Session) error { return s.Link.Reset() },
		} {
			if err := endsEarly(ctx, env, part, end); err != nil {
				return served(n, "TRAN-004", err)
			}
			n++
		}
	}
	return served(n, "TRAN-004", exchange(ctx, env, nil, controlSize))
}

// endsEarly ends a connection behind a part of the kit's first message, or at once if part is nil.
func endsEarly(ctx context.Context, env conformance.Env, part func([]byte) []byte, end func(*adversary.Session) error) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	if part != nil {
		if !s.Initiator() {
			if err := s.ReadM1(); err != nil {
				return err
			}
		}
		if err := s.SendRaw(part(adversary.Frame(s.Outer(makeFirst(s, &s.Noise)).Bytes()))); err != nil {
			return err
		}
	}
	return end(s)
}
