package cases

import (
	"strings"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// WIRE-012: "Local addresses are 1 to 255 bytes, opaque; length 0 rejects the message." WIRE-013: "Decoders reject a name of
// length 0 or above 253".
func wireAddresses() []conformance.Case {
	return []conformance.Case{{
		ID:           "wire/local-length-zero",
		Title:        "A message with a local address of length 0 is rejected.",
		Requirements: []string{"WIRE-012"},
		Profiles:     routed(),
		Run:          malformedMessages(addressMalformations("WIRE-012", "a local address of length 0", adversary.LocalAddress(""))...),
	}, {
		ID:           "wire/dns-name-length",
		Title:        "A message with a DNS name of 0, 254, or 255 bytes is rejected.",
		Requirements: []string{"WIRE-013"},
		Profiles:     routed(),
		Run: malformedMessages(addressMalformations("WIRE-013", "a DNS name of a length that is not allowed",
			dnsAddress(0), dnsAddress(254), dnsAddress(255))...),
	}}
}

// dnsAddress has a name of n bytes in labels of at most 62.
func dnsAddress(n int) adversary.Address {
	name := strings.Repeat(strings.Repeat("a", 62)+".", 5)[:n]
	return adversary.Address([]byte{1, 2, byte(n)}) + adversary.Address(name) + "\xa0\x0f"
}
