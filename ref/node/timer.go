package node

import (
	"container/heap"

	"ockamtest/ref/channel"
)

// A timer is something that is due at a time: of a channel, or of a ping. It is part of what it belongs to.
type timer struct {
	at      channel.Instant
	index   int // in the heap, idle if it is not there
	channel *Channel
	ping    *ping
}

// idle is the index of a timer that is not set.
const idle = -1

// timers are all timers of a node, the next first (heap.Interface). The zero timers are none.
type timers []*timer

// Len, Less, Swap, Push, and Pop implement heap.Interface.
func (t timers) Len() int           { return len(t) }
func (t timers) Less(i, j int) bool { return t[i].at < t[j].at }
func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].index, t[j].index = i, j
}

func (t *timers) Push(x any) {
	if one, ok := x.(*timer); ok {
		one.index = len(*t)
		*t = append(*t, one)
	}
}

func (t *timers) Pop() any {
	last := len(*t) - 1
	one := (*t)[last]
	(*t)[last], *t = nil, (*t)[:last]
	one.index = idle
	return one
}

// set sets a timer, or sets it anew.
func (t *timers) set(one *timer, at channel.Instant) {
	one.at = at
	if one.index == idle {
		heap.Push(t, one)
	} else {
		heap.Fix(t, one.index)
	}
}

// stop stops a timer, which need not be set.
func (t *timers) stop(one *timer) {
	if one.index != idle {
		heap.Remove(t, one.index)
	}
}

// Wake returns when Tick or Advance wants to be called, and false if never.
func (n *Node) Wake() (channel.Instant, bool) {
	if len(n.timers) == 0 {
		return 0, false
	}
	return n.timers[0].at, true
}

// Tick does one thing that is due: it repeats m1, fails a handshake, or gives up a ping; what is due of an open channel is told as Due. It
// returns false if nothing is due. Call it until then.
func (n *Node) Tick(now channel.Instant, dst []byte) (Result, bool) {
	if at, ok := n.Wake(); !ok || now < at {
		return Result{Out: dst}, false
	}
	due := n.timers[0]
	n.timers.stop(due)
	c := due.channel
	switch {
	case due.ping != nil:
		n.pings.remove(due.ping)
		return Result{Out: dst, Kind: PingLost, Ping: due.ping.id}, true
	case c.open:
		return Result{Out: dst, Kind: Due, Channel: c}, true
	}
	out, err := c.Machine.Tick(now, dst)
	if err != nil { // NOISE-013: a half-open handshake is forgotten
		n.remove(c)
		return Result{Out: dst, Kind: Failed, Channel: c, Err: err}, true
	}
	n.arm(c)
	return Result{Out: out, Link: c.Machine.Link(), Channel: c}, true
}

// Advance is Tick that does what is due of open channels too. It is for drivers in which nobody else uses the channels.
func (n *Node) Advance(now channel.Instant, dst []byte) (Result, bool) {
	r, ok := n.Tick(now, dst)
	if r.Kind != Due {
		return r, ok
	}
	c := r.Channel
	out, _ := c.Machine.Tick(now, dst) // NOISE-019: an open channel has no deadline to fail at
	n.arm(c)
	return Result{Out: out, Link: c.Machine.Link(), Channel: c}, true
}

// Rearm makes an open channel due at a time, what its Wake tells. Its owner calls it after the Machine.Tick that Due asked for. Without it
// nothing more is due.
func (n *Node) Rearm(c *Channel, at channel.Instant) {
	if !c.gone {
		n.timers.set(&c.timer, at)
	}
}

// arm sets the timer of a channel to what the channel says.
func (n *Node) arm(c *Channel) {
	if at, ok := c.Machine.Wake(); ok && !c.gone {
		n.timers.set(&c.timer, at)
	} else {
		n.timers.stop(&c.timer)
	}
}
