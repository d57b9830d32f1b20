package ref

import (
	"context"
	"errors"

	"ockamtest/ref/channel"
	"ockamtest/ref/internal/gate"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A connListener opens a channel on each connection that a transport.Listener accepts.
type connListener struct {
	inner  transport.Listener
	cfg    ListenConfig
	gate   *gate.Gate[transport.Conn, *Conn]
	shared sharedConns
}

func newConnListener(inner transport.Listener, cfg ListenConfig) *connListener {
	l := &connListener{inner: inner, cfg: cfg}
	l.gate = gate.New(gate.Config[transport.Conn, *Conn]{
		Accept:    inner.Accept,
		Handshake: l.respond,
		Failed:    l.failed,
		Drop:      func(c *Conn) { _ = c.Close() }, // nobody waits for it
		HalfOpen:  cfg.HalfOpen, GaveWay: ErrGaveWay, Backlog: cfg.Backlog,
	})
	l.gate.Start()
	return l
}

// respond runs the handshake on a connection.
func (l *connListener) respond(ctx context.Context, conn transport.Conn) (*Conn, error) {
	stream, err := onStream(conn, l.cfg.Config)
	if _, tunnelled := conn.(tunnel); err != nil || !stream || tunnelled {
		return Respond(ctx, conn, l.cfg.Config)
	}
	return openStream(ctx, conn, l.cfg.Config, channel.Responder, l.share)
}

// failed tells who wants to know of a handshake that failed.
func (l *connListener) failed(conn transport.Conn, err error) {
	if !errors.Is(err, errTaken) { // by the node of shared connections
		l.cfg.failed(conn.RemoteAddress(), err)
	}
}

// Accept implements listening.
func (l *connListener) Accept(ctx context.Context) (*Conn, error) { return l.gate.Next(ctx) }

// Address implements listening.
func (l *connListener) Address() wire.Address { return l.inner.Address() }

// Close implements listening.
func (l *connListener) Close() error {
	return errors.Join(l.gate.Close(transport.ErrClosed, l.inner.Close), l.shared.close())
}
