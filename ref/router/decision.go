package router

import "ockamtest/ref/wire"

// A Kind is what becomes of a message.
type Kind uint8

// The zero Kind is Drop.
const (
	Drop    Kind = iota
	Answer       // a ping for the node: AppendPong makes the answer
	Pong         // a pong for the node, from Link.Remote
	ToNode       // another message for the node: its onward route is empty
	ToLocal      // for a local address, the first of the onward route
	Forward      // leaves for Next: AppendForward makes the message
	Resolve      // would leave for Next, which is a name: Resolved decides once it is resolved (WIRE-014)
)

// String names the kind.
func (k Kind) String() string {
	names := [...]string{"drop", "answer", "pong", "to node", "to local", "forward", "resolve"}
	if int(k) < len(names) {
		return names[k]
	}
	return "invalid kind"
}

// A Decision is what becomes of one message. The zero Decision is a message that is dropped for no reason.
type Decision struct {
	Kind   Kind
	Reason Reason // of Drop
	Err    error  // of Drop because Malformed: the *wire.Error
	// Link is what the message came over.
	Link wire.Link
	// Next is where the message leaves for: numeric if Forward, a name if Resolve.
	Next wire.Address
	// Message is what was received, nil if it is Malformed: its onward route without the receiver's own address (ROUT-002), its return
	// route with the source in front (ROUT-003), addresses in the form that encoders write where there is one. It is the router's, valid
	// until its next decision, and its body aliases what was received.
	Message *wire.Message
}
