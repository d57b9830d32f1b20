package attach

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"ockamtest/conformance"
)

// A virtualLink is a conformance.Link to a machine in process: a byte stream that keeps the pieces in which it was written, or datagrams,
// which are never lost.
type virtualLink struct {
	node          *virtualNode
	machine       conformance.Machine // on datagrams nil before the first one, and when the source was forgotten
	local, remote string              // the kit's end, the node's end

	queue  [][]byte // what the machine has written
	ended  error    // how the machine ended the link, behind queue: io.EOF, conformance.ErrReset, or that nobody is there
	deaf   bool     // the node has ended
	shut   bool     // CloseWrite was called
	closed bool     // Close or Reset was called
}

// readable reports whether Receive returns without time moving on.
func (l *virtualLink) readable() bool { return len(l.queue) > 0 || l.ended != nil }

// meet makes the machine. An initiator does not start one for a source to which it has not turned itself.
func (l *virtualLink) meet(start bool) {
	l.machine = l.node.node.Connect(l.remote, l.local)
	if start {
		l.apply(l.machine.Start(l.node.now))
	}
}

// apply does what the machine wants.
func (l *virtualLink) apply(out conformance.Output) {
	if out.Crash != "" {
		l.node.die(out.Crash)
		return
	}
	if l.closed {
		return
	}
	for _, p := range out.Data {
		if len(p) > 0 || l.node.datagrams() {
			l.queue = append(l.queue, bytes.Clone(p))
		}
	}
	switch {
	case l.node.datagrams():
		if out.Reset || out.Close {
			l.machine = nil
		}
		return
	case out.Reset:
		l.ended = conformance.ErrReset
	case out.Close:
		l.ended = io.EOF
	default:
		return
	}
	l.node.forget(l)
}

// retire takes a link that the kit has closed from the node when its machine waits for nothing more. The node does not hear of the end
// of a source.
func (l *virtualLink) retire() {
	if l.closed && l.machine != nil {
		if _, waits := l.machine.Wake(); waits {
			return
		}
	}
	if l.closed {
		l.node.forget(l)
	}
}

// Send hands p to the machine. It fails as soon as the machine has ended the link.
func (l *virtualLink) Send(p []byte) error {
	switch {
	case l.closed || l.shut:
		return fmt.Errorf("send: %w", conformance.ErrLinkClosed)
	case l.node.datagrams():
		l.sendDatagram(p)
		return nil
	case len(p) == 0:
		return nil
	case l.ended == io.EOF: //nolint:errorlint // set here, never wrapped
		return fmt.Errorf("send: %w", io.ErrClosedPipe)
	case l.ended != nil:
		return fmt.Errorf("send: %w", conformance.ErrReset)
	}
	l.apply(l.machine.Receive(l.node.now, bytes.Clone(p)))
	return nil
}

// sendDatagram hands p to the machine, which is made for the first one.
func (l *virtualLink) sendDatagram(p []byte) {
	if l.deaf {
		return
	}
	if l.machine == nil {
		l.meet(l.node.need.Role == conformance.Responder)
	}
	if l.machine != nil { // it may not want to hear of the source
		l.apply(l.machine.Receive(l.node.now, bytes.Clone(p)))
	}
}

// Beside makes a link with another source.
func (l *virtualLink) Beside() (conformance.Link, error) {
	if !l.node.datagrams() {
		return nil, errors.ErrUnsupported
	}
	other := &virtualLink{node: l.node, local: l.node.port(), remote: l.remote, deaf: l.deaf}
	if !l.deaf {
		l.node.links = append(l.node.links, other)
	}
	return other, nil
}

// Receive returns the next piece as it was written.
func (l *virtualLink) Receive(wait time.Duration) ([]byte, error) {
	if l.closed {
		return nil, conformance.ErrLinkClosed
	}
	l.node.advance(l, l.node.now+max(wait, 0))
	switch {
	case len(l.queue) > 0:
		p := l.queue[0]
		l.queue = l.queue[1:]
		return p, nil
	case l.ended != nil:
		return nil, l.ended
	}
	return nil, conformance.ErrQuiet
}

// CloseWrite tells the machine of the kit's FIN.
func (l *virtualLink) CloseWrite() error {
	if l.closed {
		return fmt.Errorf("close write: %w", conformance.ErrLinkClosed)
	}
	if !l.shut && l.ended == nil && !l.node.datagrams() {
		l.shut = true
		l.apply(l.machine.End(l.node.now, true))
	}
	l.shut = true
	return nil
}

// Reset tells the machine of the kit's RST.
func (l *virtualLink) Reset() error { return l.close(false) }

// Close tells the machine of the kit's FIN, or RST if something was left to receive, as a socket does.
func (l *virtualLink) Close() error { return l.close(len(l.queue) == 0) }

func (l *virtualLink) close(orderly bool) error {
	if l.closed {
		return nil
	}
	l.closed = true
	if l.node.datagrams() {
		l.retire()
		return nil
	}
	if l.ended == nil {
		if !l.shut {
			l.apply(l.machine.End(l.node.now, orderly)) // what it answers reaches nobody, except that it may crash
		}
		l.node.forget(l)
	}
	return nil
}

// LocalAddress is the kit's end.
func (l *virtualLink) LocalAddress() string { return l.local }

// RemoteAddress is the node's end.
func (l *virtualLink) RemoteAddress() string { return l.remote }
