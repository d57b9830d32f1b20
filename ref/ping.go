package ref

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/ref/node"
	"ockamtest/ref/wire"
)

// ErrPingLost tells that the pong did not come in time.
var ErrPingLost = errors.New("ref: no pong")

// Ping asks the node at the end of a route for a pong and waits for it, at most for node.DefaultPingTimeout: then the error is ErrPingLost.
// The route begins with a transport address. A pong says that somebody answered, not who (ROUT-009).
func (n *Node) Ping(ctx context.Context, route wire.Route) error {
	link, route, err := n.linkTo(ctx, route)
	if err != nil {
		return err
	}
	id, done, out, err := n.ping(link, route)
	if err != nil {
		return err
	}
	defer func() { // its pong is for nobody then
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.pinging, id)
	}()
	if err := n.send(ctx, nil, link, [][]byte{out}); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ping makes a ping, and a channel that tells how it ends.
func (n *Node) ping(link wire.Link, route wire.Route) (node.PingID, <-chan error, []byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.closed(); err != nil {
		return 0, nil, nil, err
	}
	id, out, err := n.core.Ping(n.now(), link, route, nil)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("ping: %w", err)
	}
	done := make(chan error, 1)
	n.pinging[id] = done
	n.arm()
	return id, done, out, nil
}

// ponged tells how a ping ended. n.mu is held.
func (n *Node) ponged(id node.PingID, err error) {
	if done := n.pinging[id]; done != nil {
		delete(n.pinging, id)
		done <- err
	}
}
