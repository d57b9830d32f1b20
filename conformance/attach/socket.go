package attach

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"ockamtest/conformance"
)

const (
	receiveBuffer = 64 << 10
	stallTimeout  = 10 * time.Second // times Scale
	// shortestWait is what a Receive waits that is told not to wait: the runtime does not look at a socket whose deadline has passed.
	shortestWait = time.Millisecond
)

// A socketLink is a conformance.Link over a TCP connection.
type socketLink struct {
	conn  *net.TCPConn
	stall time.Duration // how long a Send may take
	buf   []byte

	ended  error // how the peer ended the link, io.EOF or conformance.ErrReset; terminal
	reset  bool  // a Send has met the peer's RST, which the system tells once
	shut   bool  // CloseWrite was called
	closed bool  // Close or Reset was called
}

func newSocketLink(conn *net.TCPConn, stall time.Duration) *socketLink {
	// TRAN-007: each Send leaves in a segment of its own. That is Go's default, said here because cases rely on it.
	_ = conn.SetNoDelay(true)
	return &socketLink{conn: conn, stall: stall, buf: make([]byte, receiveBuffer)}
}

// Send writes p at once. A peer that has not taken the bytes within the stall timeout is conformance.ErrStalled.
func (l *socketLink) Send(p []byte) error {
	if l.closed || l.shut {
		return fmt.Errorf("send: %w", conformance.ErrLinkClosed)
	}
	if len(p) == 0 {
		return nil
	}
	if err := l.conn.SetWriteDeadline(time.Now().Add(l.stall)); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	_, err := l.conn.Write(p)
	switch {
	case err == nil:
		return nil
	case isReset(err):
		l.reset = true
		return fmt.Errorf("send: %w", conformance.ErrReset)
	case isBroken(err):
		return fmt.Errorf("send: %w", io.ErrClosedPipe)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("send of %d bytes: %w", len(p), conformance.ErrStalled)
	}
	return fmt.Errorf("send: %w", err)
}

// Receive returns what has arrived. io.EOF and ErrReset stay.
func (l *socketLink) Receive(wait time.Duration) ([]byte, error) {
	if l.closed {
		return nil, conformance.ErrLinkClosed
	}
	if l.ended != nil {
		return nil, l.ended
	}
	if err := l.conn.SetReadDeadline(time.Now().Add(max(wait, shortestWait))); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	n, err := l.conn.Read(l.buf)
	switch {
	case n > 0:
		return bytes.Clone(l.buf[:n]), nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, conformance.ErrQuiet
	case isReset(err), isBroken(err), errors.Is(err, io.EOF) && l.reset:
		l.ended = conformance.ErrReset
	case errors.Is(err, io.EOF):
		l.ended = io.EOF
	default:
		return nil, fmt.Errorf("receive: %w", err)
	}
	return nil, l.ended
}

// CloseWrite sends FIN. If the peer has ended the link already there is nothing to send, and Receive tells how it ended.
func (l *socketLink) CloseWrite() error {
	if l.closed {
		return fmt.Errorf("close write: %w", conformance.ErrLinkClosed)
	}
	if l.shut {
		return nil
	}
	l.shut = true
	if err := l.conn.CloseWrite(); err != nil && !isGone(err) {
		return fmt.Errorf("close write: %w", err)
	}
	return nil
}

// Reset ends the link with RST: what was sent and not yet taken is lost.
func (l *socketLink) Reset() error {
	if l.closed {
		return nil
	}
	if err := l.conn.SetLinger(0); err != nil && !isGone(err) {
		return fmt.Errorf("reset: %w", err)
	}
	return l.Close()
}

// Close ends the link.
func (l *socketLink) Close() error {
	if l.closed {
		return nil
	}
	l.closed = true
	if err := l.conn.Close(); err != nil && !isGone(err) {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}

// LocalAddress is the kit's end.
func (l *socketLink) LocalAddress() string { return l.conn.LocalAddr().String() }

// RemoteAddress is the peer's end.
func (l *socketLink) RemoteAddress() string { return l.conn.RemoteAddr().String() }

// isGone reports that an operation on a connection failed because the peer has ended it.
func isGone(err error) bool { return isReset(err) || isBroken(err) || isNotConnected(err) }
