package adversarytest

import (
	"bytes"
	"io"
	"time"

	"ockamtest/conformance"
)

// A link is one connection, seen from the kit.
type link struct {
	world   *World
	machine conformance.Machine
	local   string
	in      []byte
	end     error // how the peer ended it
	done    bool  // the kit has sent FIN or RST
	closed  bool
}

func (l *link) take(out conformance.Output) {
	l.in = append(l.in, bytes.Join(out.Data, nil)...)
	switch {
	case l.end != nil:
	case out.Reset, out.Crash != "":
		l.end = conformance.ErrReset
	case out.Close:
		l.end = io.EOF
	}
}

func (l *link) over() bool { return l.end != nil || l.closed }

// Send hands the bytes to the machine.
func (l *link) Send(p []byte) error {
	switch {
	case l.closed, l.done:
		return conformance.ErrLinkClosed
	case l.end != nil:
		return conformance.ErrReset
	}
	l.take(l.machine.Receive(l.world.now, bytes.Clone(p)))
	return nil
}

// Receive returns what is there, or lets time pass.
func (l *link) Receive(wait time.Duration) ([]byte, error) {
	if l.closed {
		return nil, conformance.ErrLinkClosed
	}
	l.world.advance(l.world.now+wait, func() bool { return len(l.in) > 0 || l.end != nil })
	switch {
	case len(l.in) > 0:
		p := l.in
		l.in = nil
		return p, nil
	case l.end != nil:
		return nil, l.end
	}
	return nil, conformance.ErrQuiet
}

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
	if l.end == nil {
		l.take(l.machine.End(l.world.now, orderly))
	}
	return nil
}

// LocalAddress is the kit's end.
func (l *link) LocalAddress() string { return l.local }

// RemoteAddress is the node's end.
func (l *link) RemoteAddress() string { return "127.0.0.1:4000" }
