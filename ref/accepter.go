package ref

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/node"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// ErrBacklog is what ListenConfig.Failed is told of a channel that has opened while too many waited for Accept, and was closed.
var ErrBacklog = errors.New("ref: too many channels wait to be accepted")

// An accepter is a channel listener of a node.
type accepter struct {
	node      *Node
	listener  *node.Listener
	cfg       ListenConfig
	opened    chan *Conn     // as many as may wait
	ended     chan struct{}  // closed when nothing more is accepted
	reporting sync.WaitGroup // calls of cfg.Failed, which begin with the node's lock held
}

// Listen makes a channel listener at a local address or, with the zero address, the node's own (ROUT-001). cfg.Profile is the node's or empty.
func (n *Node) Listen(address wire.Address, cfg ListenConfig) (*Listener, error) {
	own, err := n.complete(cfg.Config)
	if err != nil {
		return nil, err
	}
	cfg.Config = own
	if cfg, err = cfg.complete(); err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	a, err := n.listen(address, cfg)
	if err != nil {
		return nil, err
	}
	return &Listener{a}, nil
}

// listenPrivate makes the one listener of a node that nobody else knows, and that ends with its last listener and channel.
func (n *Node) listenPrivate(cfg ListenConfig) (*accepter, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.private = true
	return n.listen(wire.Address{}, cfg)
}

// listen makes a channel listener. n.mu is held.
func (n *Node) listen(address wire.Address, cfg ListenConfig) (*accepter, error) {
	if err := n.closed(); err != nil {
		return nil, err
	}
	inner, err := n.core.Listen(address, node.ListenConfig{
		NewAgreement: func() (key.Agreement, error) { return newAgreement(cfg.Config) },
		HalfOpen:     cfg.HalfOpen,
		Window:       cfg.Window,
		Deadline:     channel.Instant(cfg.HandshakeTimeout),
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	a := &accepter{node: n, listener: inner, cfg: cfg, opened: make(chan *Conn, cfg.Backlog), ended: make(chan struct{})}
	n.accepting[inner] = a
	return a, nil
}

// full reports whether as many channels wait as may. The node's lock is held.
func (a *accepter) full() bool { return len(a.opened) == cap(a.opened) }

// report returns a function that tells who wants to know of a failure. The node's lock is held; what it returns is called once, without.
func (a *accepter) report(remote wire.Address, err error) func() {
	a.reporting.Add(1)
	return func() {
		defer a.reporting.Done()
		a.cfg.failed(remote, err)
	}
}

// end tells that nothing more is accepted, nor reported. The node's lock is held.
func (a *accepter) end() { close(a.ended) }

// Accept implements listening.
func (a *accepter) Accept(ctx context.Context) (*Conn, error) {
	if isClosed(a.ended) {
		return nil, transport.ErrClosed
	}
	select {
	case c := <-a.opened:
		return c, nil
	case <-a.ended:
		return nil, transport.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Address implements listening.
func (a *accepter) Address() wire.Address {
	if local := a.listener.Address(); local != (wire.Address{}) {
		return local
	}
	if all := a.node.Addresses(); len(all) > 0 {
		return all[0]
	}
	return wire.Address{}
}

// Close implements listening.
func (a *accepter) Close() error {
	n := a.node
	n.mu.Lock()
	var err error
	if n.accepting[a.listener] == a {
		delete(n.accepting, a.listener)
		err = a.listener.Close()
		a.end()
		n.arm()
	}
	n.mu.Unlock()
	for waiting := true; waiting; {
		select {
		case c := <-a.opened:
			err = errors.Join(err, c.Close()) // nobody waits for it
		default:
			waiting = false
		}
	}
	a.reporting.Wait()
	n.closeIfIdle()
	return err
}
