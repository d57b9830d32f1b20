package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ockamtest/conformance"
)

// routerPeer is the peer of a group whose role is Router.
func (e *env) routerPeer() (conformance.RouterPeer, error) {
	peer, ok := e.run.cfg.Peer.(conformance.RouterPeer)
	if !ok {
		return nil, fmt.Errorf("runner: ends around a router: %w", errors.ErrUnsupported)
	}
	return peer, nil
}

// OpenEnd makes another link of the kit's with a router.
func (e *env) OpenEnd(ctx context.Context, end conformance.End) (conformance.Link, error) {
	peer, err := e.routerPeer()
	if err != nil {
		return nil, err
	}
	transport := end.Transport
	if transport == "" {
		transport = e.group.need.Transport
	}
	return e.open(ctx, transport, func(limited context.Context) (conformance.Link, error) {
		return peer.OpenEnd(limited, e.group.need, end)
	})
}

// Listen makes a listener of the kit's.
func (e *env) Listen(ctx context.Context, end conformance.End) (conformance.Listener, error) {
	peer, err := e.routerPeer()
	if err != nil {
		return nil, err
	}
	if err := e.over(); err != nil {
		return nil, err
	}
	l, err := peer.Listen(ctx, e.group.need, end)
	if err != nil {
		e.recorder.event(0, "no listener: "+err.Error())
		return nil, fmt.Errorf("runner: listen: %w", err)
	}
	e.recorder.event(0, "kit listens at "+l.Address())
	d := &recordedListener{Listener: l, env: e}
	e.doors = append(e.doors, d)
	return d, nil
}

// A recordedListener is a listener whose links are recorded, and whose waiting ends with the attempt's time.
type recordedListener struct {
	conformance.Listener
	env    *env
	closed bool
}

// Accept waits in slices, as a recordedLink does.
func (l *recordedListener) Accept(wait time.Duration) (conformance.Link, error) {
	l.env.flush()
	for {
		if err := l.env.over(); err != nil {
			return nil, err
		}
		part := max(min(wait, waitSlice, l.env.left()), 0)
		l.env.run.queue.rise()
		link, err := l.Listener.Accept(part)
		l.env.run.queue.sit()
		if err == nil {
			return l.env.fragmented(l.env.record(link, conformance.TCP)), nil
		}
		if wait -= part; wait <= 0 || !errors.Is(err, conformance.ErrQuiet) {
			l.env.recorder.event(0, "no connection to "+l.Address())
			return nil, err
		}
	}
}

// Close closes the listener.
func (l *recordedListener) Close() error {
	if l.closed {
		return nil
	}
	l.closed = true
	return l.Listener.Close()
}
