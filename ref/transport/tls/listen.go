package tls

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"

	"ockamtest/ref/internal/gate"
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
	l := &listener{
		acceptor: acceptor,
		conn:     stream.Config{Limit: cfg.TCP.Limit, Shared: cfg.TCP.Shared, Sealed: true},
		gate: gate.New(gate.Config[net.Conn, net.Conn]{
			Accept: acceptor.Accept,
			Handshake: func(ctx context.Context, nc net.Conn) (net.Conn, error) {
				return secure(ctx, nc, cfg.HandshakeTimeout, func(nc net.Conn) *tls.Conn { return tls.Server(nc, cfg.TLS) })
			},
			Failed: func(nc net.Conn, err error) {
				if cfg.Failed != nil {
					cfg.Failed(stream.Numeric(nc.RemoteAddr()), err)
				}
			},
			Drop:     func(s net.Conn) { _ = s.Close() }, // nobody waits for it
			HalfOpen: cfg.HalfOpen, GaveWay: ErrGaveWay, Backlog: cfg.Backlog,
		}),
	}
	l.gate.Start()
	return l, nil
}

// A listener accepts connections and runs their handshakes, many at once.
type listener struct {
	acceptor *stream.Acceptor
	conn     stream.Config
	gate     *gate.Gate[net.Conn, net.Conn]
}

// Accept implements transport.Listener.
func (l *listener) Accept(ctx context.Context) (transport.Conn, error) {
	s, err := l.gate.Next(ctx)
	if err != nil {
		return nil, err
	}
	return stream.New(s, l.conn), nil
}

// Address implements transport.Listener.
func (l *listener) Address() wire.Address { return l.acceptor.Address() }

// Close implements transport.Listener. Handshakes in progress are given up, and connections that Accept has not returned are closed.
func (l *listener) Close() error { return l.gate.Close(transport.ErrClosed, l.acceptor.Close) }
