package conformance

import (
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// DefaultRoute is Env.Route where nobody has said otherwise: empty, or the local address "listener" in a profile whose m1 always names
// the listener (section 11). The programs in process listen there, and their initiators send m1 there.
func DefaultRoute(p profile.Profile) wire.Route {
	if p.Listener != profile.ResponderOnly {
		return nil
	}
	return wire.Route{wire.LocalAddress([]byte("listener"))}
}

// HasTunnels reports whether channels of a profile can be inside each other (CHAN-008). Where some records cannot travel (section 11), what is
// inside them would be lost, on a stream too.
func HasTunnels(p profile.Profile) bool { return len(p.ForbiddenBodies) == 0 }

// Inside is a profile as a channel inside another one speaks it: without routes, and so without a node (CHAN-008, ROUT-004).
func Inside(p profile.Profile) profile.Profile {
	p.Routes, p.Listener = false, profile.NoListener
	return p
}

// DefaultService is Env.Service where nobody has said otherwise: the zero Address, or the local address "echo" in a profile whose inner
// messages have to name the application (section 11).
func DefaultService(p profile.Profile) wire.Address {
	if !p.InnerOnwardNeeded {
		return wire.Address{}
	}
	return wire.LocalAddress([]byte("echo"))
}
