package gen

import (
	"slices"

	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// Dialects returns every dialect of every profile once, version 1 first.
func Dialects() []wire.Dialect {
	var all []wire.Dialect
	for _, p := range profile.All() {
		for _, e := range []profile.Envelope{p.HandshakeEnvelope(), p.TransportEnvelope(), p.InnerEnvelope()} {
			if d := wire.Dialect(e); !slices.Contains(all, d) {
				all = append(all, d)
			}
		}
	}
	return all
}
