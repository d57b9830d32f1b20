package attach

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"time"

	"ockamtest/conformance"
)

// A routerLink is a conformance.Link to a router in process: a connection, or, without a number, a socket of the kit's.
type routerLink struct {
	router        *virtualRouter
	number        int    // of the node's connection, 0: datagrams
	local, remote string // the kit's end, the node's end

	queue  [][]byte // what the node has written
	ended  error    // how the node ended the link, behind queue
	shut   bool     // CloseWrite was called
	closed bool     // Close or Reset was called
}

// Send hands p to the node.
func (l *routerLink) Send(p []byte) error {
	r := l.router
	switch {
	case l.closed || l.shut:
		return fmt.Errorf("send: %w", conformance.ErrLinkClosed)
	case l.ended == io.EOF: //nolint:errorlint // set here, never wrapped
		return fmt.Errorf("send: %w", io.ErrClosedPipe)
	case l.ended != nil:
		return fmt.Errorf("send: %w", conformance.ErrReset)
	case r.crash != "": // a datagram to nobody
	case l.number == 0:
		r.tell(func() conformance.RouterOutput { return r.node.ReceiveFrom(r.now, l.local, bytes.Clone(p)) })
	case len(p) > 0:
		r.tell(func() conformance.RouterOutput { return r.node.Receive(r.now, l.number, bytes.Clone(p)) })
	}
	return nil
}

// Receive returns the next piece as it was written.
func (l *routerLink) Receive(wait time.Duration) ([]byte, error) {
	if l.closed {
		return nil, conformance.ErrLinkClosed
	}
	l.router.advance(l.router.now+max(wait, 0), func() bool { return len(l.queue) > 0 || l.ended != nil })
	switch {
	case len(l.queue) > 0:
		p := l.queue[0]
		l.queue = l.queue[1:]
		return p, nil
	case l.ended != nil:
		return nil, l.ended
	case l.router.crash != "":
		return nil, fmt.Errorf("%w: the node has died", conformance.ErrUnreachable)
	}
	return nil, conformance.ErrQuiet
}

// CloseWrite tells the node of the kit's FIN.
func (l *routerLink) CloseWrite() error {
	if l.closed {
		return fmt.Errorf("close write: %w", conformance.ErrLinkClosed)
	}
	if !l.shut {
		l.shut = true
		l.tellEnd(true)
	}
	return nil
}

// Reset tells the node of the kit's RST.
func (l *routerLink) Reset() error { return l.close(false) }

// Close tells the node of the kit's FIN, or RST if something was left to receive, as a socket does.
func (l *routerLink) Close() error { return l.close(len(l.queue) == 0) }

func (l *routerLink) close(orderly bool) error {
	if l.closed {
		return nil
	}
	l.closed = true
	if l.number == 0 {
		delete(l.router.sockets, l.local)
		return nil
	}
	if !l.shut || !orderly {
		l.tellEnd(orderly)
	}
	l.queue = nil
	return nil
}

// tellEnd tells the node that the kit has ended the connection, if it has not done so itself.
func (l *routerLink) tellEnd(orderly bool) {
	r := l.router
	if l.number == 0 || l.ended != nil || r.crash != "" || r.conns[l.number] == nil {
		return
	}
	r.tell(func() conformance.RouterOutput { return r.node.End(r.now, l.number, orderly) })
}

// LocalAddress is the kit's end.
func (l *routerLink) LocalAddress() string { return l.local }

// RemoteAddress is the node's end.
func (l *routerLink) RemoteAddress() string { return l.remote }

// A routerDoor is a listener of the kit's.
type routerDoor struct {
	router  *virtualRouter
	address string
	deaf    bool
	waiting []*routerLink
	closed  bool
}

// Accept returns the next connection.
func (d *routerDoor) Accept(wait time.Duration) (conformance.Link, error) {
	if d.closed {
		return nil, conformance.ErrLinkClosed
	}
	d.router.advance(d.router.now+max(wait, 0), func() bool { return len(d.waiting) > 0 })
	if len(d.waiting) == 0 {
		return nil, conformance.ErrQuiet
	}
	link := d.waiting[0]
	d.waiting = d.waiting[1:]
	return link, nil
}

// Address is where the router finds it.
func (d *routerDoor) Address() string { return d.address }

// Close closes the listener and the connections that nobody has accepted.
func (d *routerDoor) Close() error {
	if d.closed {
		return nil
	}
	d.closed = true
	delete(d.router.listeners, d.address)
	for _, link := range slices.Clone(d.waiting) {
		_ = link.Reset() // it cannot fail
	}
	return nil
}
