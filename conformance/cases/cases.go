// Package cases has the conformance cases: checks of a peer over a byte stream and over datagrams, in every profile, in both roles
// (sections 2 to 7 of the specification, areas IO, TRAN, WIRE, NOISE, CHAN, REC, and of section 8 what an end point does). One file is one
// topic; each case quotes what it holds the peer to.
//
// What has to be rejected is judged by what follows it. On a stream the channel may have failed, so silence is right too; on datagrams
// the message was dropped, and the genuine one behind it has to be taken (section 6).
//
// A case plays a counterpart from conformance/adversary through a conformance.Env and judges what it sees on the wire. It does not
// report, repeat, or prove liveness: the runner does, before and after. Cases are values and may be run by any number of
// goroutines, each with an Env of its own.
package cases

import (
	"context"
	"slices"

	"ockamtest/conformance"
)

// All returns every case, in the order of the specification's sections. The positive control is one of them.
func All() []conformance.Case {
	all := slices.Concat(
		tranFrames(), tranEnds(), tranEmpty(), tranLimits(), tranIdle(), tranMany(), tranTooLong(), tranSegment(), inputOutput(), ioReading(),
		tranDatagrams(), tranSources(), tranRepeats(), tranKind(),
		wireVersion(), wireTypes(), wireAddresses(), wireLengths(), wireRoutes(), wireOutput(), wirePing(), wireAnswers(),
		noiseM1(), noiseLast(), noisePoints(), noiseCurve(), noiseFailed(), noiseFresh(), noiseKeys(), noiseDeadline(), noiseRefusedKey(), noiseStatic(), noisePolicy(),
		chanControl(), chanOrder(), chanBeforeOpen(), chanAfterOpen(), chanEcho(), chanMany(), chanAddresses(), chanOneSource(),
		chanHalfOpen(), chanMisplaced(), chanStream(),
		recTags(), recFirst(), recShort(), recKeys(), recCounters(), recWindow(), recInner(), recRun(), recLimits(),
		chanTunnel(),
		rout(), routEndPoint(), routEnd(), routChanged(),
		hops(),
		vaultPrimitives(), vaultSecrets(), vaultLife(), channelInsight(),
	)
	for i := range all {
		complete(&all[i])
	}
	place(all)
	return all
}

// complete fills in what nearly all cases share: both roles, every transport, every profile.
func complete(c *conformance.Case) {
	if c.Roles == nil {
		c.Roles = []conformance.Role{conformance.Responder, conformance.Initiator}
	}
	if c.Transports == nil {
		c.Transports = []conformance.Transport{conformance.TCP, conformance.Mem, conformance.UDP}
	}
	if c.Profiles == nil {
		c.Profiles = everyProfile()
	}
	if c.Since == "" {
		c.Since = since(c.ID)
	}
	c.Admits = admits(*c)
	run := c.Run
	c.Run = func(ctx context.Context, env conformance.Env) error {
		return twice(env, func() error { return run(ctx, env) })
	}
}

// Who and what a case is limited to.
func responder() []conformance.Role { return []conformance.Role{conformance.Responder} }
func initiator() []conformance.Role { return []conformance.Role{conformance.Initiator} }
func streams() []conformance.Transport {
	return []conformance.Transport{conformance.TCP, conformance.Mem}
}
func overUDP() []conformance.Transport { return []conformance.Transport{conformance.UDP} }
func v1() []string                     { return []string{"v1"} }
func everyProfile() []string           { return []string{"v1", "c09", "e09", "c010"} }
func c09() []string                    { return []string{"c09"} }
func c010() []string                   { return []string{"c010"} }
func routed() []string                 { return []string{"v1", "e09", "c010"} } // messages have routes
func typed() []string                  { return []string{"v1", "c09", "c010"} } // messages have type bytes
func x25519() []string                 { return []string{"v1", "c09", "e09"} }
func unrepeated() []string             { return []string{"c09", "e09", "c010"} } // m1 is not repeated
