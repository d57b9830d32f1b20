package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// TRAN-006: "A zero-length frame is an empty message, not end of stream. A channel treats it as a malformed message."
func tranEmpty() []conformance.Case {
	return []conformance.Case{{
		ID:           "tran/zero-length-before-open",
		Title:        "A zero-length frame in place of a handshake message is rejected.",
		Requirements: []string{"TRAN-006"},
		Transports:   streams(),
		Run:          zeroLengthBeforeOpen,
	}, {
		ID:           "tran/zero-length-after-open",
		Title:        "A zero-length frame on an open channel is not delivered as an empty payload.",
		Requirements: []string{"TRAN-006"},
		Transports:   streams(),
		Run:          zeroLengthAfterOpen,
	}}
}

// zeroLengthBeforeOpen sends the empty frame first of all, and before the genuine last handshake message, which comes too late
// then.
func zeroLengthBeforeOpen(ctx context.Context, env conformance.Env) error {
	empty := func(adversary.Message) []byte { return nil }
	if err := refusedFirst(ctx, env, first{"TRAN-006", "a zero-length frame", empty, nil}); err != nil {
		return err
	}
	s, l, err := begun(ctx, env)
	if err != nil {
		return served(1, "TRAN-006", err)
	}
	if err := s.SendFrame(nil); err != nil {
		return err
	}
	if s.OnStream() {
		return tooLate(s, l, "TRAN-006", "a zero-length frame and the genuine handshake message behind it")
	}
	return s.Close()
}

func zeroLengthAfterOpen(ctx context.Context, env conformance.Env) error {
	empty := stimulus{requirement: "TRAN-006", words: "a zero-length frame",
		frame: func(*adversary.Session) (frame, payload []byte, err error) { return nil, nil, nil }}
	return refusedWhenOpen(ctx, env, empty, empty)
}
