// Package cases has the conformance cases: checks of a peer over a byte stream, profiles v1 and c09, in both roles (sections 3
// to 7 of the specification, areas TRAN, WIRE, NOISE, CHAN, REC, and of section 8 what an end point does). One file is one
// topic; each case quotes what it holds the peer to.
//
// A case plays a counterpart from conformance/adversary through a conformance.Env and judges what it sees on the wire. It does not
// report, repeat, or prove liveness: the runner does, before and after. Cases are values and may be run by any number of
// goroutines, each with an Env of its own.
package cases

import (
	"slices"

	"ockamtest/conformance"
)

// All returns every case, in the order of the specification's sections. The positive control is one of them.
func All() []conformance.Case {
	all := slices.Concat(
		tranFrames(), tranEnds(), tranEmpty(), tranLimits(), tranIdle(),
		wireVersion(), wireTypes(), wireAddresses(), wireLengths(), wireRoutes(), wireOutput(), wirePing(),
		noiseM1(), noiseLast(), noisePoints(), noiseFailed(), noiseFresh(), noiseDeadline(),
		chanControl(), chanOrder(), chanBeforeOpen(), chanAfterOpen(), chanEcho(), chanMany(),
		recTags(), recShort(), recKeys(), recCounters(), recInner(), recRun(),
		rout(),
	)
	for i := range all {
		complete(&all[i])
	}
	return all
}

// complete fills in what nearly all cases share: both roles, byte streams, the profiles that have them.
func complete(c *conformance.Case) {
	if c.Roles == nil {
		c.Roles = []conformance.Role{conformance.Responder, conformance.Initiator}
	}
	if c.Transports == nil {
		c.Transports = []conformance.Transport{conformance.TCP, conformance.Mem}
	}
	if c.Profiles == nil {
		c.Profiles = []string{"v1", "c09"}
	}
	if c.Since == "" {
		c.Since = "1.0"
	}
}

// Who and what a case is limited to.
func responder() []conformance.Role { return []conformance.Role{conformance.Responder} }
func initiator() []conformance.Role { return []conformance.Role{conformance.Initiator} }
func v1() []string                  { return []string{"v1"} }
func c09() []string                 { return []string{"c09"} }
