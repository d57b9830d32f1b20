package attach

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"ockamtest/conformance"
)

// A packetLink is a conformance.Link over UDP: the datagrams between a socket of the kit's and one address of the peer's.
type packetLink struct {
	conn   *net.UDPConn // connected: nobody else's datagrams arrive, and the network tells when nobody is there
	buf    []byte
	deaf   bool // that nobody is there is no news: an initiator may close its socket
	absent bool // the network has said that nobody is there, and nothing was heard since
	shut   bool // CloseWrite was called
	closed bool
}

// dialPacket makes a socket for datagrams to address. local is the host that it binds, empty for any.
func dialPacket(local, address string) (*packetLink, error) {
	remote, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, err
	}
	var from *net.UDPAddr
	if local != "" {
		from = &net.UDPAddr{IP: net.ParseIP(local)}
	}
	conn, err := net.DialUDP("udp", from, remote)
	if err != nil {
		return nil, err
	}
	// What a peer answers to many datagrams at once has to find room. The system may allow less: then some is lost.
	_ = conn.SetReadBuffer(packetBuffer)
	return &packetLink{conn: conn, buf: make([]byte, receiveBuffer)}, nil
}

// packetBuffer is how many bytes of datagrams a socket of the kit's may hold.
const packetBuffer = 4 << 20

// Send sends p as one datagram, which may be empty. That nobody is there is for Receive to tell.
func (l *packetLink) Send(p []byte) error {
	if l.closed || l.shut {
		return fmt.Errorf("send: %w", conformance.ErrLinkClosed)
	}
	err := l.write(p)
	if isRefused(err) { // the network speaks of an earlier datagram: this one has not left
		l.absent = true
		err = l.write(p)
	}
	switch {
	case err == nil, isRefused(err):
		return nil
	case isTooLong(err):
		return fmt.Errorf("send of %d bytes: %w", len(p), conformance.ErrTooLong)
	}
	return fmt.Errorf("send: %w", err)
}

func (l *packetLink) write(p []byte) error {
	_, _, err := l.conn.WriteMsgUDP(p, nil, nil) // not Write, which need not send an empty datagram
	return err
}

// Receive returns the next datagram.
func (l *packetLink) Receive(wait time.Duration) ([]byte, error) {
	if l.closed {
		return nil, conformance.ErrLinkClosed
	}
	if err := l.conn.SetReadDeadline(time.Now().Add(max(wait, shortestWait))); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	for {
		n, err := l.conn.Read(l.buf)
		switch {
		case err == nil:
			l.absent = false
			return bytes.Clone(l.buf[:n]), nil
		case isRefused(err), isReset(err): // whoever is to be there may be starting
			l.absent = true
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return nil, fmt.Errorf("receive: %w", err)
		case l.absent && !l.deaf:
			return nil, fmt.Errorf("%w: nobody receives at %s", conformance.ErrUnreachable, l.RemoteAddress())
		default:
			return nil, conformance.ErrQuiet
		}
	}
}

// Beside makes a link with a source of its own.
func (l *packetLink) Beside() (conformance.Link, error) {
	host, _, err := net.SplitHostPort(l.LocalAddress())
	if err != nil {
		return nil, fmt.Errorf("beside: %w", err)
	}
	other, err := dialPacket(host, l.RemoteAddress())
	if err != nil {
		return nil, fmt.Errorf("beside: %w", err)
	}
	other.deaf = l.deaf
	return other, nil
}

// CloseWrite keeps receiving.
func (l *packetLink) CloseWrite() error {
	l.shut = true
	return nil
}

// Reset is Close: datagrams have no end.
func (l *packetLink) Reset() error { return l.Close() }

// Close closes the socket.
func (l *packetLink) Close() error {
	if l.closed {
		return nil
	}
	l.closed = true
	if err := l.conn.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}

// LocalAddress is the kit's end.
func (l *packetLink) LocalAddress() string { return l.conn.LocalAddr().String() }

// RemoteAddress is the peer's end.
func (l *packetLink) RemoteAddress() string { return l.conn.RemoteAddr().String() }
