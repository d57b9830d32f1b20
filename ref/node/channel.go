package node

import (
	"fmt"

	"ockamtest/ref/channel"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// A Channel is a channel at a node. It belongs to the node until Opened; from then on its Machine belongs to whoever took the event, who
// calls it from one goroutine at a time and tells the node with Close when it has ended.
type Channel struct {
	// Machine writes, tells its limit, its peer, and its end. Before Opened only the node calls it.
	Machine *channel.Channel

	address  wire.Address // its own local address, zero if it is alone on its link
	link     wire.Link    // of the first message
	listener *Listener    // nil for an initiator
	m1       string       // Noise bytes that made a responder
	metrics  router.Metrics
	open     bool
	stream   bool
	gone     bool // the node has forgotten it
	// plaintext are the addresses at which applications hand over plaintext for it (ROUT-009).
	plaintext []wire.Address
	timer     timer

	older, newer *Channel // in the listener's queue of half-open handshakes
	queued       bool
}

// Address is the channel's own local address, zero if it has none (CHAN-010).
func (c *Channel) Address() wire.Address { return c.address }

// Listener is the listener that made the channel, nil if this side dialled.
func (c *Channel) Listener() *Listener { return c.listener }

// Handle consumes a message that Receive told as Record: Delivered, a drop, an answer (a repeated m3), or nothing. It belongs to those calls
// that the owner of an open channel makes. If State of the Machine is Failed afterwards, which happens on streams alone, the owner calls
// Close.
func (c *Channel) Handle(now channel.Instant, link wire.Link, dst, msg []byte) Result {
	out, ev, err := c.Machine.HandleFrom(now, link, dst, msg)
	return handled(c.metrics, c, dst, out, ev, err)
}

// Dial starts an initiator over a link and appends its m1 to dst, which leaves over the link. Opened or Failed follows. With an error the
// node is as it was, and the agreement is the caller's to close.
func (n *Node) Dial(now channel.Instant, link wire.Link, cfg DialConfig, dst []byte) (*Channel, []byte, error) {
	if err := n.checkDial(link, &cfg); err != nil {
		return nil, nil, err
	}
	c := &Channel{link: link, metrics: n.metrics}
	c.timer = timer{index: idle, channel: c}
	if !cfg.Alone {
		var err error
		if c.address, err = n.freshAddress(); err != nil { // CHAN-010
			return nil, nil, err
		}
	}
	machine, err := channel.New(channel.Config{
		Role: channel.Initiator, Profile: n.cfg.Router.Profile, Agreement: cfg.Agreement,
		Stream: cfg.Alone && link.Remote.Type() == wire.TCP, // CHAN-011
		Local:  link.Local, Remote: link.Remote, Route: cfg.Route, Address: c.address,
		MessageLimit: cfg.MessageLimit, Window: cfg.Window, Deadline: cfg.Deadline, RepeatAfter: cfg.RepeatAfter,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	out, err := machine.Start(now, dst)
	if err != nil {
		return nil, nil, fmt.Errorf("node: dial: %w", err)
	}
	c.Machine = machine
	n.add(c)
	return c, out, nil
}

// add makes a channel known at its address or link.
func (n *Node) add(c *Channel) {
	c.stream = c.Machine.Stream()
	switch {
	case c.address == wire.Address{}:
		n.alone[c.link] = c
	case c.listener == nil || !c.listener.shares():
		n.locals[c.address] = local{channel: c}
	}
	n.arm(c)
}

// opened hands a channel over to its owner.
func (n *Node) opened(c *Channel) {
	c.open, c.stream = true, c.Machine.Stream()
	if c.listener != nil {
		c.listener.halfOpen.remove(c)
	}
	n.arm(c) // an initiator may still repeat m3 (TRAN-014)
}

// remove forgets a channel, whose others it leaves alone (CHAN-010). What comes for it from now on is for nobody.
func (n *Node) remove(c *Channel) {
	if c.gone {
		return
	}
	c.gone = true
	switch {
	case c.address == wire.Address{}:
		delete(n.alone, c.link)
	case c.listener == nil || !c.listener.shares():
		delete(n.locals, c.address)
	}
	for _, a := range c.plaintext {
		delete(n.locals, a)
	}
	if c.listener != nil {
		c.listener.forget(c)
	}
	n.timers.stop(&c.timer)
}

// Close ends a channel, also one whose handshake is going on, and destroys its keys. Nothing is sent (CHAN-013). Its addresses are free
// again. For an open channel it is called by the channel's owner, who holds both. Closing twice is harmless; the error is that of
// channel.Channel.Close.
func (n *Node) Close(c *Channel) error {
	n.remove(c)
	return c.Machine.Close()
}
