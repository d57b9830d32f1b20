package cases

import (
	"bytes"
	"context"
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// NOISE-012: "The static key is configured, not generated per handshake, and may live in a vault that never reveals it." Two channels that
// are open at once are those of one process. One after the other need not be: a command may be started for each session, with a key that
// nobody has told it.
func noiseStatic() []conformance.Case {
	return []conformance.Case{{
		ID:           "noise/static-key-kept",
		Title:        "A responder proves one static key on all channels that are open at once.",
		Requirements: []string{"NOISE-012"},
		Roles:        responder(),
		Profiles:     []string{"v1", "e09"}, // the peers of the others make one for each handshake (section 11)
		Run:          staticKeyKept,
	}}
}

func staticKeyKept(ctx context.Context, env conformance.Env) error {
	first, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	for range 3 {
		s, err := adversary.OpenChannel(ctx, env)
		var f *conformance.Failure
		if errors.Is(err, conformance.ErrUnreachable) || errors.As(err, &f) {
			return &conformance.Inapplicable{Reason: "the peer does not serve a second connection while the first one is open"}
		}
		if err != nil {
			return err
		}
		if !bytes.Equal(first.Noise.RS, s.Noise.RS) {
			return adversary.Fail("NOISE-012", "the static key of another channel that is open", "another static key")
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return first.Close()
}
