package cases

import (
	"bytes"
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// NOISE-012: "The static key is configured, not generated per handshake, and may live in a vault that never reveals it."
func noiseStatic() []conformance.Case {
	return []conformance.Case{{
		ID:           "noise/static-key-kept",
		Title:        "The peer proves one static key in all its handshakes.",
		Requirements: []string{"NOISE-012"},
		Profiles:     []string{"v1", "e09"}, // the peers of the others make one for each handshake (section 11)
		Run:          staticKeyKept,
	}}
}

func staticKeyKept(ctx context.Context, env conformance.Env) error {
	var key []byte
	for range 4 {
		s, err := adversary.OpenChannel(ctx, env)
		if err != nil {
			return err
		}
		if key == nil {
			key = s.Noise.RS
		}
		if !bytes.Equal(key, s.Noise.RS) {
			return adversary.Fail("NOISE-012", "the static key of the handshake before", "another static key")
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}
