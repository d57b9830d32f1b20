package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// TRAN-004: "A connection that ends inside a frame (FIN or RST) yields an error, never a short message". What stands in the cut frame
// is a whole genuine message, so that a peer that takes it for one answers.
func tranEnds() []conformance.Case {
	return []conformance.Case{{
		ID:           "tran/close-inside-frame",
		Title:        "FIN inside a frame: what there was of it is not taken for a message, before open and after.",
		Requirements: []string{"TRAN-004"},
		Run:          closeInsideFrame,
	}, {
		ID:           "tran/close-inside-length",
		Title:        "FIN between the two length bytes of a frame is not answered, and the peer serves the next connection.",
		Requirements: []string{"TRAN-004"},
		Run:          closeInsideLength,
	}, {
		ID:           "tran/reset-inside-frame",
		Title:        "RST inside a frame, before open and after, and the peer serves the next connection.",
		Requirements: []string{"TRAN-004"},
		Run:          resetInsideFrame,
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
	m := s.Envelope(s.Sending.Seal(adversary.Inner(payload)))
	return s, adversary.FrameOf(len(m)+missingBytes, m), nil
}

func closeInsideFrame(ctx context.Context, env conformance.Env) error {
	for _, cut := range []func(context.Context, conformance.Env) (*adversary.Session, []byte, error){firstCut, recordCut} {
		s, frame, err := cut(ctx, env)
		if err != nil {
			return err
		}
		if err := s.SendRaw(frame); err != nil {
			return err
		}
		if err := s.ExpectSilenceAtEnd("TRAN-004", "a frame that ends 10 bytes early with FIN"); err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

func closeInsideLength(ctx context.Context, env conformance.Env) error {
	s, frame, err := recordCut(ctx, env)
	if err != nil {
		return err
	}
	if err := s.SendRaw(frame[:1]); err != nil {
		return err
	}
	if err := s.ExpectSilenceAtEnd("TRAN-004", "one byte of a frame's length and FIN"); err != nil {
		return err
	}
	return s.Close()
}

func resetInsideFrame(ctx context.Context, env conformance.Env) error {
	for _, cut := range []func(context.Context, conformance.Env) (*adversary.Session, []byte, error){firstCut, recordCut} {
		s, frame, err := cut(ctx, env)
		if err != nil {
			return err
		}
		if err := s.SendRaw(frame); err != nil {
			return err
		}
		if err := s.ExpectNothing("TRAN-004", "a frame of which 10 bytes are missing"); err != nil {
			return err
		}
		if err := s.Link.Reset(); err != nil {
			return err
		}
	}
	return exchange(ctx, env, nil, controlSize)
}
