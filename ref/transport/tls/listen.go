package tls

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"

	"ockamtest/ref/internal/halfopen"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/internal/stream"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/wire"
)

// Listen listens on a TCP address; port 0 lets the system choose one. IPv4 addresses listen on IPv4 alone, [::] on both. Of cfg.TCP it
// uses Limit and Shared. Accept returns connections whose handshake is done, and no client can end an accept loop: handshakes that fail go to
// Config.Failed.
func Listen(ctx context.Context, address wire.Address, cfg Config) (transport.Listener, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if len(cfg.TLS.Certificates) == 0 && cfg.TLS.GetCertificate == nil && cfg.TLS.GetConfigForClient == nil {
		return nil, fmt.Errorf("%w: no certificate", ErrConfig)
	}
	acceptor, err := stream.Listen(ctx, address)
	if err != nil {
		return nil, err
	}
	if cfg.TCP.Shared == nil {
		cfg.TCP.Shared = new(tcp.Shared)
	}
	running, stop := context.WithCancelCause(context.Background())
	l := &listener{
		acceptor: acceptor,
		cfg:      cfg,
		conn:     stream.Config{Limit: cfg.TCP.Limit, Shared: cfg.TCP.Shared, Sealed: true},
		halfOpen: halfopen.New(cfg.HalfOpen, ErrGaveWay),
		slots:    make(chan struct{}, cfg.HalfOpen+cfg.Backlog),
		secured:  make(chan net.Conn),
		stop:     stop,
		ended:    make(chan struct{}),
	}
	l.running.Go(func() { l.acceptAll(running) })
	return l, nil
}

// A listener accepts connections and runs their handshakes, many at once.
type listener struct {
	acceptor *stream.Acceptor
	cfg      Config
	conn     stream.Config
	halfOpen *halfopen.Set
	slots    chan struct{} // a token for each connection that Accept has not returned
	secured  chan net.Conn

	stop    context.CancelCauseFunc
	running sync.WaitGroup
	ended   chan struct{} // closed when no more connections are accepted
	err     error         // why; set before ended is closed
}

// acceptAll accepts connections until the listener is closed or fails. Each has a goroutine until it was handed over.
func (l *listener) acceptAll(ctx context.Context) {
	defer close(l.ended)
	for {
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			l.err = context.Cause(ctx)
			return
		}
		nc, err := l.acceptor.Accept(ctx)
		if err != nil {
			if l.err = err; ctx.Err() != nil {
				l.err = context.Cause(ctx)
			}
			return
		}
		l.running.Go(func() {
			defer func() { <-l.slots }()
			l.serve(ctx, nc)
		})
	}
}

// serve runs the handshake of a connection and hands it over.
func (l *listener) serve(ctx context.Context, nc net.Conn) {
	remote := stream.Numeric(nc.RemoteAddr())
	handshake, giveWay := context.WithCancelCause(ctx)
	defer giveWay(nil)
	remove := l.halfOpen.Add(giveWay)
	s, err := secure(handshake, nc, l.cfg.HandshakeTimeout, func(nc net.Conn) *tls.Conn { return tls.Server(nc, l.cfg.TLS) })
	remove()
	if err != nil {
		if l.cfg.Failed != nil && ctx.Err() == nil {
			l.cfg.Failed(remote, err)
		}
		return
	}
	select {
	case l.secured <- s:
	case <-ctx.Done():
		_ = s.Close() // nobody waits for it
	}
}

// Accept implements transport.Listener.
func (l *listener) Accept(ctx context.Context) (transport.Conn, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	select {
	case <-l.ended:
		return nil, l.err
	default:
	}
	select {
	case s := <-l.secured:
		return stream.New(s, l.conn), nil
	case <-l.ended:
		return nil, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Address implements transport.Listener.
func (l *listener) Address() wire.Address { return l.acceptor.Address() }

// Close implements transport.Listener. Handshakes in progress are given up, and connections that Accept has not returned are closed.
func (l *listener) Close() error {
	l.stop(transport.ErrClosed)
	err := l.acceptor.Close()
	l.running.Wait()
	return err
}
