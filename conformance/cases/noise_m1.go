package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// NOISE-006: "A message of the wrong length is rejected; trailing bytes are part of the payload and so fail the tag; a
// non-empty authenticated payload is refused in version 1." In m1 the payload is in the clear, so trailing bytes are a payload
// that is not empty.
func noiseM1() []conformance.Case {
	return []conformance.Case{{
		ID:           "noise/m1-short",
		Title:        "An m1 of 0, 1, or 16 bytes, or of one byte less than it has, is not answered.",
		Requirements: []string{"NOISE-006"},
		Roles:        responder(),
		Run: wrongM1(shortened("an empty m1", 0), shortened("an m1 of 1 byte", 1), shortened("an m1 cut in half", 16),
			shortened("an m1 cut by one byte", -1)),
	}, {
		ID:           "noise/m1-one-byte-more",
		Title:        "An m1 with a payload of one byte is not answered.",
		Requirements: []string{"NOISE-006"},
		Roles:        responder(),
		Run:          wrongM1(extended("an m1 of one byte more", 1)),
	}, {
		ID:           "noise/m1-long",
		Title:        "An m1 with a payload of 16, 64, or 1,068 bytes is not answered, and harms nothing.",
		Requirements: []string{"NOISE-006"},
		Roles:        responder(),
		Run:          wrongM1(extended("an m1 of 16 bytes more", 16), extended("an m1 of 64 bytes more", 64), extended("an m1 of 1,068 bytes more", 1068)),
	}}
}

func wrongM1(firsts ...first) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error { return refusedFirst(ctx, env, firsts...) }
}

func shortened(words string, size int) first {
	return first{"NOISE-006", words, func(m adversary.Message) []byte {
		if size < 0 {
			m.Body = m.Body[:len(m.Body)+size]
		} else {
			m.Body = m.Body[:size]
		}
		return m.Bytes()
	}, nil}
}

func extended(words string, by int) first {
	return first{"NOISE-006", words, func(m adversary.Message) []byte {
		m.Body = append(append([]byte(nil), m.Body...), make([]byte, by)...)
		return m.Bytes()
	}, nil}
}
