package ref

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// What callers of a Node branch on.
var (
	// ErrUnreachable: there is no way to the first hop.
	ErrUnreachable = errors.New("ref: first hop is not reachable")
	// ErrPingLost: the pong did not come in time.
	ErrPingLost = errors.New("ref: no pong")
	// ErrBacklog: a channel has opened while too many waited for Accept, and was closed.
	ErrBacklog = errors.New("ref: too many channels wait to be accepted")
)

// A dialling is a Dial that waits for its channel.
type dialling struct {
	cfg  Config
	done chan struct{} // closed when conn or err is set
	conn *Conn
	err  error
}

// end tells how it ended.
func (d *dialling) end(err error) {
	d.err = err
	close(d.done)
}

// Dial opens a channel as initiator along a route: the first hop, which is a transport address, further hops, and the local address of a
// channel listener if it is not the node's own (CHAN-010). cfg.Profile is the node's or empty. See the function Dial.
func (n *Node) Dial(ctx context.Context, route wire.Route, cfg Config) (*Conn, error) {
	cfg, err := n.complete(cfg)
	if err != nil {
		return nil, err
	}
	link, err := n.linkTo(ctx, route)
	if err != nil {
		return nil, err
	}
	agreement, err := newAgreement(cfg)
	if err != nil {
		return nil, err
	}
	c, d, err := n.dial(ctx, link, node.DialConfig{
		Agreement:    agreement,
		Route:        route,
		MessageLimit: n.limit(link),
		Window:       cfg.Window,
		Deadline:     channel.Instant(cfg.HandshakeTimeout),
	}, cfg)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrConfig, err), agreement.Close())
	}
	select {
	case <-d.done:
	case <-ctx.Done():
		n.giveUp(c, d, context.Cause(ctx))
	}
	if d.err != nil {
		return nil, fmt.Errorf("handshake: %w", d.err)
	}
	return d.conn, nil
}

// dial starts a handshake and sends m1.
func (n *Node) dial(ctx context.Context, link wire.Link, setup node.DialConfig, cfg Config) (*node.Channel, *dialling, error) {
	n.mu.Lock()
	if err := n.closed(); err != nil {
		n.mu.Unlock()
		return nil, nil, err
	}
	c, m1, err := n.core.Dial(n.now(), link, setup, nil)
	if err != nil {
		n.mu.Unlock()
		return nil, nil, err
	}
	d := &dialling{cfg: cfg, done: make(chan struct{})}
	n.dialling[c] = d
	n.arm()
	n.mu.Unlock()
	_ = n.send(ctx, link, m1) // what gets lost is repeated
	return c, d, nil
}

// giveUp ends a Dial whose caller has, unless it is over.
func (n *Node) giveUp(c *node.Channel, d *dialling, cause error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dialling[c] != d {
		<-d.done // it was over a moment before
		return
	}
	c.Machine.Cancel(cause)
	n.failed(c, c.Machine.Err())
	_ = n.core.Close(c)
	n.arm()
}

// opened hands an open channel to who waits for it. It returns what is to be told without the node's lock. n.mu is held.
func (n *Node) opened(c *node.Channel) (tell func()) {
	if d := n.dialling[c]; d != nil {
		delete(n.dialling, c)
		d.conn = n.newConn(c, d.cfg)
		close(d.done)
		return nil
	}
	a := n.accepting[c.Listener()]
	if a != nil && !a.full() {
		a.opened <- n.newConn(c, a.cfg.Config)
		return nil
	}
	remote := c.Machine.Link().Remote
	_ = n.core.Close(c)
	if a == nil {
		return nil // the listener has closed meanwhile
	}
	return func() { a.cfg.failed(remote, ErrBacklog) }
}

// failed tells who waits that a handshake has failed. It returns what is to be told without the node's lock. n.mu is held.
func (n *Node) failed(c *node.Channel, err error) (tell func()) {
	if d := n.dialling[c]; d != nil {
		delete(n.dialling, c)
		d.end(err)
		return nil
	}
	a := n.accepting[c.Listener()]
	if a == nil {
		return nil
	}
	remote := c.Machine.Link().Remote
	return func() { a.cfg.failed(remote, err) }
}

// newConn is the connection of a channel that has opened. n.mu is held.
func (n *Node) newConn(c *node.Channel, cfg Config) *Conn {
	p := newPort(c.Machine, cfg, &nodeCarrier{n, c})
	p.began = n.began
	p.limit = c.Machine.Limit()
	close(p.opened)
	n.ports[c] = p
	own := c.Listener() == nil || n.cfg.Profile.Listener != profile.ResponderOnly // else the address is the listener's
	if own && c.Address() != (wire.Address{}) {
		n.open.set(c.Address(), p)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.schedule() // an initiator may still repeat m3 (TRAN-014)
	return &Conn{engine: p, peerStatic: c.Machine.PeerStatic(), binding: c.Machine.ChannelBinding()}
}

// A nodeCarrier carries the messages of one channel of a node.
type nodeCarrier struct {
	node    *Node
	channel *node.Channel
}

// write implements carrier.
func (c *nodeCarrier) write(ctx context.Context, _ *port, link wire.Link, msgs [][]byte) error {
	if err := c.node.closed(); err != nil {
		return err
	}
	return c.node.send(ctx, link, msgs...)
}

// answer implements carrier.
func (c *nodeCarrier) answer(_ context.Context, link wire.Link, msg []byte) {
	_ = c.node.send(c.node.ctx, link, msg) // what gets lost is repeated
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
	n.mu.Lock()
	p.mu.Lock()
	_ = n.core.Close(c.channel) // the port's owner hears of it from Close
	p.mu.Unlock()
	delete(n.ports, c.channel)
	if n.open.get(c.channel.Address()) == p {
		n.open.set(c.channel.Address(), nil)
	}
	n.arm()
	n.mu.Unlock()
}

// wait implements carrier: of a private node nothing is left after its last channel.
func (c *nodeCarrier) wait() { c.node.closeIfIdle() }

// idle reports whether a private node has nothing to do any more. n.mu is held.
func (n *Node) idle() bool {
	return n.private && len(n.ports) == 0 && len(n.dialling) == 0 && len(n.accepting) == 0
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

// linkTo is the link to the first hop of a route. Over TCP the connection is made if there is none.
func (n *Node) linkTo(ctx context.Context, route wire.Route) (wire.Link, error) {
	if len(route) == 0 || !route[0].IsTransport() || route[0].Host() == wire.DNS {
		return wire.Link{}, fmt.Errorf("%w: the first hop is no numeric transport address", ErrConfig)
	}
	first := route[0].Canonical()
	if first.Type() == wire.UDP {
		s := n.socketTo(first)
		if s == nil {
			return wire.Link{}, fmt.Errorf("%w: no socket for %v", ErrUnreachable, first)
		}
		return wire.Link{Local: s.LocalAddress(), Remote: first}, nil
	}
	h := n.hops.get(first)
	if h == nil {
		if h = n.connect(first); h == nil {
			return wire.Link{}, transport.ErrClosed
		}
	}
	timeout := time.NewTimer(n.cfg.ConnectTimeout)
	defer timeout.Stop()
	select {
	case <-h.ready:
	case <-timeout.C:
	case <-ctx.Done():
		return wire.Link{}, ctx.Err()
	}
	local := h.local()
	if local == (wire.Address{}) {
		return wire.Link{}, fmt.Errorf("%w: %v", ErrUnreachable, first)
	}
	return wire.Link{Local: local, Remote: first}, nil
}

// limit is the longest message in bytes that a link carries (REC-010).
func (n *Node) limit(link wire.Link) int {
	if s := n.socket(link); s != nil {
		return s.Limit()
	}
	return 0
}
