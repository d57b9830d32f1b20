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
	return &packetLink{conn: conn, buf: make([]byte, receiveBuffer)}, nil
}

// Send sends p as one datagram. That nobody is there is for Receive to tell.
func (l *packetLink) Send(p []byte) error {
	if l.closed || l.shut {
		return fmt.Errorf("send: %w", conformance.ErrLinkClosed)
	}
	_, err := l.conn.Write(p)
	if isRefused(err) { // the network speaks of an earlier datagram: this one has not left
		_, err = l.conn.Write(p)
	}
	if err != nil && !isRefused(err) {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// Receive returns the next datagram.
func (l *packetLink) Receive(wait time.Duration) ([]byte, error) {
	if l.closed {
		return nil, conformance.ErrLinkClosed
	}
	if err := l.conn.SetReadDeadline(time.Now().Add(max(wait, shortestWait))); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	n, err := l.conn.Read(l.buf)
	switch {
	case err == nil:
		return bytes.Clone(l.buf[:n]), nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, conformance.ErrQuiet
	case isRefused(err):
		return nil, fmt.Errorf("%w: nobody receives at %s", conformance.ErrUnreachable, l.RemoteAddress())
	}
	return nil, fmt.Errorf("receive: %w", err)
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
