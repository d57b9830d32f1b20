package adversarytest

import (
	"bytes"
	"io"
	"time"

	"ockamtest/conformance"
)

// A link is one connection, or one source, seen from the kit.
type link struct {
	world         *World
	machine       conformance.Machine // nil on datagrams before the first
	local, remote string
	in            [][]byte
	end           error // how the peer ended it
	done          bool  // the kit has sent FIN or RST
	closed        bool
}

// connect makes the machine. An initiator does not start one for a source to which it has not turned itself.
func (l *link) connect(start bool) {
	l.machine = l.world.node.Connect(l.remote, l.local)
	if start {
		l.take(l.machine.Start(l.world.now))
	}
}

func (l *link) take(out conformance.Output) {
	datagrams := l.world.datagrams()
	for _, p := range out.Data {
		if datagrams || len(p) > 0 {
			l.in = append(l.in, bytes.Clone(p))
		}
	}
	switch {
	case l.end != nil:
	case out.Crash != "":
		l.end = conformance.ErrReset
	case datagrams && (out.Reset || out.Close):
		l.machine = nil // the source is forgotten
	case out.Reset:
		l.end = conformance.ErrReset
	case out.Close:
		l.end = io.EOF
	}
}

func (l *link) over() bool { return l.end != nil || l.closed && !l.world.datagrams() }

// Send hands the bytes to the machine.
func (l *link) Send(p []byte) error {
	switch {
	case l.closed, l.done:
		return conformance.ErrLinkClosed
	case l.end != nil:
		return conformance.ErrReset
	}
	if l.machine == nil {
		l.connect(l.world.need.Role == conformance.Responder)
	}
	if l.machine != nil { // it may not want to hear of the source
		l.take(l.machine.Receive(l.world.now, bytes.Clone(p)))
	}
	return nil
}

// Receive returns what is there, or lets time pass.
func (l *link) Receive(wait time.Duration) ([]byte, error) {
	if l.closed {
		return nil, conformance.ErrLinkClosed
	}
	l.world.advance(l.world.now+wait, func() bool { return len(l.in) > 0 || l.end != nil })
	switch {
	case len(l.in) > 0 && l.world.datagrams():
		p := l.in[0]
		l.in = l.in[1:]
		return p, nil
	case len(l.in) > 0:
		p := bytes.Join(l.in, nil)
		l.in = nil
		return p, nil
	case l.end != nil:
		return nil, l.end
	}
	return nil, conformance.ErrQuiet
}

// Beside is another source.
func (l *link) Beside() (conformance.Link, error) { return l.world.newLink(l.remote), nil }

// CloseWrite tells the machine of the FIN.
func (l *link) CloseWrite() error { return l.finish(true) }

// Reset tells the machine of the RST.
func (l *link) Reset() error {
	err := l.finish(false)
	l.closed = true
	return err
}

// Close ends the link.
func (l *link) Close() error {
	if l.closed {
		return nil
	}
	err := l.finish(true)
	l.closed = true
	return err
}

func (l *link) finish(orderly bool) error {
	if l.closed || l.done {
		return nil
	}
	l.done = true
	if l.end == nil && l.machine != nil && !l.world.datagrams() {
		l.take(l.machine.End(l.world.now, orderly))
	}
	return nil
}

// LocalAddress is the kit's end.
func (l *link) LocalAddress() string { return l.local }

// RemoteAddress is the node's end.
func (l *link) RemoteAddress() string { return l.remote }
