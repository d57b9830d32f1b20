package cases

import (
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// REC-006: "A ciphertext shorter than 16 bytes is rejected before decryption."
func recShort() []conformance.Case {
	return []conformance.Case{{
		ID:           "rec/short-ciphertext",
		Title:        "Ciphertexts of 0 to 15 bytes are not delivered, not even as empty payloads.",
		Requirements: []string{"REC-006"},
		Run:          shortCiphertext,
	}}
}

func shortCiphertext(ctx context.Context, env conformance.Env) error {
	short := func(words string, cut func(s *adversary.Session) []byte) stimulus {
		// It has no tag that could be wrong: whatever is delivered for it, be it what was read before, comes of its not being rejected.
		return stimulus{requirement: "REC-006", other: "REC-006", words: words, frame: func(s *adversary.Session) (frame, payload []byte, err error) {
			return s.Envelope(cut(s)), nil, nil
		}}
	}
	var all []stimulus
	for size := range adversary.TagSize {
		all = append(all, short(fmt.Sprintf("a ciphertext of %d bytes", size), func(s *adversary.Session) []byte {
			return s.Sending.Seal(s.Inner(make([]byte, stimulusSize)))[:size]
		}))
	}
	// The tag of an empty plaintext, cut: nothing but its length is wrong about it.
	all = append(all, short("15 bytes of an empty plaintext's tag", func(s *adversary.Session) []byte {
		return s.Sending.Seal(nil)[:15]
	}))
	return refusedWhenOpen(ctx, env, all...)
}
