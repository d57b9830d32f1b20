package adversary

import (
	"fmt"

	"ockamtest/conformance"
	"ockamtest/ref/wire"
)

// TypicalSize is the length of a payload that is chosen for no reason: it is what conformance.Parameters vary.
const TypicalSize = 32

// hops are the hops that the kit claims to have behind itself, the nearest first. Nobody has their addresses (RFC 5737): what does not go to the
// kit, which is the last hop before the peer, goes nowhere.
func (s *Session) hops() (hops Route, err error) {
	for i := range conformance.ParametersOf(s.env).Hops() {
		kind := []wire.AddressType{wire.UDP, wire.TCP}[i%2] // over mixed transports (ROUT-010)
		a, err := addressIn(s.profile, kind, fmt.Sprintf("192.0.2.%d:4000", i+1))
		if err != nil {
			return nil, fmt.Errorf("adversary: a hop's address: %w", err)
		}
		hops = append(hops, a)
	}
	return hops, nil
}

// unmeasured is what the peer's headers may take more than the kit's, as long as no record of its has come.
const unmeasured = 256

// sized is the length of a payload of n bytes with the session's parameters.
func (s *Session) sized(n int) int {
	if n != TypicalSize {
		return n
	}
	switch conformance.ParametersOf(s.env).Size {
	case conformance.EmptySize:
		return 0
	case conformance.OneByte:
		return 1
	case conformance.LargestSize:
		if s.overhead == 0 && s.profile.SendLimit == 0 {
			return s.MaxPayload() - unmeasured
		}
		return s.MaxPayload()
	}
	return n
}
