// Package routers has the in-process routers that the kit tests itself with: a correct one, broken ones with one fault each, lawful variants
// that use the latitude of the specification, and dead ones (sections 3, 4, and 8 of the specification, for the role of the router contract in
// package conformance). They have a TCP listener and a UDP socket at once, and speak profile v1.
//
// Like the end points in adversary/peers they are composed, never configured: the correct router is a script of small steps, and a broken
// one is that script with one step replaced. It shares no code with ref/router. What is no router here: names other than localhost are
// not resolved, and there is no channel behind the node.
//
// A Program may be started by many goroutines at once; what it starts is a conformance.RouterNode, for one goroutine at a time.
package routers

import "ockamtest/conformance"

// Correct is the router that every other one here is made of.
func Correct() conformance.Program {
	return program("correct-router", "obeys every requirement that a router has", nil)
}

// A change replaces steps of the correct script.
type change func(s *script)

func program(name, title string, alter change) conformance.Program {
	return conformance.Program{
		Name:       name,
		Title:      title,
		Roles:      []conformance.Role{conformance.Router},
		Profiles:   []string{"v1"},
		Transports: []conformance.Transport{conformance.Mem, conformance.UDP},
		StartRouter: func(_ conformance.Need, at conformance.RouterAddresses, seed uint64) conformance.RouterNode {
			return newNode(at, seed, alter)
		},
	}
}
