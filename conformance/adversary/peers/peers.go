// Package peers has the in-process peers that the kit tests itself with: a correct one, broken ones with one fault each, lawful
// variants that use the latitude of the specification, and dead ones. They obey the echo contract over a byte stream, profiles v1
// and c09, in both roles (sections 3.1 and 4 to 7 of the specification; of section 8 only what an end point does).
//
// Peers are composed, never configured: the correct peer is a script of small steps, and a broken one is that script with one step
// replaced. There is no switch that makes a peer wrong. It shares no code with ref/noise, ref/key, and ref/channel.
//
// A Program may be started by many goroutines at once; what it starts is a conformance.Node, for one goroutine at a time.
package peers

import (
	"slices"

	"ockamtest/conformance"
)

// A Broken is a peer with one fault.
type Broken struct {
	conformance.Program
	// Class is the class of the fault, in the words of section 13 of the specification where it has them.
	Class string
	// Breaks are the requirements that the fault violates: at least one of them has to fail, or to warn where it is a SHOULD.
	Breaks []string
	// Entails are requirements that may fail as a consequence. Nothing else may.
	Entails []string
}

// Correct is the peer that every other one here is made of.
func Correct() conformance.Program {
	return program("correct", "obeys every requirement that an end point over a stream has", bothRoles(), bothProfiles(), nil)
}

func bothRoles() []conformance.Role {
	return []conformance.Role{conformance.Responder, conformance.Initiator}
}

func bothProfiles() []string { return []string{"v1", "c09"} }

// A change replaces steps of the correct script. It is called once for each connection, so that what it closes over is the
// connection's own.
type change func(s *script)

func program(name, title string, roles []conformance.Role, profiles []string, alter change) conformance.Program {
	return conformance.Program{
		Name:              name,
		Title:             title,
		Roles:             slices.Clone(roles),
		Profiles:          slices.Clone(profiles),
		HandshakeDeadline: handshakeDeadline,
		Start: func(need conformance.Need, seed uint64) conformance.Node {
			return newNode(need, seed, alter)
		},
	}
}
