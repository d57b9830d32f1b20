package sim

import (
	"context"
	"fmt"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// DefaultWaiting is how many connections of a listener wait to be accepted; more are refused.
const DefaultWaiting = 128

// Dial connects to a numeric TCP address, from local, whose port the network chooses if it is 0; a zero local is the same host. The
// connection is established when Dial returns (TRAN-020), once.
func (i *Internet) Dial(ctx context.Context, local, remote wire.Address, cfg SocketConfig) (transport.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, transport.DefaultTimeout)
	defer cancel()
	c, err := i.connect(ctx, local, remote, cfg)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	select {
	case <-c.settled:
	case <-ctx.Done():
		c.abort()
		return nil, fmt.Errorf("dial: %w", ctx.Err())
	}
	i.mu.Lock()
	err = c.failed
	i.mu.Unlock()
	if err != nil {
		c.abort()
		return nil, fmt.Errorf("dial: %w", err)
	}
	return c, nil
}

// connect opens a stream and does not wait.
func (i *Internet) connect(ctx context.Context, local, remote wire.Address, cfg SocketConfig) (*conn, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	remote, err := numeric(wire.TCP, remote)
	if err != nil {
		return nil, err
	}
	if local == (wire.Address{}) {
		local = remote.WithPort(0)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if local, err = i.bind(wire.TCP, local); err != nil {
		return nil, err
	}
	if i.conns[pair{local, remote}] != nil {
		return nil, fmt.Errorf("%w: %v to %v", transport.ErrInUse, local, remote)
	}
	c := i.newConn(local, remote, cfg.withDefaults(transport.MaxFrame))
	i.network.Open(i.now(), local, remote)
	i.step()
	return c, nil
}

// Listen listens on a numeric TCP address; port 0 lets the network choose one.
func (i *Internet) Listen(address wire.Address, cfg SocketConfig) (transport.Listener, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	local, err := i.bind(wire.TCP, address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	l := &listener{
		net: i, local: local, cfg: cfg.withDefaults(transport.MaxFrame),
		arrived: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	i.listeners[local] = l
	return l, nil
}

// A listener accepts streams.
type listener struct {
	net     *Internet
	local   wire.Address
	cfg     SocketConfig
	arrived chan struct{} // holds a token when somebody may be waiting
	closed  chan struct{}
	waiting []*conn // guarded by the Internet's lock
}

// add lets a connection wait to be accepted, unless too many do. The Internet's lock is held.
func (l *listener) add(remote wire.Address) bool {
	if len(l.waiting) >= DefaultWaiting {
		return false
	}
	c := l.net.newConn(l.local, remote, l.cfg)
	c.settle()
	l.waiting = append(l.waiting, c)
	signal(l.arrived)
	return true
}

// Accept implements transport.Listener.
func (l *listener) Accept(ctx context.Context) (transport.Conn, error) {
	for {
		c, err := l.take(ctx)
		if err != nil {
			return nil, err
		}
		if c != nil {
			return c, nil
		}
		select {
		case <-l.arrived:
		case <-l.closed:
		case <-ctx.Done():
		}
	}
}

// take returns a connection that waits, nil if there is none.
func (l *listener) take(ctx context.Context) (*conn, error) {
	l.net.mu.Lock()
	defer l.net.mu.Unlock()
	defer func() { // others may be waiting too, whatever comes of this call
		if len(l.waiting) > 0 {
			signal(l.arrived)
		}
	}()
	switch {
	case isClosed(l.closed):
		return nil, transport.ErrClosed
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case len(l.waiting) == 0:
		return nil, nil //nolint:nilnil // none yet
	}
	c := l.waiting[0]
	l.waiting = l.waiting[1:]
	return c, nil
}

// Address implements transport.Listener.
func (l *listener) Address() wire.Address { return l.local }

// Close implements transport.Listener.
func (l *listener) Close() error {
	l.net.mu.Lock()
	if isClosed(l.closed) {
		l.net.mu.Unlock()
		return nil
	}
	close(l.closed)
	delete(l.net.listeners, l.local)
	waiting := l.waiting
	l.waiting = nil
	l.net.mu.Unlock()
	for _, c := range waiting {
		c.abort()
	}
	return nil
}
