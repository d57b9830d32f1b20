package runner

import "ockamtest/conformance"

// An Event tells how far a run is: a case begins, or has ended with an outcome.
type Event struct {
	Done, Total int // results
	Case        string
	Role        conformance.Role
	Transport   conformance.Transport
	Profile     string
	Outcome     conformance.Outcome // empty when the case begins
}
