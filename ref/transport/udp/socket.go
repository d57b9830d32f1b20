package udp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// lostTries is how often a write is tried again when it fails with an error that an earlier datagram may have caused.
const lostTries = 3

// A receiver reads datagrams ahead. One goroutine uses it at a time.
type receiver interface {
	// next returns the next datagram that was read ahead, in a buffer that is valid until receive, and its source. ok is false if there is
	// none.
	next() (b []byte, from wire.Address, ok bool)
	// receive waits for datagrams and reads them ahead. When ctx ends first it fails with os.ErrDeadlineExceeded.
	receive(ctx context.Context) error
}

// A sender sends datagrams. One goroutine uses it at a time.
type sender interface {
	// send sends one or more of the first of ps, as many as one system call takes, and returns how many. It fails if that is none. When ctx
	// ends first it fails with os.ErrDeadlineExceeded.
	send(ctx context.Context, ps [][]byte, to netip.AddrPort) (n int, err error)
}

// A socket is a UDP socket.
type socket struct {
	conn          *net.UDPConn
	limit         int
	only4         bool // IPv4 alone
	allow         func(netip.AddrPort) bool
	local, remote wire.Address // remote is zero unless the socket is connected

	in receiver // of the reading goroutine

	writing chan struct{} // holds one token while datagrams are sent; guards out and one
	out     sender
	one     [1][]byte // the batch of WriteTo

	closing sync.Once
	closed  chan struct{}
}

// newSocket makes a socket of conn, which it owns unless it fails.
func newSocket(conn *net.UDPConn, cfg Config) (*socket, error) {
	s := &socket{
		conn:    conn,
		allow:   cfg.Allow,
		local:   numeric(conn.LocalAddr()),
		remote:  numeric(conn.RemoteAddr()),
		writing: make(chan struct{}, 1),
		closed:  make(chan struct{}),
	}
	_, s.only4 = s.local.IP4()
	s.limit = cfg.limit(s.only4)
	if err := setBuffers(conn, cfg, s.limit); err != nil {
		return nil, err
	}
	connected := s.remote != wire.Address{}
	s.in, s.out = newSingleReceiver(conn, s.limit), newSingleSender(conn, connected)
	if !cfg.SingleCalls {
		if in, out, ok := newBatches(conn, connected, s.limit, cfg.readAhead()); ok {
			s.in, s.out = in, out
		}
	}
	return s, nil
}

func setBuffers(conn *net.UDPConn, cfg Config, limit int) error {
	if runtime.GOOS == "darwin" { // where the default keeps long datagrams from being sent (REC-010)
		cfg.SendBuffer = max(cfg.SendBuffer, limit)
	}
	if cfg.SendBuffer > 0 {
		if err := conn.SetWriteBuffer(cfg.SendBuffer); err != nil {
			return err
		}
	}
	if cfg.ReceiveBuffer > 0 {
		return conn.SetReadBuffer(cfg.ReceiveBuffer)
	}
	return nil
}

// ReadFrom implements transport.PacketConn.
func (s *socket) ReadFrom(ctx context.Context, p []byte) (int, wire.Address, error) {
	for {
		if err := s.ready(ctx); err != nil {
			return 0, wire.Address{}, err
		}
		for {
			b, from, ok := s.in.next()
			if !ok {
				break
			}
			if len(b) <= s.limit && len(b) <= len(p) { // TRAN-011: else dropped
				return copy(p, b), from, nil
			}
		}
		if err := s.in.receive(ctx); err != nil && !isLost(err) { // TRAN-013
			return 0, wire.Address{}, s.failure(ctx, "read", err)
		}
	}
}

// WriteTo implements transport.PacketConn.
func (s *socket) WriteTo(ctx context.Context, p []byte, to wire.Address) error {
	target, err := s.target(ctx, to)
	if err != nil {
		return err
	}
	if err := s.fits(p, to); err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.unlock()
	s.one[0] = p
	_, err = s.send(ctx, s.one[:], target)
	s.one[0] = nil // p is the caller's
	return err
}

// WriteBatchTo implements transport.PacketConn. What stands before a datagram that is too long is sent.
func (s *socket) WriteBatchTo(ctx context.Context, ps [][]byte, to wire.Address) (int, error) {
	target, err := s.target(ctx, to)
	if err != nil {
		return 0, err
	}
	var refused error
	for i, p := range ps {
		if refused = s.fits(p, to); refused != nil {
			ps = ps[:i]
			break
		}
	}
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.unlock()
	n, err := s.send(ctx, ps, target)
	if err == nil {
		err = refused
	}
	return n, err
}

// send sends datagrams that may be sent. The caller holds the token.
func (s *socket) send(ctx context.Context, ps [][]byte, to netip.AddrPort) (sent int, err error) {
	for tries := 0; sent < len(ps); {
		n, err := s.out.send(ctx, ps[sent:], to)
		if err == nil {
			sent, tries = sent+n, 0
			continue
		}
		// An ICMP message about an earlier datagram fails one call, which sends nothing, and then is forgotten.
		if !isLost(err) {
			return sent, s.failure(ctx, "write", err)
		}
		if tries++; tries < lostTries {
			continue
		}
		if !isRefused(err) { // the system's own word, not that of the other end
			return sent, s.failure(ctx, "write", err)
		}
		sent, tries = sent+1, 0 // lost, as all that goes there
	}
	return sent, nil
}

// target is where a write goes, or what keeps it from starting.
func (s *socket) target(ctx context.Context, to wire.Address) (netip.AddrPort, error) {
	if err := s.ready(ctx); err != nil {
		return netip.AddrPort{}, err
	}
	ap, ok := AddrPort(to)
	other := s.remote != wire.Address{} && !to.Equal(s.remote)
	if !ok || other || s.only4 && !ap.Addr().Is4() {
		return netip.AddrPort{}, fmt.Errorf("write: %w: %v", transport.ErrAddress, to)
	}
	if err := transport.Permit(ap, s.allow); err != nil {
		return netip.AddrPort{}, fmt.Errorf("write: %w", err)
	}
	return ap, nil
}

// fits refuses a datagram that is too long (REC-010).
func (s *socket) fits(p []byte, to wire.Address) error {
	if limit := min(s.limit, transport.DatagramLimit(to)); len(p) > limit {
		return fmt.Errorf("write: %w: %d bytes, limit %d", transport.ErrMessageTooLong, len(p), limit)
	}
	return nil
}

func (s *socket) lock(ctx context.Context) error {
	select {
	case s.writing <- struct{}{}:
		return nil
	case <-s.closed:
		return transport.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *socket) unlock() { <-s.writing }

// ready tells what keeps a call from starting.
func (s *socket) ready(ctx context.Context) error {
	select {
	case <-s.closed:
		return transport.ErrClosed
	default:
		return ctx.Err()
	}
}

// failure tells what a failed system call means (IO-003).
func (s *socket) failure(ctx context.Context, operation string, err error) error {
	ended := ctx.Err()
	switch {
	case errors.Is(err, net.ErrClosed):
		return transport.ErrClosed
	case errors.Is(err, os.ErrDeadlineExceeded) && ended != nil:
		return ended
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// Limit implements transport.PacketConn.
func (s *socket) Limit() int { return s.limit }

// LocalAddress implements transport.PacketConn.
func (s *socket) LocalAddress() wire.Address { return s.local }

// Close implements transport.PacketConn.
func (s *socket) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.closed)
		err = s.conn.Close() // wakes blocked calls (TRAN-022)
	})
	return err
}
