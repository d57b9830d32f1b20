// Package channel is the secure channel as a state machine: initiator and responder, from the first handshake message to the last
// record (specification sections 6 and 7, areas CHAN and REC, and the rules of section 8 that an end point obeys).
//
// It is sans-IO. Wire messages and the time go in, wire messages and events come out; there is no socket, clock, goroutine, or
// random number here. The shells (package ref, the kit's in-process peer, the fuzz targets) carry the bytes. It knows the key
// agreement by its interface alone (KEY-004), and everything in which the dialects differ from its profile.
//
// It does not forward, resolve names, answer pings that are for other nodes, or repeat lost handshake messages (TRAN-014).
//
// A Channel is not safe for concurrent use.
package channel

import (
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// An Instant is a point on the shell's clock, in nanoseconds. Only differences matter, and the clock must not go back.
type Instant int64

// Deadlines of NOISE-013, counted from Start.
const (
	DefaultDeadline Instant = 10e9
	MaxDeadline     Instant = 30e9
)

// A Role is the part that a channel plays.
type Role uint8

// The zero Role is Initiator.
const (
	Initiator Role = iota
	Responder
)

// String returns "initiator" or "responder".
func (r Role) String() string {
	switch r {
	case Initiator:
		return "initiator"
	case Responder:
		return "responder"
	}
	return "invalid role"
}

// A State is a state of the machine of section 6.
type State uint8

// The states. Closed and Failed are terminal (CHAN-004). A responder waits for m1 in Start.
const (
	Start State = iota
	SentM1
	SentM2
	Open
	Closed
	Failed
)

// String returns the state's name in the specification.
func (s State) String() string {
	switch s {
	case Start:
		return "start"
	case SentM1:
		return "sent m1"
	case SentM2:
		return "sent m2"
	case Open:
		return "open"
	case Closed:
		return "closed"
	case Failed:
		return "failed"
	}
	return "invalid state"
}

// Config is what a channel is made of. Profile and Agreement are required; the zero values of the rest are an initiator on datagrams
// over an IO without addresses.
type Config struct {
	Role    Role
	Profile profile.Profile
	// Agreement is fresh and belongs to the channel from New on: the channel closes it when it fails or is closed.
	Agreement key.Agreement

	// Stream tells that the channel is on a stream (CHAN-011): a rejected message before open, and a record that does not verify,
	// are fatal. Otherwise it is on datagrams and they are dropped.
	Stream bool
	// Local and Remote are the transport addresses of this end and of the other end of the connection. Outer routes carry them
	// (ROUT-004). Without them, over any other IO, outer routes are empty. Both or neither.
	Local, Remote wire.Address
	// Route is the onward route of an initiator's m1; empty means Remote alone. It begins with Remote, or names a hop there.
	Route wire.Route
	// Address is the channel's own local address (CHAN-010), the last in the return route of its handshake messages. Zero if
	// the connection is the channel's alone. A channel on a stream has none (CHAN-011).
	Address wire.Address

	// MessageLimit is the longest wire message in bytes that the IO below carries; 0 means the profile's limit.
	MessageLimit int
	// Deadline is the time that the handshake may take, counted from Start (NOISE-013); 0 means DefaultDeadline. At most
	// MaxDeadline.
	Deadline Instant
}

// A Kind tells what happened.
type Kind uint8

// The zero Kind is None: nothing that concerns the application.
const (
	None      Kind = iota
	Opened         // the handshake is complete on this side; PeerStatic and ChannelBinding are set
	Delivered      // a payload has arrived
)

// An Event is what a message meant to the application.
type Event struct {
	Kind Kind
	// Payload are the application bytes of Delivered. They alias the message that was handled.
	Payload []byte
	// Onward and Return are the inner routes of Delivered (REC-011), empty unless the peer's application set them.
	Onward, Return wire.Route
}
