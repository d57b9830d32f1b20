package interop

import (
	"fmt"

	"ockamtest/conformance"
)

// A side is one end of the relay.
type side int

const (
	initiator side = iota
	responder
)

// role is the side's name.
func (s side) role() conformance.Role {
	if s == initiator {
		return conformance.Initiator
	}
	return conformance.Responder
}

func (s side) other() side { return 1 - s }

// A Fault is what one side has done wrong, or has not done, as far as it shows to the relay.
type Fault struct { //nolint:errname // a finding, as conformance.Failure
	By          conformance.Role `json:"by"`
	Requirement string           `json:"requirement,omitempty"` // empty: of the echo contract
	Expected    string           `json:"expected"`
	Actual      string           `json:"actual"`

	silent bool // nothing came; over UDP that may be the network's doing
}

// Error describes the fault in one line.
func (f *Fault) Error() string {
	requirement := f.Requirement
	if requirement == "" {
		requirement = "echo contract"
	}
	return fmt.Sprintf("%s, %s: expected %s; got %s", f.By, requirement, f.Expected, f.Actual)
}

func fault(by side, requirement, expected, actual string) *Fault {
	return &Fault{By: by.role(), Requirement: requirement, Expected: expected, Actual: actual}
}
