package ref

import (
	"context"
	"fmt"
	"math"
	"sync"

	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/wire"
)

// DefaultBacklog is how many open channels wait for Accept.
const DefaultBacklog = 128

// maxBound keeps the sum of two bounds in range.
const maxBound = math.MaxInt32 / 2

// A ListenConfig configures a Listener.
type ListenConfig struct {
	// Config is this end of every channel.
	Config
	// HalfOpen is how many handshakes may be in progress at once; 0 means DefaultHalfOpen, and a billion is the most. The oldest gives
	// way (CHAN-012).
	HalfOpen int
	// Backlog is how many open channels may wait for Accept before no more connections are accepted; 0 means DefaultBacklog, and a
	// billion is the most.
	Backlog int
	// Failed is called with the error of each handshake that failed, unless Close cut it off; nil means that nobody wants to
	// know. It is called from several goroutines at once and does not call Close. The error is a *channel.Error with the step and
	// the requirement (CHAN-007).
	Failed func(remote wire.Address, err error)
}

// A Listener accepts connections and opens channels on them as responder, many at once: an idle, slow, or hostile connection holds
// up no other (TRAN-023).
type Listener struct {
	inner    transport.Listener
	cfg      ListenConfig
	halfOpen halfOpen
	slots    chan struct{} // a token for each connection that Accept has not returned
	opened   chan *Conn

	stop    context.CancelCauseFunc
	running sync.WaitGroup
	ended   chan struct{} // closed when no more connections are accepted
	err     error         // why; set before ended is closed
}

// Listen listens on a TCP address; port 0 lets the system choose one. ctx bounds the look-up of a name and no more.
func Listen(ctx context.Context, address wire.Address, cfg ListenConfig) (*Listener, error) {
	complete, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := complete.checkTransport(profile.TCP); err != nil {
		return nil, err
	}
	inner, err := tcp.Listen(ctx, address, complete.TCP)
	if err != nil {
		return nil, err
	}
	l, err := NewListener(inner, cfg)
	if err != nil {
		_ = inner.Close()
	}
	return l, err
}

// NewListener opens channels on the connections that inner accepts. It owns inner unless it fails.
func NewListener(inner transport.Listener, cfg ListenConfig) (*Listener, error) {
	var err error
	if cfg.Config, err = cfg.withDefaults(); err != nil {
		return nil, err
	}
	switch {
	case inner == nil:
		return nil, fmt.Errorf("%w: no listener", ErrConfig)
	case cfg.HalfOpen < 0, cfg.HalfOpen > maxBound, cfg.Backlog < 0, cfg.Backlog > maxBound:
		return nil, fmt.Errorf("%w: bound out of range", ErrConfig)
	}
	if cfg.HalfOpen == 0 {
		cfg.HalfOpen = DefaultHalfOpen
	}
	if cfg.Backlog == 0 {
		cfg.Backlog = DefaultBacklog
	}
	ctx, stop := context.WithCancelCause(context.Background())
	l := &Listener{
		inner:    inner,
		cfg:      cfg,
		halfOpen: halfOpen{limit: cfg.HalfOpen},
		slots:    make(chan struct{}, cfg.HalfOpen+cfg.Backlog),
		opened:   make(chan *Conn),
		stop:     stop,
		ended:    make(chan struct{}),
	}
	l.running.Go(func() { l.acceptAll(ctx) })
	return l, nil
}

// acceptAll accepts connections until the listener is closed or fails. Each has a goroutine until its channel was handed over.
func (l *Listener) acceptAll(ctx context.Context) {
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
func (l *Listener) serve(ctx context.Context, conn transport.Conn) {
	remote := conn.RemoteAddress()
	handshake, giveWay := context.WithCancelCause(ctx)
	defer giveWay(nil)
	remove := l.halfOpen.add(giveWay)
	c, err := Respond(handshake, conn, l.cfg.Config)
	remove()
	if err != nil {
		if l.cfg.Failed != nil && ctx.Err() == nil {
			l.cfg.Failed(remote, err)
		}
		return
	}
	select {
	case l.opened <- c:
	case <-ctx.Done():
		_ = c.Close() // nobody waits for it
	}
}

// Accept waits for the next open channel. It fails with transport.ErrClosed after Close, with ctx.Err(), or because the listener below has
// failed; never because of a peer: handshakes that fail go to ListenConfig.Failed, so that no peer can end an accept loop.
func (l *Listener) Accept(ctx context.Context) (*Conn, error) {
	select {
	case <-l.ended:
		return nil, l.err
	default:
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

// Address is the address bound, with the port that the system chose.
func (l *Listener) Address() wire.Address { return l.inner.Address() }

// Close stops listening, gives up handshakes in progress, closes channels that Accept has not returned, and waits for all that. Accepted
// channels stay open. Closing twice is harmless.
func (l *Listener) Close() error {
	l.stop(transport.ErrClosed)
	err := l.inner.Close()
	l.running.Wait()
	return err
}
