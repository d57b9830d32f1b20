package ref

import (
	"context"

	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// A nodeCarrier carries the messages of one channel of a node.
type nodeCarrier struct {
	node    *Node
	channel *node.Channel
}

// newConn is the connection of a channel that has opened. n.mu is held.
func (n *Node) newConn(c *node.Channel, cfg Config) *Conn {
	p := newPort(c.Machine, cfg, &nodeCarrier{n, c})
	p.began, p.limit = n.began, c.Machine.Limit()
	close(p.opened)
	n.ports[c] = p
	own := c.Listener() == nil || n.cfg.Profile.Listener != profile.ResponderOnly // else the address is the listener's
	if own && c.Address() != (wire.Address{}) {
		n.open.add(c.Address(), p)
	}
	p.mu.Lock()
	p.schedule() // an initiator may still repeat m3 (TRAN-014)
	p.mu.Unlock()
	return p.face()
}

// write implements carrier.
func (c *nodeCarrier) write(ctx context.Context, p *port, link wire.Link, msgs [][]byte) error {
	err := c.node.send(ctx, p.ended, link, msgs)
	if err != nil && isClosed(p.ended) {
		return p.cause()
	}
	return err
}

// answer implements carrier.
func (c *nodeCarrier) answer(_ context.Context, link wire.Link, msg []byte) {
	if c.channel.Listener() == nil {
		c.node.repeat(link, msg) // also for the first time
	} else {
		c.node.answer(link, msg)
	}
}

// handled implements carrier.
func (c *nodeCarrier) handled(why router.Reason) {
	if why == router.NotDropped {
		c.node.counters.CountDelivered()
	} else {
		c.node.counters.CountDropped(why)
	}
}

// gone implements carrier.
func (c *nodeCarrier) gone(p *port) {
	n := c.node
	n.open.remove(c.channel.Address(), p)
	n.mu.Lock()
	defer n.mu.Unlock()
	p.mu.Lock()
	_ = n.core.Close(c.channel) // the port's owner hears of it from Close
	p.mu.Unlock()
	if n.ports[c.channel] == p {
		delete(n.ports, c.channel)
	}
	n.arm()
}

// wait implements carrier: of a private node nothing is left after its last channel.
func (c *nodeCarrier) wait() { c.node.closeIfIdle() }

// closeIfIdle closes a private node that has nothing to do any more. It is not called by the node's own goroutines.
func (n *Node) closeIfIdle() {
	n.mu.Lock()
	idle := n.private && len(n.ports) == 0 && len(n.attempts) == 0 && len(n.accepting) == 0
	n.mu.Unlock()
	if idle {
		n.shutdown()
		n.wait()
	}
}

// isClosed reports whether a channel that only is closed is closed.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
