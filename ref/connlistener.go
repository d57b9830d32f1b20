package ref

import (
	"context"
	"errors"
	"sync"

	"ockamtest/ref/channel"
	"ockamtest/ref/internal/halfopen"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A connListener opens a channel on each connection that a transport.Listener accepts.
type connListener struct {
	inner    transport.Listener
	cfg      ListenConfig
	halfOpen *halfopen.Set
	shared   sharedConns
	slots    chan struct{} // a token for each connection that Accept has not returned
	opened   chan *Conn

	stop    context.CancelCauseFunc
	running sync.WaitGroup
	ended   chan struct{} // closed when no more connections are accepted
	err     error         // why; set before ended is closed
}

func newConnListener(inner transport.Listener, cfg ListenConfig) *connListener {
	ctx, stop := context.WithCancelCause(context.Background())
	l := &connListener{
		inner:    inner,
		cfg:      cfg,
		halfOpen: halfopen.New(cfg.HalfOpen, ErrGaveWay),
		slots:    make(chan struct{}, cfg.HalfOpen+cfg.Backlog),
		opened:   make(chan *Conn),
		stop:     stop,
		ended:    make(chan struct{}),
	}
	l.running.Go(func() { l.acceptAll(ctx) })
	return l
}

// acceptAll accepts connections until the listener is closed or fails. Each has a goroutine until its channel was handed over.
func (l *connListener) acceptAll(ctx context.Context) {
	defer close(l.ended)
	for {
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			l.err = context.Cause(ctx)
			return
		}
		conn, err := l.inner.Accept(ctx)
		if err != nil {
			if l.err = err; ctx.Err() != nil {
				l.err = context.Cause(ctx)
			}
			return
		}
		l.running.Go(func() {
			defer func() { <-l.slots }()
			l.serve(ctx, conn)
		})
	}
}

// serve runs the handshake on a connection and hands the channel over.
func (l *connListener) serve(ctx context.Context, conn transport.Conn) {
	remote := conn.RemoteAddress()
	handshake, giveWay := context.WithCancelCause(ctx)
	defer giveWay(nil)
	remove := l.halfOpen.Add(giveWay)
	c, err := l.respond(ctx, handshake, conn)
	remove()
	switch {
	case errors.Is(err, errTaken): // by the node of shared connections
	case err == nil:
		l.handOver(ctx, c)
	case ctx.Err() == nil:
		l.cfg.failed(remote, err)
	}
}

// respond runs the handshake on a connection.
func (l *connListener) respond(ctx, handshake context.Context, conn transport.Conn) (*Conn, error) {
	stream, err := onStream(conn, l.cfg.Config)
	if _, tunnelled := conn.(tunnel); err != nil || !stream || tunnelled {
		return Respond(handshake, conn, l.cfg.Config)
	}
	return openStream(handshake, conn, l.cfg.Config, channel.Responder, func(conn transport.Conn, first []byte) {
		l.share(ctx, conn, first)
	})
}

// handOver waits until a channel is accepted.
func (l *connListener) handOver(ctx context.Context, c *Conn) {
	select {
	case l.opened <- c:
	case <-ctx.Done():
		_ = c.Close() // nobody waits for it
	}
}

// Accept implements listening.
func (l *connListener) Accept(ctx context.Context) (*Conn, error) {
	if isClosed(l.ended) {
		return nil, l.err
	}
	select {
	case c := <-l.opened:
		return c, nil
	case <-l.ended:
		return nil, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Address implements listening.
func (l *connListener) Address() wire.Address { return l.inner.Address() }

// Close implements listening.
func (l *connListener) Close() error {
	l.stop(transport.ErrClosed)
	err := l.inner.Close()
	l.running.Wait()
	return errors.Join(err, l.shared.close())
}
