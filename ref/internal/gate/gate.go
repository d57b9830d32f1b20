// Package gate is how listeners serve many connections at once, an idle, slow, or hostile one holding up no other (TRAN-023): it accepts
// connections, runs the handshake of each in a goroutine of its own, bounds how many are half open (CHAN-012), and keeps what they have made
// until it is accepted. It knows nothing of what the handshakes are.
package gate

import (
	"context"
	"sync"
)

// A Config is what a Gate does. All fields are required.
type Config[In, Out any] struct {
	// Accept waits for the next connection. Its error ends the gate.
	Accept func(ctx context.Context) (In, error)
	// Handshake makes of a connection what the gate hands out. It owns in. ctx ends when the handshake gives way, and with the gate.
	Handshake func(ctx context.Context, in In) (Out, error)
	// Failed is called with the error of each handshake that failed, unless Close has cut it off. Several goroutines call it at once.
	Failed func(in In, err error)
	// Drop is given what nobody will accept.
	Drop func(Out)

	// HalfOpen is how many handshakes may be in progress at once, at least one; the oldest gives way, with the cause GaveWay.
	HalfOpen int
	GaveWay  error
	// Backlog is how many connections may wait for Next beside them. When so many wait, no more are accepted.
	Backlog int
}

// A Gate is open until Close, or until its Accept fails. It is safe for concurrent use.
type Gate[In, Out any] struct {
	cfg      Config[In, Out]
	halfOpen *Set
	slots    chan struct{} // a token for each connection that Next has not returned
	ready    chan Out

	ctx     context.Context // of all that runs
	stop    context.CancelCauseFunc
	running sync.WaitGroup
	ended   chan struct{} // closed when no more connections are accepted
	err     error         // why; set before ended is closed
}

// New makes a gate that accepts nothing before Start.
func New[In, Out any](cfg Config[In, Out]) *Gate[In, Out] {
	ctx, stop := context.WithCancelCause(context.Background())
	return &Gate[In, Out]{
		cfg:      cfg,
		halfOpen: NewSet(cfg.HalfOpen, cfg.GaveWay),
		slots:    make(chan struct{}, cfg.HalfOpen+cfg.Backlog),
		ready:    make(chan Out),
		ctx:      ctx,
		stop:     stop,
		ended:    make(chan struct{}),
	}
}

// Start starts to accept connections. It is called once.
func (g *Gate[In, Out]) Start() { g.running.Go(g.acceptAll) }

// acceptAll accepts connections until the gate is closed or Accept fails. Each has a goroutine until it was handed over.
func (g *Gate[In, Out]) acceptAll() {
	defer close(g.ended)
	ctx := g.ctx
	for {
		select {
		case g.slots <- struct{}{}:
		case <-ctx.Done():
			g.err = context.Cause(ctx)
			return
		}
		in, err := g.cfg.Accept(ctx)
		if err != nil {
			if g.err = err; ctx.Err() != nil {
				g.err = context.Cause(ctx)
			}
			return
		}
		// Here, not in the goroutine: those start in any order, and the oldest is the one that was accepted first.
		handshake, giveWay := context.WithCancelCause(g.ctx)
		remove := g.halfOpen.Add(giveWay)
		g.running.Go(func() {
			defer func() { <-g.slots }()
			defer giveWay(nil)
			g.serve(handshake, in, remove)
		})
	}
}

// serve runs the handshake of a connection and hands over what it has made. It calls remove when the handshake is no longer in progress.
func (g *Gate[In, Out]) serve(handshake context.Context, in In, remove func()) {
	out, err := g.cfg.Handshake(handshake, in)
	remove()
	switch {
	case err == nil:
		g.HandOver(out)
	case g.ctx.Err() == nil:
		g.cfg.Failed(in, err)
	}
}

// HandOver waits until Next takes out; it is dropped if the gate is closed before.
func (g *Gate[In, Out]) HandOver(out Out) {
	select {
	case g.ready <- out:
	case <-g.ctx.Done():
		g.cfg.Drop(out)
	}
}

// Go runs f, for which Close waits, with a context that ends with the gate. A handshake calls it that leaves more to be handed over.
func (g *Gate[In, Out]) Go(f func(ctx context.Context)) { g.running.Go(func() { f(g.ctx) }) }

// Next waits for what the next handshake makes. It fails with ctx.Err(), with the cause that Close was given, or with the error of Accept.
func (g *Gate[In, Out]) Next(ctx context.Context) (out Out, err error) {
	if err := ctx.Err(); err != nil {
		return out, err
	}
	select {
	case <-g.ended:
		return out, g.err
	default:
	}
	select {
	case out = <-g.ready:
		return out, nil
	case <-g.ended:
		return out, g.err
	case <-ctx.Done():
		return out, ctx.Err()
	}
}

// InProgress is how many handshakes are half open.
func (g *Gate[In, Out]) InProgress() int { return g.halfOpen.Len() }

// Close gives up what is in progress and drops what waits, calls closeInner, which has to end an Accept that waits, and waits for all of that.
// cause is what Next fails with from now on. It returns closeInner's error.
func (g *Gate[In, Out]) Close(cause error, closeInner func() error) error {
	g.stop(cause)
	err := closeInner()
	g.running.Wait()
	return err
}
