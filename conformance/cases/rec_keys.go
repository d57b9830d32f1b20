package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// REC-001: "Associated data is the final handshake hash h (32 bytes)", and in profile c09 empty (section 11). NOISE-010: "The
// responder encrypts with k1 and the initiator encrypts with k2."
func recKeys() []conformance.Case {
	return []conformance.Case{{
		ID:           "rec/associated-data-empty",
		Title:        "A record with empty associated data is not delivered.",
		Requirements: []string{"REC-001"},
		Profiles:     routed(),
		Run:          sealedWith(otherData("empty associated data", func(*adversary.Session) []byte { return nil })),
	}, {
		ID:           "rec/associated-data-hash",
		Title:        "A record with h as associated data is not delivered in a profile that has none.",
		Requirements: []string{"REC-001"},
		Profiles:     c09(),
		Run:          sealedWith(otherData("h as associated data", func(s *adversary.Session) []byte { return s.Noise.H[:] })),
	}, {
		ID:           "rec/associated-data-other",
		Title:        "A record with other associated data than the profile has is not delivered.",
		Requirements: []string{"REC-001"},
		Run: sealedWith(
			otherData("32 zero bytes as associated data", func(*adversary.Session) []byte { return make([]byte, 32) }),
			otherData("the chaining key as associated data", func(s *adversary.Session) []byte { return s.Noise.CK[:] })),
	}, {
		ID:           "rec/wrong-direction-key",
		Title:        "A record under the key of the peer's own direction is not delivered, nor is the peer's own record.",
		Requirements: []string{"NOISE-010"},
		Run:          sealedWith(wrongDirection(), reflectedRecord()),
	}}
}

func sealedWith(stimuli ...stimulus) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error { return refusedWhenOpen(ctx, env, stimuli...) }
}

func otherData(words string, ad func(s *adversary.Session) []byte) stimulus {
	return record("REC-001", "a record with "+words, func(s *adversary.Session, inner []byte) []byte {
		return adversary.Seal(s.Sending.Key, s.Sending.N, ad(s), inner)
	})
}

func wrongDirection() stimulus {
	return record("NOISE-010", "a record under the key of the peer's own direction", func(s *adversary.Session, inner []byte) []byte {
		return adversary.Seal(s.Receiving.Key, s.Sending.N, s.Sending.AD, inner)
	})
}

// reflectedRecord sends the peer's last record back.
func reflectedRecord() stimulus {
	frame := func(s *adversary.Session) (frame, payload []byte, err error) {
		if payload, err = s.RandomPayload(stimulusSize); err != nil {
			return nil, nil, err
		}
		err = s.Echo(payload)
		return s.Envelope(s.Record), payload, err
	}
	return stimulus{requirement: "NOISE-010", words: "the peer's own record", frame: frame}
}
