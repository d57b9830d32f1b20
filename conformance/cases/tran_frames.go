package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// TRAN-002: "A receiver reassembles a frame from any fragmentation of the byte stream, including a split between the two length
// bytes." TRAN-003: "Several frames in one segment are delivered separately and in order."
func tranFrames() []conformance.Case {
	return []conformance.Case{{
		ID:           "tran/split-length-prefix",
		Title:        "Every frame is sent in two segments, cut between its two length bytes, and arrives whole.",
		Requirements: []string{"TRAN-002"},
		Transports:   streams(),
		Run:          fragmented(adversary.CutAt(1)),
	}, {
		ID:           "tran/length-apart",
		Title:        "Every frame's length and body are sent in segments of their own, and the frame arrives whole.",
		Requirements: []string{"TRAN-002"},
		Transports:   streams(),
		Run:          fragmented(adversary.CutAt(2)),
	}, {
		ID:           "tran/frame-across-segments",
		Title:        "Every frame is cut inside its header, its body, and its last byte, and arrives whole.",
		Requirements: []string{"TRAN-002"},
		Transports:   streams(),
		Run:          fragmented(acrossSegments),
	}, {
		ID:           "tran/byte-at-a-time",
		Title:        "Every byte is sent in a segment of its own, and every frame arrives whole.",
		Requirements: []string{"TRAN-002"},
		Transports:   streams(),
		Run:          fragmented(adversary.Bytewise),
	}, {
		ID:           "tran/two-frames-one-segment",
		Title:        "Several frames in one segment, m3 with the first payload among them, are delivered apart and in order.",
		Requirements: []string{"TRAN-003"},
		Transports:   streams(),
		Run:          oneSegment,
	}, {
		ID:           "tran/frame-and-a-half",
		Title:        "A frame that begins behind another one in its segment, and ends in the next segment, arrives whole.",
		Requirements: []string{"TRAN-002"},
		Transports:   streams(),
		Run:          frameAndAHalf,
	}}
}

// fragmented is a whole exchange with every frame cut.
func fragmented(cut func([]byte) [][]byte) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error {
		err := exchange(ctx, env, func(s *adversary.Session) error {
			s.Cut = cut
			return nil
		}, controlSize, controlSize, 60)
		return blame("TRAN-002", "the same answers as to frames that are sent whole", err)
	}
}

func acrossSegments(frame []byte) [][]byte {
	n := len(frame)
	return adversary.CutAt(3, 7, n/2, n-16, n-1)(frame)
}

func oneSegment(ctx context.Context, env conformance.Env) error {
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	s.Hold()
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if !s.Initiator() { // the keys depend on m3
		if err := s.Release(); err != nil {
			return err
		}
	}
	if err := s.Finish(); err != nil {
		return err
	}
	s.Hold()
	sent, err := sendSeveral(s, 20, 31, 50)
	if err != nil {
		return err
	}
	if err := s.Release(); err != nil {
		return err
	}
	if err := s.ExpectEchoes(sent); err != nil {
		return blame("TRAN-003", "every frame of the segment apart and in order", err)
	}
	return s.Close()
}

func frameAndAHalf(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	s.Hold()
	sent, err := sendSeveral(s, 30, 30)
	if err != nil {
		return err
	}
	frames := s.Take()
	cut := len(frames) * 3 / 4
	for _, piece := range [][]byte{frames[:cut], frames[cut:]} {
		if err := s.SendRaw(piece); err != nil {
			return err
		}
	}
	if err := s.ExpectEchoes(sent); err != nil {
		return blame("TRAN-002", "both frames, the one that was cut too", err)
	}
	return s.Close()
}

// sendSeveral sends random payloads of the given lengths without waiting for their echoes.
func sendSeveral(s *adversary.Session, sizes ...int) ([][]byte, error) {
	var sent [][]byte
	for _, n := range sizes {
		payload, err := s.RandomPayload(n)
		if err != nil {
			return nil, err
		}
		if err := s.SendPayload(payload); err != nil {
			return nil, err
		}
		sent = append(sent, payload)
	}
	return sent, nil
}
