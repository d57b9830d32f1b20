package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// WIRE-001: "The version is 1. A message with another version is rejected, whatever follows it." WIRE-003: "The high bit of the
// second u2le byte is 0; a decoder rejects 1." WIRE-004: "A decoder rejects a two-byte u2le whose value is below 128."
func wireVersion() []conformance.Case {
	return []conformance.Case{{
		ID:           "wire/version-0",
		Title:        "Messages of version 0 are rejected.",
		Requirements: []string{"WIRE-001"},
		Run:          wrongVersion("WIRE-001", "a message of version 0", []byte{0}),
	}, {
		ID:           "wire/version-2",
		Title:        "Messages of version 2 are rejected.",
		Requirements: []string{"WIRE-001"},
		Run:          wrongVersion("WIRE-001", "a message of version 2", []byte{2}),
	}, {
		ID:           "wire/version-two-byte",
		Title:        "Messages whose version takes two bytes (128, 129, 257, 16383) are rejected.",
		Requirements: []string{"WIRE-001"},
		Run: wrongVersion("WIRE-001", "a message whose version takes two bytes", adversary.U2LE(128), adversary.U2LE(129),
			adversary.U2LE(257), adversary.U2LE(16383)),
	}, {
		ID:           "wire/version-second-byte-high-bit",
		Title:        "A version whose second byte has its high bit set is rejected.",
		Requirements: []string{"WIRE-003"},
		Run: wrongVersion("WIRE-003", "a version whose second byte has its high bit set", []byte{0x81, 0x80},
			[]byte{0x81, 0x80, 0x00}),
	}, {
		ID:           "wire/version-overlong",
		Title:        "Version 1 in two bytes is rejected.",
		Requirements: []string{"WIRE-004"},
		Run:          wrongVersion("WIRE-004", "version 1 in two bytes", []byte{0x81, 0x00}),
	}}
}

func wrongVersion(requirement, words string, versions ...[]byte) func(context.Context, conformance.Env) error {
	var all []malformation
	for _, v := range versions {
		all = append(all, malformation{requirement, words, func(m adversary.Message) []byte {
			m.Version = v
			return m.Bytes()
		}, nil})
	}
	return malformedMessages(all...)
}
