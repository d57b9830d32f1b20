package conformance

import (
	"context"
	"errors"
	"time"
)

// What callers branch on.
var (
	// ErrUnreachable: no session could be made with the peer.
	ErrUnreachable = errors.New("conformance: peer is not reachable")
	// ErrQuiet: nothing arrived in the time given, and the link is still open.
	ErrQuiet = errors.New("conformance: no answer")
	// ErrReset: the peer ended the link abruptly (RST). An orderly end is io.EOF.
	ErrReset = errors.New("conformance: connection reset by peer")
	// ErrStalled: the peer has not ended the link and has taken no more bytes for a long time.
	ErrStalled = errors.New("conformance: peer takes no more bytes")
	// ErrTooLong: the kit's own system does not send so long a datagram. It says nothing about the peer.
	ErrTooLong = errors.New("conformance: the system does not send so long a datagram")
	// ErrLinkClosed: the link was closed on the kit's side.
	ErrLinkClosed = errors.New("conformance: link is closed")
)

// A Need is what a session is wanted for.
type Need struct {
	Role      Role
	Transport Transport
	Profile   string
	// Depth is how many channels there are, each inside the one before (CHAN-008), and the echo contract is kept in the innermost: 0 and 1
	// are one channel on the transport. In a tunnel a peer that ends the inner channel for a fault ends the connection, or, over UDP, says
	// nothing more.
	Depth int
	// Reading is how the application of the echo contract reads.
	Reading Reading
}

// Tunnelled reports whether the channel is inside another one.
func (n Need) Tunnelled() bool { return n.Depth > 1 }

// MaxDepth is the most channels inside each other that the kit makes. The protocol knows no limit (CHAN-008).
const MaxDepth = 16

// A Peer is an implementation under test, however it is attached. Its methods are called by one goroutine at a time.
type Peer interface {
	// Info describes the peer.
	Info() PeerInfo
	// Open makes a new session: it connects to a responder, or waits for an initiator to connect. An error that wraps
	// ErrUnreachable says that the peer could not be reached.
	Open(ctx context.Context, need Need) (Link, error)
	// Death returns why the peer's process died since the last call (exit status, signal, sanitizer report, tail of its log), nil
	// if it lives or if the attachment cannot know. A peer that ends after a session without error is not dead.
	Death() error
	// Close ends the peer and everything the kit started for it.
	Close() error
}

// PeerInfo describes a peer.
type PeerInfo struct {
	Name       string // as given to --peer, or the built-in name
	Attachment string // "tcp", "accept", "exec", "adapter", "in-process", "reference"
	Roles      []Role
	Transports []Transport
	// Depths is how many channels inside each other the peer can be asked for, at most; 0 and 1 are no tunnel (CHAN-008).
	Depths int
	// HandshakeDeadline is the deadline of NOISE-013 that the kit configured, 0 if it cannot.
	HandshakeDeadline time.Duration
	// MaxConnections is how many connections the peer serves at once, 0 if not limited.
	MaxConnections int
	// Pinned says that the peer was told to accept no other static key than the kit's (NOISE-011).
	Pinned bool
	// Reading says that the application of the echo contract can be told how to read.
	Reading bool
	// Lossless says that datagrams are neither lost nor overtake each other: there is no network between kit and peer.
	Lossless bool
}

// A Link is one connection between the kit and the peer: a byte stream (TCP, Mem), or the datagrams between a socket of the kit's,
// which is the source, and the peer's address (UDP). It is used by one goroutine at a time.
//
// Datagrams have no end: the peer cannot end such a link, and the kit's end of it tells the peer nothing. CloseWrite and Reset are
// Close without a word then, except that CloseWrite keeps receiving.
type Link interface {
	// Send writes p to the stream at once, in a segment of its own where the network allows, or as one datagram, which may be
	// empty. It keeps no reference to p. It fails with ErrReset or io.ErrClosedPipe when the peer has ended the link, with
	// ErrStalled when it does not read.
	Send(p []byte) error
	// Receive returns the bytes that have arrived, at least one (on datagrams: the next datagram, which may be empty). It waits at
	// most for wait and returns ErrQuiet then, io.EOF after the peer's FIN, ErrReset after its RST. On datagrams it returns an
	// error that wraps ErrUnreachable instead of ErrQuiet when the network says that no responder is there. In process it does not
	// wait: time is virtual.
	Receive(wait time.Duration) ([]byte, error)
	// CloseWrite sends FIN and keeps receiving.
	CloseWrite() error
	// Reset ends the link with RST.
	Reset() error
	// Close ends the link. Closing twice is harmless.
	Close() error
	// LocalAddress and RemoteAddress are "IP:port" of the kit's and of the peer's end.
	LocalAddress() string
	RemoteAddress() string
}

// A BesideLink is a Link on datagrams next to which the kit can speak to the same socket of the peer from another source.
type BesideLink interface {
	Link
	// Beside makes a link with a source of its own. The peer has not heard of it. Closing either leaves the other as it is.
	Beside() (Link, error)
}
