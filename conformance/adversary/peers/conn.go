package peers

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"ockamtest/conformance"
)

// handshakeDeadline is the deadline of NOISE-013.
const handshakeDeadline = 10 * time.Second

// A conn is one connection with its channel, or, on datagrams, one source and the channels whose messages leave for it. The script acts
// on it and on the channel that the message at hand is for; what it does is gathered in out.
type conn struct {
	script
	*channel      // the current one
	node          *node
	local, remote []byte // addresses of the two ends, as on the wire
	below         int    // inside another channel: the longest payload of that

	now     time.Duration
	started bool       // the connection is there; on datagrams, the node speaks with this source
	plain   *channel   // the one that has the connection or source for itself; nil if each has an address of its own
	mine    []*channel // those that send here
	in      []byte     // of the stream, not yet a whole frame
	frames  [][]byte   // to be written at the end of this turn
	pending [][]byte   // what channels had to say here in the turns of other sources
	out     conformance.Output
	over    bool // the connection is closed or the node has died
}

// Start begins the handshake's time on a stream, and an initiator's handshake.
func (c *conn) Start(now time.Duration) conformance.Output {
	return c.turn(now, func() {
		c.started = true
		if !c.node.datagrams {
			c.begins()
		}
		c.began(c)
	})
}

// Receive takes bytes from the stream, or a datagram.
func (c *conn) Receive(now time.Duration, p []byte) conformance.Output {
	return c.turn(now, func() {
		if !c.started {
			c.stray(c, p)
			return
		}
		c.receive(c, p)
	})
}

// End is called when the kit has ended the stream.
func (c *conn) End(now time.Duration, orderly bool) conformance.Output {
	return c.turn(now, func() { c.ended(c, orderly) })
}

// Wake returns when the first handshake ends, or a message of it is repeated, or now if there is something to send.
func (c *conn) Wake() (earliest time.Duration, ok bool) {
	switch {
	case c.over:
		return 0, false
	case len(c.pending) > 0:
		return c.now, true
	}
	for _, ch := range c.mine {
		for _, at := range []time.Duration{ch.deadline, ch.repeat} {
			if at > 0 && (!ok || at < earliest) {
				earliest, ok = at, true
			}
		}
	}
	return earliest, ok
}

// Expire is called at that time.
func (c *conn) Expire(now time.Duration) conformance.Output {
	return c.turn(now, func() { c.expire(now) })
}

func (c *conn) expire(now time.Duration) {
	for _, ch := range slices.Clone(c.mine) {
		c.channel = ch
		switch {
		case ch.deadline > 0 && now >= ch.deadline:
			c.late(c)
		case ch.repeat > 0 && now >= ch.repeat:
			c.again(c)
		}
	}
}

// Limit says how long messages may be in a channel inside another.
func (c *conn) Limit(longest int) { c.below = longest }

// turn runs one step from outside and returns what it did. A step that panics on what it received is a process that dies.
func (c *conn) turn(now time.Duration, step func()) (out conformance.Output) {
	if c.over {
		return conformance.Output{}
	}
	defer func() {
		if r := recover(); r != nil {
			fault, ok := r.(runtime.Error)
			if !ok {
				panic(r)
			}
			c.over = true
			out = conformance.Output{Crash: fmt.Sprintf("panic: %v", fault)}
		}
	}()
	c.now, c.frames, c.out = now, c.pending, conformance.Output{}
	c.pending = nil
	step()
	c.out.Data = c.write(c.frames)
	c.over = c.out.Close || c.out.Reset || c.out.Crash != ""
	return c.out
}

// closing reports whether this turn ends the connection.
func (c *conn) closing() bool { return c.out.Close || c.out.Reset || c.out.Crash != "" }

// post sends a wire message of the current channel with the outer header of its kind.
func (c *conn) post(kind byte, body []byte) {
	m := c.header(c, kind)
	m.kind, m.body = kind, body
	c.leave(c.encode(m))
}

// leave sends the bytes of one wire message to where the current channel's messages go.
func (c *conn) leave(m []byte) {
	if at := c.channel.at; at != c {
		at.pending = append(at.pending, c.frame(m))
		return
	}
	c.push(c, m)
}

// push sends the bytes of one wire message to the other end of this connection, or to this source.
func push(c *conn, m []byte) { c.frames = append(c.frames, c.frame(m)) }

func (c *conn) initiator() bool { return c.node.role == conformance.Initiator }
