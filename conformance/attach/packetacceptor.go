package attach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A packetAcceptor binds a UDP socket and keeps what initiators send until a session wants it. A session begins with the first datagram of
// a source, or with an m1 of a source whose last session began with another one: then that session hears no more. Whatever else a source
// sends is of its last session, also when the kit has closed that. next and close are for one goroutine.
type packetAcceptor struct {
	conn    *net.UDPConn
	fresh   time.Duration
	waiting chan *packetSession
	done    chan struct{} // closed when the reading goroutine has ended

	mu      sync.Mutex
	profile profile.Profile // of the session that is wanted: it tells what an m1 looks like
	sources map[netip.AddrPort]*packetSession
}

const (
	// maxSources is how many sources an acceptor remembers, and sessionQueue how many datagrams a session keeps.
	maxSources   = 4096
	sessionQueue = 1024
)

// A packetSession is what one source sends.
type packetSession struct {
	source netip.AddrPort
	first  []byte
	at     time.Time
	queue  chan []byte
}

// newPacketAcceptor binds address. A session may wait for fresh.
func newPacketAcceptor(address string, fresh time.Duration) (*packetAcceptor, error) {
	at, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp", at)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(packetBuffer)
	a := &packetAcceptor{
		conn: conn, fresh: fresh, waiting: make(chan *packetSession, queueLength), done: make(chan struct{}),
		sources: map[netip.AddrPort]*packetSession{},
	}
	go a.read()
	return a, nil
}

// address is the address bound.
func (a *packetAcceptor) address() string { return a.conn.LocalAddr().String() }

func (a *packetAcceptor) read() {
	defer close(a.done)
	buf := make([]byte, receiveBuffer)
	for {
		n, source, err := a.conn.ReadFromUDPAddrPort(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // it tells of an earlier datagram
			continue
		}
		s, begins := a.session(source, buf[:n])
		select {
		case s.queue <- bytes.Clone(buf[:n]):
		default: // nobody reads it
		}
		for begins {
			select {
			case a.waiting <- s:
				begins = false
			default:
				select {
				case <-a.waiting: // the oldest gives way
				default:
				}
			}
		}
	}
}

// session is the session that a datagram belongs to, and tells whether that begins with it.
func (a *packetAcceptor) session(source netip.AddrPort, p []byte) (s *packetSession, begins bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s = a.sources[source]
	if s != nil && (bytes.Equal(p, s.first) || !isM1(a.profile, p, s.first)) {
		return s, false
	}
	for old := range a.sources {
		if len(a.sources) < maxSources {
			break
		}
		delete(a.sources, old)
	}
	s = &packetSession{source: source, first: bytes.Clone(p), at: time.Now(), queue: make(chan []byte, sessionQueue)}
	a.sources[source] = s
	return s, true
}

// isM1 tells whether a datagram has the form of an m1. Where it has no type byte, records may be as long; but they go to another
// address than the m1 before.
func isM1(p profile.Profile, datagram, before []byte) bool {
	d := wire.Dialect(p.HandshakeEnvelope())
	m, err := wire.Parse(d, datagram)
	if err != nil || len(m.Body) != p.Suite.PublicKeySize {
		return false
	}
	if p.HandshakeTypeByte {
		return m.Type == wire.M1
	}
	first, err := wire.Parse(d, before)
	return m.Type == wire.Untyped && (err != nil || m.Onward.Equal(first.Onward))
}

// next returns the next session that is fresh. It waits for wait, or until stop is closed or ctx ends.
func (a *packetAcceptor) next(ctx context.Context, profileName string, wait time.Duration, stop <-chan struct{}) (*packetSession, error) {
	a.mu.Lock()
	a.profile, _ = profile.Lookup(profileName)
	a.mu.Unlock()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case s := <-a.waiting:
			if time.Since(s.at) <= a.fresh {
				return s, nil
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return nil, errNobody
		case <-stop:
			return nil, errStopped
		}
	}
}

// link is the link of a session.
func (a *packetAcceptor) link(s *packetSession) *sessionLink {
	return &sessionLink{acceptor: a, packetSession: s, local: localAddress(a.conn, s.source)}
}

// close stops listening.
func (a *packetAcceptor) close() error {
	err := a.conn.Close()
	<-a.done
	return err
}

// localAddress is "IP:port" of a socket as a source knows it, which a wildcard does not tell.
func localAddress(conn *net.UDPConn, source netip.AddrPort) string {
	bound, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil || !bound.Addr().IsUnspecified() {
		return conn.LocalAddr().String()
	}
	probe, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(source))
	if err != nil {
		return conn.LocalAddr().String()
	}
	defer func() { _ = probe.Close() }() // it has sent nothing
	at, err := netip.ParseAddrPort(probe.LocalAddr().String())
	if err != nil {
		return conn.LocalAddr().String()
	}
	return netip.AddrPortFrom(at.Addr().Unmap(), bound.Port()).String()
}

// A sessionLink is a conformance.Link with an initiator that has turned itself to the kit's socket.
type sessionLink struct {
	*packetSession
	acceptor *packetAcceptor
	local    string
	shut     bool // CloseWrite was called
	closed   bool
}

// Send sends p as one datagram.
func (l *sessionLink) Send(p []byte) error {
	if l.closed || l.shut {
		return fmt.Errorf("send: %w", conformance.ErrLinkClosed)
	}
	_, err := l.acceptor.conn.WriteToUDPAddrPort(p, l.source)
	switch {
	case err == nil, isRefused(err), isReset(err): // an initiator may close its socket
		return nil
	case isTooLong(err):
		return fmt.Errorf("send of %d bytes: %w", len(p), conformance.ErrTooLong)
	}
	return fmt.Errorf("send: %w", err)
}

// Receive returns the next datagram.
func (l *sessionLink) Receive(wait time.Duration) ([]byte, error) {
	if l.closed {
		return nil, conformance.ErrLinkClosed
	}
	select { // what is there comes before the time is up
	case p := <-l.queue:
		return p, nil
	default:
	}
	timer := time.NewTimer(max(wait, shortestWait))
	defer timer.Stop()
	select {
	case p := <-l.queue:
		return p, nil
	case <-timer.C:
		return nil, conformance.ErrQuiet
	}
}

// Beside makes a link with a source of its own.
func (l *sessionLink) Beside() (conformance.Link, error) {
	host, _, err := net.SplitHostPort(l.local)
	if err != nil {
		return nil, fmt.Errorf("beside: %w", err)
	}
	other, err := dialPacket(host, l.RemoteAddress())
	if err != nil {
		return nil, fmt.Errorf("beside: %w", err)
	}
	other.deaf = true
	return other, nil
}

// CloseWrite keeps receiving.
func (l *sessionLink) CloseWrite() error {
	l.shut = true
	return nil
}

// Reset is Close: datagrams have no end.
func (l *sessionLink) Reset() error { return l.Close() }

// Close ends the session on the kit's side.
func (l *sessionLink) Close() error {
	l.closed = true
	return nil
}

// LocalAddress is the kit's end.
func (l *sessionLink) LocalAddress() string { return l.local }

// RemoteAddress is the peer's end.
func (l *sessionLink) RemoteAddress() string {
	return netip.AddrPortFrom(l.source.Addr().Unmap(), l.source.Port()).String()
}
