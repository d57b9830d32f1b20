package cases

import (
	"bytes"
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// VAULT-002: "P-256 public keys 65 (04 x y); other lengths and points off the curve are errors." On the wire that is an m1, or an m2, that
// is rejected (section 11, profile c010).
func noiseCurve() []conformance.Case {
	return []conformance.Case{{
		ID:           "noise/point-off-curve",
		Title:        "An ephemeral key that is no point of P-256, or is encoded in another way than as 04 x y, is rejected.",
		Requirements: []string{"VAULT-002"},
		Transports:   overUDP(),
		Profiles:     c010(),
		Run:          offCurve,
	}}
}

// offCurve spoils genuine points. A peer that goes on all the same has some DH result or other: zeros, where it takes what its library
// leaves when it refuses.
func offCurve(ctx context.Context, env conformance.Env) error {
	point := adversary.NewKeyPair(env.Profile().Suite, bytes.Repeat([]byte{7}, 32)).Public
	var keys [][]byte
	for _, spoil := range []func(p []byte){
		func(p []byte) { p[64] ^= 1 },                                  // off the curve
		func(p []byte) { p[0] = 2 + p[64]&1 },                          // compressed, with bytes behind it
		func(p []byte) { p[0] = 6 + p[64]&1 },                          // hybrid
		func(p []byte) { clear(p) },                                    // infinity, with bytes behind it
		func(p []byte) { copy(p[1:], bytes.Repeat([]byte{0xff}, 64)) }, // above the prime
	} {
		key := bytes.Clone(point)
		spoil(key)
		keys = append(keys, key)
	}
	return spoiledKeys(spoiled{"VAULT-002", "a public key that is no point", ephemeral}, keys...)(ctx, env)
}
