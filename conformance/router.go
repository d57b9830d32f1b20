package conformance

import (
	"context"
	"time"
)

// An End says what the kit wants for an end point of its own around a router. The zero End is one over the transport of the Need.
type End struct {
	// Transport of the end; empty is that of the Need. Mem and TCP are the same to a router in process.
	Transport Transport
	// Stranger is an end at an address that the router's allow rule does not know.
	Stranger bool
	// Deaf is a listener that accepts nothing: connecting to it neither succeeds nor fails.
	Deaf bool
}

// A Listener is an end of the kit's to which a router connects: its address is a next hop without a live connection. It is used by one
// goroutine at a time.
type Listener interface {
	// Accept returns the next connection that the router has made. It waits at most for wait and returns ErrQuiet then. In process it does
	// not wait: time is virtual.
	Accept(wait time.Duration) (Link, error)
	// Address is "IP:port".
	Address() string
	// Close stops listening; links that were accepted stay. Closing twice is harmless.
	Close() error
}

// A RouterPeer is a Peer that can have the role Router. Its Open makes a link with the router's listener over the transport of the Need.
// What the router, the network, or the machine does not have is an *Inapplicable.
//
// The contract of that role takes no adapter and no channel. The peer is a node that forwards between its listeners, over TCP, UDP, or
// both at once, and the kit stands on both sides of it with as many end points as a case needs:
//
//   - It forwards messages whose source and next address are both the kit's, by its allow rule (ROUT-007): 127.0.0.1 and ::1 where all is
//     on one machine, else the address from which the kit reaches it. Every other address is refused; the kit's stranger is 127.0.0.2.
//   - A next hop at a TCP address without a live connection is one that it connects to (ROUT-004); one at a UDP address is sent to from
//     the socket of its listener.
//   - It answers pings for the node (WIRE-010). It has no channel, no worker, and no local address that the kit could guess.
//   - A name that it cannot resolve, an IP version or a transport that it has no socket for, is a next hop that cannot be reached.
//
// A command prints one line for each of its listeners: "listening tcp://HOST:PORT", "listening udp://HOST:PORT", or, of the transport that
// it was started for, "listening HOST:PORT".
type RouterPeer interface {
	Peer
	// OpenEnd is Open for another end than the zero End. Over UDP the link's local address is a next hop.
	OpenEnd(ctx context.Context, need Need, end End) (Link, error)
	// Listen makes a listener of the kit's, over TCP.
	Listen(ctx context.Context, need Need, end End) (Listener, error)
}

// A RouterEnv is the Env of a case about routers. The links of its ends are recorded and closed like those of Open.
type RouterEnv interface {
	Env
	// OpenEnd is Open for another end than the zero End.
	OpenEnd(ctx context.Context, end End) (Link, error)
	// Listen makes a listener of the kit's, which is closed when the case ends.
	Listen(ctx context.Context, end End) (Listener, error)
}
