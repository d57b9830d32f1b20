// Package conformance has the words of the kit: Requirement, Case, Profile, Peer, Link, Outcome, Result, and the
// requirement catalogue, quoted from the specification that is embedded here (conformance/spec/ockam-v1.md).
//
// It does nothing by itself: cases live in conformance/cases, peers are attached in conformance/attach, and
// conformance/runner runs the one against the other. All types are plain values; Peer and Link say themselves what is safe
// for concurrent use.
package conformance

// A Role is the part that the peer under test plays.
type Role string

// The roles.
const (
	Responder Role = "responder"
	Initiator Role = "initiator"
	Router    Role = "router"
)

// A Transport is what the peer under test is reached over.
type Transport string

// The transports.
const (
	TCP Transport = "tcp"
	UDP Transport = "udp"
	Mem Transport = "mem" // in process, a byte stream in virtual time
)

// A Level is the key word of a requirement (RFC 2119).
type Level string

// The levels.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	May    Level = "MAY"
)
