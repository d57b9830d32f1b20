package ref

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/ref/channel"
	"ockamtest/ref/node"
	"ockamtest/ref/wire"
)

// An attempt is a Dial that waits for its channel.
type attempt struct {
	cfg  Config
	done chan struct{} // closed when conn or err is set
	conn *Conn
	err  error
}

// end tells that it has failed.
func (a *attempt) end(err error) {
	a.err = err
	close(a.done)
}

// Dial opens a channel as initiator along a route: the first hop, which is a transport address, further hops, and the local address of a
// channel listener if it is not the node's own (CHAN-010). cfg.Profile is the node's or empty. See the function Dial.
//
// Channels share the connection to a first hop that has a TCP address (ROUT-004), and are on datagrams (CHAN-011). That they are written to does
// not tell that a message arrives; while a connection has no room, Write waits.
func (n *Node) Dial(ctx context.Context, route wire.Route, cfg Config) (*Conn, error) {
	cfg, err := n.complete(cfg)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil { // m1 could leave before the end is noticed
		return nil, err
	}
	link, route, err := n.linkTo(ctx, route)
	if err != nil {
		return nil, err
	}
	agreement, err := newAgreement(cfg)
	if err != nil {
		return nil, err
	}
	c, a, m1, err := n.attempt(link, cfg, node.DialConfig{
		Agreement:    agreement,
		Route:        route,
		MessageLimit: n.limit(link),
		Window:       cfg.Window,
		Deadline:     channel.Instant(cfg.HandshakeTimeout),
		RepeatAfter:  channel.Instant(cfg.RepeatAfter),
	})
	if err != nil {
		return nil, errors.Join(err, agreement.Close())
	}
	if err := n.send(ctx, a.done, link, [][]byte{m1}); err != nil && ctx.Err() == nil {
		n.giveUp(c, a, err)
	}
	select {
	case <-a.done:
	case <-ctx.Done():
		n.giveUp(c, a, context.Cause(ctx))
	}
	if a.err != nil {
		return nil, fmt.Errorf("handshake: %w", a.err)
	}
	return a.conn, nil
}

// attempt starts a handshake. It returns m1.
func (n *Node) attempt(link wire.Link, cfg Config, setup node.DialConfig) (*node.Channel, *attempt, []byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.closed(); err != nil {
		return nil, nil, nil, err
	}
	c, m1, err := n.core.Dial(n.now(), link, setup, nil)
	switch {
	case errors.Is(err, node.ErrConfig):
		return nil, nil, nil, fmt.Errorf("%w: %w", ErrConfig, err)
	case err != nil:
		return nil, nil, nil, fmt.Errorf("handshake: %w", err)
	}
	a := &attempt{cfg: cfg, done: make(chan struct{})}
	n.attempts[c] = a
	n.arm()
	return c, a, m1, nil
}

// giveUp ends an attempt, unless it is over.
func (n *Node) giveUp(c *node.Channel, a *attempt, cause error) {
	n.mu.Lock()
	mine := n.attempts[c] == a
	if mine {
		delete(n.attempts, c)
		c.Machine.Cancel(cause)
		a.end(errors.Join(c.Machine.Err(), n.core.Close(c)))
		n.arm()
	}
	n.mu.Unlock()
	if !mine {
		<-a.done // it was over a moment before
	}
}

// complete fills in a configuration of channels at this node.
func (n *Node) complete(cfg Config) (Config, error) {
	if cfg.Profile.Name == "" {
		cfg.Profile = n.cfg.Profile
	}
	if cfg.Profile.Name != n.cfg.Profile.Name {
		return cfg, fmt.Errorf("%w: profile %s at a node of profile %s", ErrConfig, cfg.Profile.Name, n.cfg.Profile.Name)
	}
	return cfg.withDefaults()
}
