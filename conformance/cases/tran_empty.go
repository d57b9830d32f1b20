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
		Run:          zeroLengthBeforeOpen,
	}, {
		ID:           "tran/zero-length-after-open",
		Title:        "A zero-length frame on an open channel is not delivered as an empty payload.",
		Requirements: []string{"TRAN-006"},
		Run:          zeroLengthAfterOpen,
	}}
}

func zeroLengthBeforeOpen(ctx context.Context, env conformance.Env) error {
	if env.Profile().Routes {
		// A node may drop what does not parse before it reaches a channel.
		return refusedFirst(ctx, env, first{"TRAN-006", "a zero-length frame", func(adversary.Message) []byte { return nil }})
	}
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	if err := s.SendFrame(nil); err != nil {
		return err
	}
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := probe(s, l.after); err != nil {
		return err
	}
	if err := s.ExpectSilence("TRAN-006", "a zero-length frame and the genuine handshake message behind it"); err != nil {
		return err
	}
	return s.Close()
}

func zeroLengthAfterOpen(ctx context.Context, env conformance.Env) error {
	empty := stimulus{"TRAN-006", "a zero-length frame", func(*adversary.Session) ([]byte, error) { return nil, nil }}
	return refusedWhenOpen(ctx, env, empty, empty)
}
