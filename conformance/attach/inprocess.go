package attach

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"ockamtest/conformance"
)

// NewInProcess attaches a program in process. Nothing runs by itself: the program's machines are called from Open and from the methods
// of the links, in the caller's goroutine, and time is virtual. It stands still except in Receive, which moves it on to the next
// thing that happens within its wait. Runs with the same seed and the same calls are the same.
func NewInProcess(program conformance.Program, seed uint64) conformance.Peer {
	p := inProcess{program: program, seed: seed}
	if program.StartRouter != nil {
		return &inProcessRouter{inProcess: p}
	}
	return &p
}

// An inProcess is a peer made of a program. It runs one node at a time, for one need, as an exec peer runs one process.
type inProcess struct {
	program conformance.Program
	seed    uint64
	starts  uint64 // nodes started

	need   conformance.Need
	node   *virtualNode        // nil before the first start and after a crash
	seen   conformance.Insight // nil until it is asked for
	deaths []error
	closed bool
}

// Info describes the peer.
func (p *inProcess) Info() conformance.PeerInfo {
	return conformance.PeerInfo{
		Name: string(InProcess) + ":" + p.program.Name, Attachment: string(InProcess),
		Roles: slices.Clone(p.program.Roles), Transports: transportsOf(p.program),
		Depths: p.program.Depths, HandshakeDeadline: p.program.HandshakeDeadline, Pinned: p.program.Pinned,
		Reading: p.program.Reading, Lossless: true,
	}
}

// transportsOf are what a program runs over in process.
func transportsOf(program conformance.Program) []conformance.Transport {
	if program.Transports == nil {
		return []conformance.Transport{conformance.Mem}
	}
	return slices.Clone(program.Transports)
}

// Open makes a connection with the node, and starts one if none runs.
func (p *inProcess) Open(ctx context.Context, need conformance.Need) (conformance.Link, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if p.closed {
		return nil, ErrClosed
	}
	if err := checkNeed(p.Info(), need); err != nil {
		return nil, err
	}
	if spoken := p.program.Speaks(need.Transport); !slices.Contains(spoken, need.Profile) {
		return nil, fmt.Errorf("%w: %s speaks %v over %s, not %s", ErrNeed, p.program.Name, spoken, need.Transport, need.Profile)
	}
	p.bury()
	if need != p.need {
		p.stop()
	}
	if p.node == nil {
		p.need = need
		p.node = &virtualNode{need: need, node: p.program.Start(need, p.seed+p.starts)} // NOISE-008: a restart has other keys
		p.starts++
	}
	return p.node.connect(), nil
}

// Insight returns that of the program.
func (p *inProcess) Insight(context.Context) (conformance.Insight, error) {
	if p.closed {
		return nil, ErrClosed
	}
	if p.program.Insight == nil {
		return nil, &conformance.Inapplicable{Reason: p.program.Name + " shows nothing but what is on the wire"}
	}
	if p.seen == nil {
		p.seen = p.program.Insight(p.seed)
	}
	return p.seen, nil
}

// Death tells of the crash of a node since the last call.
func (p *inProcess) Death() error {
	p.bury()
	err := errors.Join(p.deaths...)
	p.deaths = nil
	return err
}

// bury removes a node that has crashed, if its crash was not told of yet.
func (p *inProcess) bury() {
	if p.node != nil && p.node.crash != "" {
		p.deaths = append(p.deaths, &CrashError{Peer: p.program.Name, Reason: p.node.crash})
		p.node = nil
	}
}

// Close ends the node.
func (p *inProcess) Close() error {
	p.closed = true
	p.stop()
	if seen, ok := p.seen.(io.Closer); ok {
		return seen.Close()
	}
	return nil
}

func (p *inProcess) stop() {
	if p.node != nil {
		p.node.end()
		p.node = nil
	}
}

// maxExpiries bounds how often machines are called without time moving on.
const maxExpiries = 1000

// A virtualNode runs a Node in virtual time.
type virtualNode struct {
	need  conformance.Need
	node  conformance.Node
	now   time.Duration // since its start
	links []*virtualLink
	ports int
	crash string // why it has died; "" while it lives
}

const (
	nodeAddress   = "127.0.0.1:4000" // of whoever is connected to
	ephemeralPort = 49152            // the first, of whoever connects
)

// connect makes a link. A responder hears of a source with the first datagram.
func (n *virtualNode) connect() *virtualLink {
	link := &virtualLink{node: n, local: n.port(), remote: nodeAddress}
	if n.need.Role == conformance.Initiator {
		link.local, link.remote = link.remote, link.local
	}
	n.links = append(n.links, link)
	if !n.datagrams() || n.need.Role == conformance.Initiator {
		link.meet(true)
	}
	return link
}

func (n *virtualNode) datagrams() bool { return n.need.Transport == conformance.UDP }

// port is an address of its own for whoever connects.
func (n *virtualNode) port() string {
	n.ports++
	return fmt.Sprintf("127.0.0.1:%d", ephemeralPort+(n.ports-1)%(65536-ephemeralPort))
}

// advance moves time on until link has something to receive, at most to until.
func (n *virtualNode) advance(link *virtualLink, until time.Duration) {
	for calls := 0; !link.readable(); calls++ {
		next, at := n.earliest()
		if next == nil || at > until {
			n.now = until
			return
		}
		if at > n.now {
			n.now, calls = at, 0
		}
		if calls == maxExpiries {
			n.die("its timer does not move on")
			return
		}
		next.apply(next.machine.Expire(n.now))
		next.retire()
	}
}

// earliest returns the link whose machine wakes first, nil if none wants to.
func (n *virtualNode) earliest() (link *virtualLink, at time.Duration) {
	for _, l := range n.links {
		if l.machine == nil {
			continue
		}
		if wake, ok := l.machine.Wake(); ok && (link == nil || wake < at) {
			link, at = l, wake
		}
	}
	return link, at
}

// forget takes a link from the node: its machine is not called any more.
func (n *virtualNode) forget(link *virtualLink) {
	n.links = slices.DeleteFunc(n.links, func(l *virtualLink) bool { return l == link })
}

// die ends the node as a crash does.
func (n *virtualNode) die(why string) {
	n.crash = why
	n.end()
}

// end resets all links. Of a socket that is closed the network tells those who send there; an initiator's is not known to be one.
func (n *virtualNode) end() {
	for _, l := range n.links {
		switch {
		case !n.datagrams():
			l.ended = conformance.ErrReset
		case n.need.Role == conformance.Responder:
			l.ended = fmt.Errorf("%w: the node has ended", conformance.ErrUnreachable)
		}
		l.machine, l.deaf = nil, true
	}
	n.links = nil
}
