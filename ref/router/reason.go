package router

// A Reason is why a message was dropped. Those from Unresolved on are found by the node or the shell, not by the router; they are here so
// that one list counts them all.
type Reason uint8

// The reasons. The zero Reason is NotDropped.
const (
	NotDropped       Reason = iota
	Malformed               // it does not parse; the *wire.Error names the requirement
	TooLong                 // it is longer than the profile or the next transport carries, or becomes so
	RouteFull               // it would need more return addresses than travel
	TooManyAddresses        // more addresses in both routes than a relay takes
	NoForm                  // a received address has no form that encoders write
	OwnAddress              // its next address is one of the node's, or it would not become shorter: it could circle
	NotAllowed              // forwarding is off, or the rule says no
	Unsendable              // port 0, link-local, or no address of one host
	Unresolved              // a name has no address, or none that could be found in time
	Unreachable             // no transport or connection to the next hop, or its queue is full
	UnknownAddress          // nobody has this local address
	PlaintextAddress        // it is for an address at which applications hand over plaintext
	NobodyHere              // it is for the node, where nobody takes it
	PingForChannel          // a ping or pong for a local address
	UnexpectedPong          // nobody has pinged its source
	Repeated                // a repeat of an m1 whose channel is open
	Rejected                // the channel, listener, or worker that it was for rejected it
	Busy                    // as much as may already waits at the node
	reasons                 // how many there are
)

// Reasons is the number of reasons, for arrays with one element each.
const Reasons = int(reasons)

// reason is the text and the requirement of one Reason.
type reason struct{ text, requirement string }

func (r Reason) describe() reason {
	all := [Reasons]reason{
		NotDropped:       {"not dropped", ""},
		Malformed:        {"malformed", "WIRE-005"},
		TooLong:          {"too long", "REC-010"},
		RouteFull:        {"return route full", "REC-010"},
		TooManyAddresses: {"too many addresses", "ROUT-011"},
		NoForm:           {"address without canonical form", "WIRE-015"},
		OwnAddress:       {"next address is this node", "ROUT-005"},
		NotAllowed:       {"forwarding not allowed", "ROUT-007"},
		Unsendable:       {"next address cannot be sent to", "WIRE-013"},
		Unresolved:       {"name not resolved", "WIRE-014"},
		Unreachable:      {"next hop unreachable", "ROUT-006"},
		UnknownAddress:   {"unknown local address", "ROUT-006"},
		PlaintextAddress: {"plaintext address", "ROUT-009"},
		NobodyHere:       {"nobody takes it", "ROUT-001"},
		PingForChannel:   {"ping for a local address", "WIRE-010"},
		UnexpectedPong:   {"pong nobody waits for", "ROUT-001"},
		Repeated:         {"repeated m1 of an open channel", "TRAN-015"},
		Rejected:         {"rejected", "CHAN-001"},
		Busy:             {"node busy", "TRAN-023"},
	}
	if r >= reasons {
		return reason{"invalid reason", ""}
	}
	return all[r]
}

// String says in a few words why, without the requirement.
func (r Reason) String() string { return r.describe().text }

// Requirement is the ID of the requirement that has the message dropped; where there are several, the first.
func (r Reason) Requirement() string { return r.describe().requirement }

// An Error is a message that was dropped and counted. Two with the same reason are equal.
type Error struct{ Reason Reason }

// Error returns the reason and the requirement.
func (e Error) Error() string {
	d := e.Reason.describe()
	return "router: message dropped: " + d.text + " (" + d.requirement + ")"
}
