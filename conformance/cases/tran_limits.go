package cases

import (
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// TRAN-001: "A frame is a 2-byte big-endian unsigned length L followed by exactly L bytes". TRAN-008: "A frame larger than the
// receiver's limit is an error that ends the connection or is consumed whole; its remainder is never parsed as a new frame." In
// v1, whose receivers accept every frame, the long frame is a malformed message.
func tranLimits() []conformance.Case {
	return []conformance.Case{{
		ID:           "tran/frame-above-limit",
		Title:        "Genuine frames inside an over-long frame, where a receiver might resynchronise, are not taken for frames.",
		Requirements: []string{"TRAN-008"},
		Transports:   streams(),
		Run:          frameAboveLimit,
	}, {
		ID:           "tran/frame-above-limit-at-end",
		Title:        "A genuine frame at the very end of an over-long frame is not taken for a frame.",
		Requirements: []string{"TRAN-008"},
		Transports:   streams(),
		Run:          frameAtEnd,
	}, {
		ID:           "tran/frame-lengths",
		Title:        "Frames whose length has its high bit set, or has a byte of zeros or of ones, arrive whole.",
		Requirements: []string{"TRAN-001"},
		Transports:   streams(),
		Run:          frameLengths,
	}}
}

// frameLengths sends payloads that give the frame's length a form that is easily misread: TRAN-001 "a 2-byte big-endian
// unsigned length".
func frameLengths(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	lengths := []int{127, 128, 255, 256, 257, 511, 512, 768}
	if env.Profile().SendLimit == 0 {
		lengths = append(lengths, 0x7fff, 0x8000, 0x8001, 0x80ff, 0xa000)
	}
	overhead := len(s.Envelope(s.Sending.Seal(s.Inner(nil))))
	for _, n := range lengths {
		if n < overhead { // the peer's route is long
			continue
		}
		if err := s.EchoRandom(n - overhead); err != nil {
			return blame("TRAN-001", fmt.Sprintf("a frame of length %d that arrives whole", n), err)
		}
	}
	return s.Close()
}

func frameAboveLimit(ctx context.Context, env conformance.Env) error {
	var stimuli []stimulus
	for _, offsets := range resyncOffsets(env) {
		stimuli = append(stimuli, nested(adversary.MaxFrame, offsets))
		if !env.Profile().Routes {
			stimuli = append(stimuli, nested(offsets[len(offsets)-1]+200, offsets))
		}
	}
	return refusedWhenOpen(ctx, env, stimuli...)
}

// frameAtEnd has nothing behind the genuine frame that would end the connection of a receiver which takes it for one.
func frameAtEnd(ctx context.Context, env conformance.Env) error {
	offsets := []int{1024, 1044, 1460, 2048, 4096, 8192, 16384, 32768, 65000}
	if limit := env.Profile().ReceiveLimit; limit > 0 {
		offsets = append([]int{limit - 2, limit + 4, limit + 16, limit + 18, limit + 22}, offsets...)
	}
	var stimuli []stimulus
	for _, at := range offsets {
		stimuli = append(stimuli, atEnd(at))
	}
	return refusedWhenOpen(ctx, env, stimuli...)
}

// atEnd is a frame of so many zeros with a genuine frame behind them.
func atEnd(zeros int) stimulus {
	words := fmt.Sprintf("a frame that ends with a genuine frame behind %d bytes", zeros)
	return stimulus{requirement: "TRAN-008", words: words, frame: func(s *adversary.Session) (frame, payload []byte, err error) {
		if payload, err = s.Random(3); err != nil {
			return nil, nil, err
		}
		return append(make([]byte, zeros), adversary.Frame(s.Envelope(s.Sending.Seal(s.Inner(payload))))...), payload, nil
	}}
}

// resyncOffsets are the places at which a receiver might think that a new frame begins: right after the length, and where
// buffers of usual sizes are full. Each list is for one long frame; its offsets are far enough apart for a genuine frame at
// each.
func resyncOffsets(env conformance.Env) [][]int {
	if env.Profile().Routes {
		return [][]int{{0, 1024, 2048, 4096, 8192, 16384, 32767}, {1022, 2046, 4094, 8190, 16382, 32765}}
	}
	receive := env.Profile().ReceiveLimit
	return [][]int{
		{0, receive},
		{env.Profile().SendLimit, receive + 20, 2048}, // 20: inner header and tag
		{receive - 2, receive + 24, 4096},
		{receive + 4},
		{receive + 16},
	}
}

// nested is a frame full of zeros with genuine frames at the given offsets.
func nested(size int, offsets []int) stimulus {
	words := fmt.Sprintf("a frame of %d bytes with genuine frames inside", size)
	return stimulus{requirement: "TRAN-008", words: words, frame: func(s *adversary.Session) (frame, payload []byte, err error) {
		if payload, err = s.Random(3); err != nil {
			return nil, nil, err
		}
		frame = make([]byte, size)
		for _, at := range offsets {
			copy(frame[at:], adversary.Frame(s.Envelope(s.Sending.Seal(s.Inner(payload)))))
		}
		return frame, payload, nil
	}}
}
