package node

import (
	"ockamtest/ref/channel"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// A Kind tells what happened.
type Kind uint8

// The zero Kind is None: nothing that concerns the shell or an application.
const (
	None      Kind = iota
	Forward        // Decision has to leave for its Next: AppendForward makes the message
	Resolve        // Decision.Next is a name: look it up, then Resolved (WIRE-014)
	Record         // for Channel, which is open: call its Handle with the same message (Receive only)
	Due            // Channel, which is open, has something due: call its Machine.Tick (Tick only)
	Opened         // the handshake of Channel is complete on this side
	Failed         // the handshake of Channel has failed with Err, and the node has forgotten it
	Delivered      // Payload came through Channel (Process only)
	Message        // Payload came in plaintext for the worker at Worker
	Ponged         // the pong to Ping came
	PingLost       // the pong to Ping did not come in time
)

// A Result is what came of one message, or of time. At most one message comes out, and at most one event.
type Result struct {
	// Out is dst, with one message appended if there is one; Link is where that leaves.
	Out  []byte
	Link wire.Link

	Kind     Kind
	Reason   router.Reason // why the message was dropped
	Err      error         // of Failed; or what is behind Reason
	Decision router.Decision
	Channel  *Channel
	Worker   wire.Address
	Ping     PingID
	// Payload are application bytes. Those of a channel on datagrams lie in the free capacity of Out.
	Payload []byte
	// Onward and Return are the inner routes of Delivered (REC-011). Of Message they are the outer ones: Onward is what followed the worker's
	// address, Return leads to the sender and begins with the source; nothing proves them (ROUT-009). Of Ponged, Return is the pong's.
	Onward, Return wire.Route
}

// dropped counts a message that is dropped.
func (n *Node) dropped(dst []byte, why router.Reason, err error) Result {
	n.metrics.CountDropped(why)
	return Result{Out: dst, Reason: why, Err: err}
}

// delivered counts a message that somebody at the node took.
func (n *Node) delivered(r Result) Result {
	n.metrics.CountDelivered()
	return r
}

// handled makes a result of what a channel made of a message: an answer, an event, or an error. It counts.
func handled(metrics router.Metrics, c *Channel, dst, out []byte, ev channel.Event, err error) Result {
	if err != nil {
		metrics.CountDropped(router.Rejected)
		return Result{Out: dst, Reason: router.Rejected, Err: err, Channel: c}
	}
	metrics.CountDelivered()
	r := Result{Out: out, Link: ev.Link, Channel: c}
	switch ev.Kind {
	case channel.Opened:
		r.Kind = Opened
	case channel.Delivered:
		r.Kind, r.Payload, r.Onward, r.Return = Delivered, ev.Payload, ev.Onward, ev.Return
	case channel.None:
	}
	return r
}
