package conformance

import (
	"slices"
	"time"
)

// A Program is an implementation that runs in process: a Peer is made of it by conformance/attach. The reference, the second
// opinion, and every broken, lawful, or dead peer is one.
type Program struct {
	Name  string // slug
	Title string // one sentence: what it is, or what it does wrong
	Roles []Role
	// Profiles are the names of the profiles that it speaks.
	Profiles []string
	// Transports are what it runs over in process: Mem, UDP. Nil means byte streams, Mem alone.
	Transports []Transport
	// Datagrams are the names of the profiles that it speaks over UDP; nil means Profiles.
	Datagrams []string
	// Depths is how many channels inside each other it makes, at most; 0 and 1 are no tunnel.
	Depths int
	// Forgoes are the SHOULDs that it does not meet, as it may: a warning about one is right, one about another is not.
	Forgoes []string
	// HandshakeDeadline is the deadline of NOISE-013 that its nodes keep, in virtual time; 0 if they have none.
	HandshakeDeadline time.Duration
	// Pinned says that it accepts no other static key than that of whoever it speaks with first.
	Pinned bool
	// Reading says that it reads as a Need says.
	Reading bool
	// Start makes a node with memory of its own, as a process would be, for the other roles than Router. seed makes its randomness
	// reproducible.
	Start func(need Need, seed uint64) Node
	// StartInside is Start for the innermost channels of a tunnel alone, whatever is below (CHAN-008): each connection is a channel, and what
	// its machine gives and gets are the frames, or datagrams, of the channel inside, as they would be over the transport, with empty routes.
	// Nil of a program that cannot be part of a tunnel.
	StartInside func(need Need, seed uint64) Node
	// Insight makes an Insight of the implementation, for the cases that need it. Nil of a program that shows none.
	Insight func(seed uint64) Insight
	// StartRouter is Start for the role Router: it makes a router with these listeners. Nil where Roles has no Router.
	StartRouter func(need Need, at RouterAddresses, seed uint64) RouterNode
}

// Speaks returns the names of the profiles that the program speaks over a transport, nil if it does not run over that. TCP counts as Mem.
func (p Program) Speaks(t Transport) []string {
	transports := p.Transports
	if transports == nil {
		transports = []Transport{Mem}
	}
	switch {
	case t == TCP:
		return p.Speaks(Mem)
	case !slices.Contains(transports, t):
		return nil
	case t == UDP && p.Datagrams != nil:
		return slices.Clone(p.Datagrams)
	}
	return slices.Clone(p.Profiles)
}

// A Node is a running Program. Methods are called by one goroutine at a time.
type Node interface {
	// Connect makes the machine of a new connection. local and remote are "IP:port" of the node's end and of the kit's end. On
	// datagrams a machine stands for one source: it is made when an initiator begins, or when the first datagram of a source arrives.
	Connect(local, remote string) Machine
}

// A Machine is one connection of an in-process peer as a state machine: bytes in, bytes and closing out, no goroutine, no clock.
// Times are durations since the node's start and never go back. On datagrams it is one source, and machines of a node may share
// channels: a machine that has something to send that another one has brought about says so with Wake.
type Machine interface {
	// Start is called once, when the connection is established. On datagrams it is called before the first Receive, except for a
	// source to which an initiator has not turned itself.
	Start(now time.Duration) Output
	// Receive is called with bytes from the stream, in pieces of any size, or with one datagram, which may be empty. p is not kept.
	Receive(now time.Duration, p []byte) Output
	// End is called once when the kit has sent FIN (orderly) or RST. Datagrams have no end.
	End(now time.Duration, orderly bool) Output
	// Wake returns when the machine wants Expire to be called next, false if it waits for bytes only.
	Wake() (time.Duration, bool)
	// Expire is called when the time of Wake has come.
	Expire(now time.Duration) Output
}

// A LimitedMachine is a Machine inside a channel that is told how long its messages may be, before its Start (CHAN-008).
type LimitedMachine interface {
	Machine
	Limit(longest int)
}

// Output is what a Machine does in answer to one call.
type Output struct {
	Data  [][]byte // written to the stream, each element in one write, or sent as one datagram each
	Close bool     // FIN after Data: nothing follows in either direction; on datagrams the source is forgotten, and nobody is told
	Reset bool     // RST instead
	Crash string   // the whole node dies, with this log line; nothing is written
}
