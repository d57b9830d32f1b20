package ref

import (
	"context"
	"fmt"

	"ockamtest/ref/node"
	"ockamtest/ref/wire"
)

// Ping asks the node at the end of a route for a pong and waits for it, at most for node.DefaultPingTimeout: then the error is ErrPingLost.
// The route begins with a transport address. A pong says that somebody answered, not who (ROUT-009).
func (n *Node) Ping(ctx context.Context, route wire.Route) error {
	link, err := n.linkTo(ctx, route)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	n.mu.Lock()
	if err := n.closed(); err != nil {
		n.mu.Unlock()
		return err
	}
	id, out, err := n.core.Ping(n.now(), link, route, nil)
	if err == nil {
		n.pinging[id] = done
		n.arm()
	}
	n.mu.Unlock()
	if err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	if err := n.send(ctx, link, out); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.pinging, id) // its pong is for nobody
		return ctx.Err()
	}
}

// ponged tells how a ping ended. n.mu is held.
func (n *Node) ponged(id node.PingID, err error) {
	if done := n.pinging[id]; done != nil {
		delete(n.pinging, id)
		done <- err
	}
}
