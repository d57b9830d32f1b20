package adversary

import "ockamtest/conformance"

// A Fault is a peer that is right but for one step: the kit tests itself with it.
type Fault struct {
	conformance.Program
	// InTunnel says that the fault shows in a tunnel alone (CHAN-008): on the transport the peer is right.
	InTunnel bool
	// Needs, if set, says that the fault is where only cases with these needs look: for all others the peer is the correct one.
	Needs conformance.Needs
	// Class is the class of the fault, in the words of section 13 of the specification where it has them.
	Class string
	// Breaks are the requirements that the fault violates: at least one of them has to fail, or to warn where it is a SHOULD.
	Breaks []string
	// Entails are requirements that may fail as a consequence. Nothing else may.
	Entails []string
}
