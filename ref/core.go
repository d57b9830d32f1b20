package ref

import (
	"time"

	"ockamtest/ref/node"
)

// happened does what a result of the core asks for, but for sending. It returns the port that a record is for, and what is to be told without
// the node's lock, when what is to be sent has left. n.mu is held.
func (n *Node) happened(r node.Result) (record *port, tell func()) {
	switch r.Kind {
	case node.Record:
		record = n.ports[r.Channel] // of a channel without an address of its own
	case node.Opened:
		tell = n.opened(r.Channel)
	case node.Failed:
		tell = n.failed(r.Channel, r.Err)
	case node.Message:
		if w := n.workers[r.Worker]; w != nil {
			w.deliver(r)
		}
	case node.Ponged:
		n.ponged(r.Ping, nil)
	case node.PingLost:
		n.ponged(r.Ping, ErrPingLost)
	case node.None, node.Forward, node.Resolve, node.Due, node.Delivered: // ports have alarms of their own
	}
	return record, tell
}

// opened hands an open channel to who waits for it. n.mu is held.
func (n *Node) opened(c *node.Channel) (tell func()) {
	if a := n.attempts[c]; a != nil {
		delete(n.attempts, c)
		a.conn = n.newConn(c, a.cfg)
		return func() { close(a.done) } // not before m3 has left: a record that overtakes it is lost
	}
	a := n.accepting[c.Listener()]
	if a != nil && !a.full() {
		a.opened <- n.newConn(c, a.cfg.Config)
		return nil
	}
	remote := c.Machine.Link().Remote
	_ = n.core.Close(c) // nobody has it
	if a == nil {
		return nil // the listener has closed meanwhile
	}
	return a.report(remote, ErrBacklog)
}

// failed tells who waits that a handshake has failed. n.mu is held.
func (n *Node) failed(c *node.Channel, err error) (tell func()) {
	if a := n.attempts[c]; a != nil {
		delete(n.attempts, c)
		a.end(err)
		return nil
	}
	if a := n.accepting[c.Listener()]; a != nil {
		return a.report(c.Machine.Link().Remote, err)
	}
	return nil
}

// arm sets the alarm to the core's Wake. n.mu is held.
func (n *Node) arm() {
	if at, ok := n.core.Wake(); ok && n.closed() == nil {
		n.alarm.set(time.Duration(at - n.now()))
	} else {
		n.alarm.stop()
	}
}

// tick does what is due of handshakes and pings.
func (n *Node) tick() {
	for n.tickOnce() {
	}
}

// tickOnce does one thing that is due. It is false if nothing is.
func (n *Node) tickOnce() bool {
	n.mu.Lock()
	var result node.Result
	var tell func()
	due := false
	if n.closed() == nil {
		if result, due = n.core.Tick(n.now(), nil); due {
			_, tell = n.happened(result)
		}
		n.arm()
	}
	n.mu.Unlock()
	if len(result.Out) > 0 {
		n.repeat(result.Link, result.Out)
	}
	if tell != nil {
		tell()
	}
	return due
}
