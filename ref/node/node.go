package node

import (
	"fmt"

	"ockamtest/ref/channel"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// A Node is one node. The zero Node is not usable; see New.
type Node struct {
	cfg     Config
	router  *router.Router
	metrics router.Metrics
	untyped bool // handshake messages have no type byte

	locals   map[wire.Address]local // who has a local address (ROUT-001)
	alone    map[wire.Link]*Channel // the one channel of a link that gave no local address (ROUT-001)
	listener *Listener              // of the node, nil if it has none
	pings    pings
	timers   timers
}

// New makes a node. It fails with ErrConfig or router.ErrConfig.
func New(cfg Config) (*Node, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Router.Metrics == nil {
		cfg.Router.Metrics = router.Uncounted{}
	}
	if cfg.Pings == 0 {
		cfg.Pings = DefaultPings
	}
	if cfg.PingTimeout == 0 {
		cfg.PingTimeout = DefaultPingTimeout
	}
	r, err := router.New(cfg.Router)
	if err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	return &Node{
		cfg: cfg, router: r, metrics: cfg.Router.Metrics, untyped: !cfg.Router.Profile.HandshakeTypeByte,
		locals: map[wire.Address]local{}, alone: map[wire.Link]*Channel{},
		pings: pings{bySource: map[wire.Address][]*ping{}},
	}, nil
}

// Bind adds a transport address at which the node receives (router.Router.Bind).
func (n *Node) Bind(a wire.Address) error { return n.router.Bind(a) }

// AppendForward is router.Router.AppendForward for the Decision of the last Result, if that was Forward.
func (n *Node) AppendForward(dst []byte, d router.Decision, local wire.Address) ([]byte, error) {
	return n.router.AppendForward(dst, d, local)
}

// Receive does what is to do with one message that came over a link, but for a record of an open channel: that is told as Record. dst and
// msg do not overlap.
func (n *Node) Receive(now channel.Instant, link wire.Link, dst, msg []byte) Result {
	return n.Dispatch(now, n.router.Decide(link, msg), dst, msg)
}

// Process is Receive that handles records of open channels too. It is for drivers in which nobody else uses the channels.
func (n *Node) Process(now channel.Instant, link wire.Link, dst, msg []byte) Result {
	r := n.Receive(now, link, dst, msg)
	if r.Kind != Record {
		return r
	}
	c := r.Channel
	if r = c.Handle(now, link, dst, msg); c.Machine.State() == channel.Failed { // on a stream
		n.remove(c)
		r.Kind = Failed
	}
	return r
}

// Resolved goes on with a message that had to wait: for its next address, a name, to be resolved, or for a connection to be made
// (router.Router.Resolved). The result is Forward or a drop.
func (n *Node) Resolved(link wire.Link, dst, msg []byte, next wire.Address) Result {
	return n.relay(dst, n.router.Resolved(link, msg, next))
}

// Dispatch is Receive with a decision that a router of the same configuration has made about msg: shells that forward without the node's
// lock have routers of their own.
func (n *Node) Dispatch(now channel.Instant, d router.Decision, dst, msg []byte) Result {
	switch d.Kind {
	case router.Answer:
		out, err := n.router.AppendPong(dst, d)
		if err != nil {
			return Result{Out: dst, Reason: router.TooLong, Err: err}
		}
		return Result{Out: out, Link: d.Link}
	case router.Pong:
		return n.pong(dst, d)
	case router.ToNode:
		return n.toNode(now, d, dst, msg)
	case router.ToLocal:
		return n.toLocal(now, d, dst, msg)
	case router.Drop, router.Forward, router.Resolve:
	}
	return n.relay(dst, d)
}

// relay makes a result of a decision that is none of the node's business.
func (n *Node) relay(dst []byte, d router.Decision) Result {
	r := Result{Out: dst, Decision: d}
	switch d.Kind {
	case router.Forward:
		r.Kind = Forward
	case router.Resolve:
		r.Kind = Resolve
	default:
		r.Reason, r.Err = d.Reason, d.Err
	}
	return r
}

// toNode hands over a message whose onward route is empty (ROUT-001).
func (n *Node) toNode(now channel.Instant, d router.Decision, dst, msg []byte) Result {
	c := n.alone[d.Link]
	switch isM1 := d.Message.Type == wire.M1; {
	case c != nil && (!isM1 || c.stream):
		return n.toChannel(now, c, d, dst, msg)
	case isM1 && n.listener != nil:
		return n.listener.accept(now, d, dst, msg)
	}
	return n.dropped(dst, router.NobodyHere, nil)
}

// toLocal hands over a message for a local address (ROUT-001).
func (n *Node) toLocal(now channel.Instant, d router.Decision, dst, msg []byte) Result {
	who, ok := n.locals[d.Message.Onward[0]]
	switch t := d.Message.Type; {
	case !ok:
		return n.dropped(dst, router.UnknownAddress, nil)
	case who.plaintext: // ROUT-009
		return n.dropped(dst, router.PlaintextAddress, nil)
	case t == wire.Ping || t == wire.Pong: // WIRE-010
		return n.dropped(dst, router.PingForChannel, nil)
	case who.channel != nil:
		return n.toChannel(now, who.channel, d, dst, msg)
	case who.listener != nil && n.untyped:
		return who.listener.untyped(now, d, dst, msg)
	case who.listener != nil && t == wire.M1:
		return who.listener.accept(now, d, dst, msg)
	case who.worker && (t == wire.Payload || t == wire.Untyped):
		return n.toWorker(d, dst)
	}
	return n.dropped(dst, router.Rejected, nil)
}

// toChannel hands a message to a channel: now if the handshake is going on, else by the shell.
func (n *Node) toChannel(now channel.Instant, c *Channel, d router.Decision, dst, msg []byte) Result {
	if c.open {
		return Result{Out: dst, Link: d.Link, Kind: Record, Channel: c}
	}
	out, ev, err := c.Machine.HandleFrom(now, d.Link, dst, msg)
	r := handled(n.metrics, c, dst, out, ev, err)
	switch c.Machine.State() {
	case channel.Open:
		n.opened(c)
	case channel.Failed:
		n.remove(c)
		r.Kind = Failed
	default: // it waits on, and its timer with it: no message changes when a handshake is due
	}
	return r
}
