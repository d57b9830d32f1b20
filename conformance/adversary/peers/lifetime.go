package peers

import (
	"slices"
	"time"
)

const (
	// maxHalfOpen is the bound of CHAN-012.
	maxHalfOpen = 1024
	// firstPause and maxRepeats are those of TRAN-014.
	firstPause = 500 * time.Millisecond
	maxRepeats = 5
)

// begins starts the time of the current channel's handshake (NOISE-013).
func (c *conn) begins() {
	if limit := c.limit(c); limit > 0 {
		c.deadline = c.now + limit
		c.until = c.deadline
	}
}

// limit is how long a handshake may take.
func limit(*conn) time.Duration { return handshakeDeadline }

// hold keeps the current channel, whose handshake has begun on datagrams.
func (c *conn) hold() {
	if c.deadline == 0 {
		c.begins()
	}
	c.mine = slices.DeleteFunc(c.mine, func(ch *channel) bool { return ch == c.channel || ch.state == start })
	c.mine = append(c.mine, c.channel)
	if c.address != nil {
		c.node.channels[string(c.address)] = c.channel
	}
	if c.initiator() || c.onStream {
		return
	}
	c.begunAs = c.repeated(c.m1)
	c.node.begun[c.begunAs] = c.channel
	c.node.half = append(c.node.half, c.channel)
	c.crowded(c)
}

// crowded makes room among the half-open handshakes when there are too many: the oldest gives way (CHAN-012).
func crowded(c *conn) {
	if len(c.node.half) > maxHalfOpen {
		c.node.half[0].at.forget(c.node.half[0])
	}
}

// forget ends a channel that no message reaches any more.
func (c *conn) forget(ch *channel) {
	ch.state, ch.deadline, ch.repeat = failed, 0, 0
	ch.at.drop(ch)
	delete(c.node.channels, string(ch.address))
	delete(c.node.begun, ch.begunAs)
	c.node.settle(ch)
}

// drop takes a channel from those that send here. One that has the source for itself is followed by another.
func (c *conn) drop(ch *channel) {
	c.mine = slices.DeleteFunc(c.mine, func(other *channel) bool { return other == ch })
	if c.plain == ch && !c.initiator() {
		c.plain = c.newChannel()
	}
}

// opens notes that the current channel is open.
func (c *conn) opens() {
	c.state, c.deadline, c.repeat = isOpen, 0, 0
	c.node.settle(c.channel)
	if c.initiator() {
		c.schedule()
	}
}

// schedule lets the last handshake message be repeated after a first pause, where the profile repeats (TRAN-014, TRAN-016).
func (c *conn) schedule() {
	c.repeats = 0
	if c.pause = c.first(c); c.onStream || c.pause == 0 {
		return
	}
	c.repeat = c.now + c.pause
}

// first is the pause before the first repeat, 0 if there is none.
func first(c *conn) time.Duration {
	if !c.node.profile.RepeatM1 {
		return 0
	}
	return firstPause
}

// again repeats m1 or m3, and plans the next time (TRAN-014).
func again(c *conn) {
	c.repeat = 0
	switch {
	case c.until > 0 && c.now >= c.until:
		return
	case c.state == sentM1:
		c.post(kindM1, c.m1)
	case c.state == isOpen && c.repeats < maxRepeats:
		c.repeats++
		c.post(kindM3, c.m3)
	default:
		return
	}
	c.pause = c.pace(c.pause)
	c.repeat = c.now + c.pause
}

// pace is the pause between two repeats after the one before.
func pace(before time.Duration) time.Duration { return 2 * before }

// late ends a handshake that took too long (NOISE-013).
func late(c *conn) { fail(c) }

// fail ends the channel for good, and the connection that is its own (NOISE-007, CHAN-004). On datagrams it is forgotten.
func fail(c *conn) {
	if !c.onStream {
		c.forget(c.channel)
		if c.node.datagrams || len(c.mine) > 0 {
			return
		}
	}
	c.state, c.deadline, c.repeat = failed, 0, 0
	c.out.Close = true
}
