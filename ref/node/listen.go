package node

import (
	"errors"

	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// A Listener makes a responder of each new m1 for its address.
type Listener struct {
	node    *Node
	address wire.Address // zero: the node's own
	cfg     ListenConfig
	gone    bool

	// byM1 are its channels, half open and open: the same m1 again is a repeat (TRAN-014).
	byM1 map[firstMessage]*Channel
	// bySource are its channels where they share the listener's address, one for each source.
	bySource map[wire.Link]*Channel
	halfOpen queue
}

// A firstMessage is an m1 and where it came from. The same bytes from another source are another handshake: else whoever copies an m1 and is
// faster would have its sender's m2 (TRAN-012).
type firstMessage struct {
	link  wire.Link
	noise string
}

// Listen makes a channel listener at a local address, or with the zero address that of the node (ROUT-001), as the profile has it. It fails
// with ErrConfig or ErrAddressInUse.
func (n *Node) Listen(address wire.Address, cfg ListenConfig) (*Listener, error) {
	if err := n.checkListen(address, &cfg); err != nil {
		return nil, err
	}
	if cfg.HalfOpen == 0 {
		cfg.HalfOpen = DefaultHalfOpen
	}
	l := &Listener{node: n, address: address, cfg: cfg, byM1: map[firstMessage]*Channel{}, bySource: map[wire.Link]*Channel{}}
	if address == (wire.Address{}) {
		n.listener = l
	} else {
		n.locals[address] = local{listener: l}
	}
	return l, nil
}

// Address is the listener's local address, zero if it is the node's.
func (l *Listener) Address() wire.Address { return l.address }

// HalfOpen is how many of its handshakes are half open.
func (l *Listener) HalfOpen() int { return l.halfOpen.length }

// Close stops listening and gives up handshakes that are half open, without events. Open channels stay, unless they share the listener's
// address: what comes for those is then for nobody. Closing twice is harmless; the error is that of channel.Channel.Close.
func (l *Listener) Close() error {
	if l.gone {
		return nil
	}
	l.gone = true
	if l.address == (wire.Address{}) {
		l.node.listener = nil
	} else {
		delete(l.node.locals, l.address)
	}
	var err error
	for l.halfOpen.oldest != nil {
		err = errors.Join(err, l.node.Close(l.halfOpen.oldest))
	}
	return err
}

// shares reports whether responders have the listener's address and none of their own (section 11, m1 is addressed to).
func (l *Listener) shares() bool { return l.node.cfg.Router.Profile.Listener == profile.ResponderOnly }

// accept takes m1: a repeat goes to the channel that the first one made, any other makes a new channel, also if its source has one
// (CHAN-010).
func (l *Listener) accept(now channel.Instant, d router.Decision, dst, msg []byte) Result {
	n := l.node
	if c := l.byM1[firstMessage{d.Link, string(d.Message.Body)}]; c != nil {
		if c.open { // TRAN-015: m2 is repeated before open only
			return n.dropped(dst, router.Repeated, nil)
		}
		return n.toChannel(now, c, d, dst, msg)
	}
	if !d.Link.Remote.Sendable() { // WIRE-013: m2 leaves for the source
		return n.dropped(dst, router.Unsendable, nil)
	}
	c, err := l.responder(d.Link)
	if err != nil {
		return n.dropped(dst, router.Rejected, err)
	}
	out, ev, err := c.begin(now, dst, msg)
	if err != nil { // nothing of it is kept
		return n.dropped(dst, router.Rejected, errors.Join(err, c.Machine.Close()))
	}
	c.m1 = string(d.Message.Body)
	r := n.delivered(Result{Out: out, Link: ev.Link, Channel: c})
	if old := l.makeRoom(d.Link); old != nil {
		n.remove(old)
		old.Machine.Cancel(ErrGaveWay)
		r.Kind, r.Channel, r.Err = Failed, old, old.Machine.Err()
	}
	l.byM1[firstMessage{c.link, c.m1}] = c
	if l.shares() {
		l.bySource[c.link] = c
	}
	l.halfOpen.push(c)
	n.add(c)
	return r
}

// responder makes a channel for an m1 that came over a link.
func (l *Listener) responder(link wire.Link) (*Channel, error) {
	n := l.node
	c := &Channel{link: link, listener: l, metrics: n.metrics, address: l.address}
	c.timer = timer{index: idle, channel: c}
	if !l.shares() {
		var err error
		if c.address, err = n.freshAddress(); err != nil { // CHAN-010
			return nil, err
		}
	}
	agreement, err := l.cfg.NewAgreement()
	if err != nil {
		return nil, err
	}
	c.Machine, err = channel.New(channel.Config{
		Role: channel.Responder, Profile: n.cfg.Router.Profile, Agreement: agreement, Local: link.Local, Remote: link.Remote,
		Address: c.address, Listener: l.address, Window: l.cfg.Window, Deadline: l.cfg.Deadline,
	})
	if err != nil {
		return nil, errors.Join(err, agreement.Close())
	}
	return c, nil
}

// begin starts a responder with its m1.
func (c *Channel) begin(now channel.Instant, dst, msg []byte) ([]byte, channel.Event, error) {
	if _, err := c.Machine.Start(now, nil); err != nil {
		return nil, channel.Event{}, err
	}
	return c.Machine.HandleFrom(now, c.link, dst, msg)
}

// makeRoom is the half-open handshake that gives way to a new one from a source, nil if there is room: the oldest of too many (CHAN-012), or
// that of the same source if a source has room for one.
func (l *Listener) makeRoom(link wire.Link) *Channel {
	if c := l.bySource[link]; c != nil {
		return c
	}
	if l.halfOpen.length >= l.cfg.HalfOpen {
		return l.halfOpen.oldest
	}
	return nil
}

// untyped takes a message for the address that the listener shares with its channels, in profiles whose messages do not tell what they are:
// what it is follows from the state of the channel of its source, and, before that is open, from its length.
func (l *Listener) untyped(now channel.Instant, d router.Decision, dst, msg []byte) Result {
	c := l.bySource[d.Link]
	if c == nil || !c.open && len(d.Message.Body) == len(c.m1) {
		return l.accept(now, d, dst, msg)
	}
	return l.node.toChannel(now, c, d, dst, msg)
}

// forget forgets a channel that has ended.
func (l *Listener) forget(c *Channel) {
	delete(l.byM1, firstMessage{c.link, c.m1})
	delete(l.bySource, c.link)
	l.halfOpen.remove(c)
}
