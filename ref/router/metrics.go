package router

// A Metrics counts messages. Every message received is counted once more, as forwarded, answered, delivered, or dropped, unless it waits
// (Resolve, a connection that is being made) or the shell has lost it. It is called where routers, nodes, and channels are called: it has to
// be safe for concurrent use if several of them share it.
type Metrics interface {
	CountReceived()      // a message came in
	CountForwarded()     // it left for the next hop
	CountAnswered()      // it was a ping and the pong left
	CountDelivered()     // somebody at the node took it
	CountDropped(Reason) // nobody did
}

// Counters is a Metrics that counts. It is not safe for concurrent use. The zero Counters is ready.
type Counters struct {
	Received, Forwarded, Answered, Delivered uint64
	Dropped                                  [Reasons]uint64
}

// CountReceived implements Metrics.
func (c *Counters) CountReceived() { c.Received++ }

// CountForwarded implements Metrics.
func (c *Counters) CountForwarded() { c.Forwarded++ }

// CountAnswered implements Metrics.
func (c *Counters) CountAnswered() { c.Answered++ }

// CountDelivered implements Metrics.
func (c *Counters) CountDelivered() { c.Delivered++ }

// CountDropped implements Metrics.
func (c *Counters) CountDropped(r Reason) {
	if r < reasons {
		c.Dropped[r]++
	}
}

// AllDropped is the sum of Dropped.
func (c *Counters) AllDropped() uint64 {
	var n uint64
	for _, d := range c.Dropped {
		n += d
	}
	return n
}

// Waiting is how many messages were received and not counted again.
func (c *Counters) Waiting() uint64 {
	return c.Received - c.Forwarded - c.Answered - c.Delivered - c.AllDropped()
}

// Uncounted is a Metrics that does nothing.
type Uncounted struct{}

// CountReceived implements Metrics.
func (Uncounted) CountReceived() {}

// CountForwarded implements Metrics.
func (Uncounted) CountForwarded() {}

// CountAnswered implements Metrics.
func (Uncounted) CountAnswered() {}

// CountDelivered implements Metrics.
func (Uncounted) CountDelivered() {}

// CountDropped implements Metrics.
func (Uncounted) CountDropped(Reason) {}
