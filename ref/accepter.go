package ref

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/node"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// An accepter is a channel listener of a node.
type accepter struct {
	node     *Node
	listener *node.Listener
	cfg      ListenConfig
	opened   chan *Conn    // as many as may wait
	ended    chan struct{} // closed when nothing more is accepted
	err      error         // why; set before ended is closed, with the node's lock held
}

// Listen makes a channel listener at a local address or, with the zero address, the node's own (ROUT-001). cfg.Profile is the node's or empty.
func (n *Node) Listen(address wire.Address, cfg ListenConfig) (*Listener, error) {
	complete, err := n.complete(cfg.Config)
	if err != nil {
		return nil, err
	}
	if cfg.Config = complete; err == nil {
		cfg, err = cfg.complete()
	}
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.listen(address, cfg)
}

// listenPrivate makes the one listener of a node that nobody else knows, and that ends with its last listener and channel.
func (n *Node) listenPrivate(cfg ListenConfig) (*Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.private = true
	return n.listen(wire.Address{}, cfg)
}

// listen makes a channel listener. n.mu is held.
func (n *Node) listen(address wire.Address, cfg ListenConfig) (*Listener, error) {
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
	return &Listener{a}, nil
}

// full reports whether as many channels wait as may. The node's lock is held.
func (a *accepter) full() bool { return len(a.opened) == cap(a.opened) }

// end tells that nothing more is accepted. The node's lock is held.
func (a *accepter) end(err error) {
	a.err = err
	close(a.ended)
}

// Accept implements listening.
func (a *accepter) Accept(ctx context.Context) (*Conn, error) {
	select {
	case <-a.ended:
		return nil, a.err
	default:
	}
	select {
	case c := <-a.opened:
		return c, nil
	case <-a.ended:
		return nil, a.err
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
		a.end(transport.ErrClosed)
		n.arm()
	}
	n.mu.Unlock()
	for {
		select {
		case c := <-a.opened:
			err = errors.Join(err, c.Close()) // nobody waits for it
			continue
		default:
		}
		break
	}
	n.closeIfIdle()
	return err
}

// closeIfIdle closes a private node that has nothing to do any more. It is not called by the node's own goroutines.
func (n *Node) closeIfIdle() {
	n.mu.Lock()
	idle := n.idle()
	n.mu.Unlock()
	if idle {
		n.shutdown()
		n.running.Wait()
	}
}
