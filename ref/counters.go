package ref

import (
	"sync/atomic"

	"ockamtest/ref/router"
)

// counters is a router.Metrics that several goroutines count with.
type counters struct {
	received, forwarded, answered, delivered atomic.Uint64
	dropped                                  [router.Reasons]atomic.Uint64
	also                                     router.Metrics // nil if there is none
}

var _ router.Metrics = (*counters)(nil)

// CountReceived implements router.Metrics.
func (c *counters) CountReceived() {
	c.received.Add(1)
	if c.also != nil {
		c.also.CountReceived()
	}
}

// CountForwarded implements router.Metrics.
func (c *counters) CountForwarded() {
	c.forwarded.Add(1)
	if c.also != nil {
		c.also.CountForwarded()
	}
}

// CountAnswered implements router.Metrics.
func (c *counters) CountAnswered() {
	c.answered.Add(1)
	if c.also != nil {
		c.also.CountAnswered()
	}
}

// CountDelivered implements router.Metrics.
func (c *counters) CountDelivered() {
	c.delivered.Add(1)
	if c.also != nil {
		c.also.CountDelivered()
	}
}

// CountDropped implements router.Metrics.
func (c *counters) CountDropped(r router.Reason) {
	if int(r) >= len(c.dropped) {
		return
	}
	c.dropped[r].Add(1)
	if c.also != nil {
		c.also.CountDropped(r)
	}
}

// picture is what has been counted so far.
func (c *counters) picture() router.Counters {
	p := router.Counters{
		Received:  c.received.Load(),
		Forwarded: c.forwarded.Load(),
		Answered:  c.answered.Load(),
		Delivered: c.delivered.Load(),
	}
	for i := range p.Dropped {
		p.Dropped[i] = c.dropped[i].Load()
	}
	return p
}

// A receivedBefore counts what became of messages that a receiver has counted as received.
type receivedBefore struct{ router.Metrics }

// CountReceived implements router.Metrics.
func (receivedBefore) CountReceived() {}

// A leavesLater counts what became of messages, but for those that are forwarded: they count when they have left, or are lost.
type leavesLater struct{ router.Metrics }

// CountForwarded implements router.Metrics.
func (leavesLater) CountForwarded() {}
