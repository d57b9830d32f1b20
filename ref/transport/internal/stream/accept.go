package stream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// Pauses of Accept while the system is out of descriptors or memory.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = time.Second
)

// Listen listens on a TCP address; port 0 lets the system choose one. IPv4 addresses listen on IPv4 alone, [::] on both.
func Listen(ctx context.Context, address wire.Address) (*Acceptor, error) {
	target, err := transport.HostPort(wire.TCP, address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	network := "tcp"
	if _, ok := address.Canonical().IP4(); ok {
		network = "tcp4"
	}
	var lc net.ListenConfig
	nl, err := lc.Listen(ctx, network, target)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return newAcceptor(nl), nil
}

// A deadlineListener is what package net's TCP listeners are.
type deadlineListener interface {
	net.Listener
	SetDeadline(time.Time) error
}

// An Acceptor accepts connections, and goes on when the system is short of what they need.
type Acceptor struct {
	nl        deadlineListener
	accepting chan struct{} // holds one token while Accept waits, which owns the deadline
	closing   sync.Once
	closed    chan struct{}
}

func newAcceptor(nl net.Listener) *Acceptor {
	return &Acceptor{
		nl:        nl.(deadlineListener), //nolint:forcetypeassert // TCP listeners are
		accepting: make(chan struct{}, 1),
		closed:    make(chan struct{}),
	}
}

// Accept waits for the next connection; its errors are those of transport.Listener. While the system is out of descriptors or memory it
// waits and tries again, so that an end point keeps accepting (TRAN-021).
func (l *Acceptor) Accept(ctx context.Context) (net.Conn, error) {
	select {
	case l.accepting <- struct{}{}:
		defer func() { <-l.accepting }()
	case <-l.closed:
		return nil, transport.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		nc, err := l.acceptOnce(ctx)
		if err == nil {
			return nc, nil
		}
		if !passing(err) {
			return nil, l.acceptError(ctx, err)
		}
		if err := l.wait(ctx, pause); err != nil {
			return nil, err
		}
	}
}

func (l *Acceptor) acceptOnce(ctx context.Context) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer transport.Interrupt(ctx, l.nl.SetDeadline)()
	return l.nl.Accept()
}

// acceptError tells what a failed accept means.
func (l *Acceptor) acceptError(ctx context.Context, err error) error {
	select {
	case <-l.closed:
		return transport.ErrClosed
	default:
	}
	if ended := ctx.Err(); ended != nil && (errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, ended)) {
		return ended
	}
	return fmt.Errorf("accept: %w", err)
}

// passing reports whether an accept may succeed later (TRAN-021): the system lacks what a connection needs, or the connection that
// was to be accepted has failed already, of which Linux tells here.
func passing(err error) bool {
	for _, e := range []error{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM,
		syscall.ECONNABORTED, syscall.EPROTO, syscall.ENETDOWN, syscall.ENETUNREACH, syscall.EHOSTUNREACH,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (l *Acceptor) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-l.closed:
		return transport.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Address is the address bound.
func (l *Acceptor) Address() wire.Address { return Numeric(l.nl.Addr()) }

// Close stops accepting; blocked and later calls return transport.ErrClosed. Closing twice is harmless.
func (l *Acceptor) Close() error {
	var err error
	l.closing.Do(func() {
		close(l.closed)
		err = l.nl.Close()
	})
	return err
}
