package cases

import (
	"bytes"
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// NOISE-008: "No two handshakes, of one or several processes, share an ephemeral key".
func noiseFresh() []conformance.Case {
	return []conformance.Case{{
		ID:           "noise/ephemeral-fresh",
		Title:        "Sixteen handshakes have sixteen ephemeral keys, none of them zero, a static key, or one of the kit's.",
		Requirements: []string{"NOISE-008"},
		Run:          ephemeralFresh,
	}}
}

// handshakes is how many ephemeral keys are compared.
const handshakes = 16

func ephemeralFresh(ctx context.Context, env conformance.Env) error {
	const want = "an ephemeral key of its own for every handshake"
	seen := make(map[string]string) // what a key is, in words
	seen[string(make([]byte, 32))] = "an ephemeral key of all zeros"
	for i := 1; i <= handshakes; i++ {
		s, err := adversary.OpenChannel(ctx, env)
		if err != nil {
			return err
		}
		e := string(s.Noise.RE)
		for _, own := range []adversary.KeyPair{s.Noise.E, s.Noise.S} {
			seen[string(own.Public)] = "one of the kit's public keys as ephemeral key"
		}
		if bytes.Equal(s.Noise.RE, s.Noise.RS) {
			return adversary.Fail("NOISE-008", want, "the static key as ephemeral key")
		}
		if words, ok := seen[e]; ok {
			return adversary.Fail("NOISE-008", want, words)
		}
		seen[e] = fmt.Sprintf("the ephemeral key of handshake %d once more", i)
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}
