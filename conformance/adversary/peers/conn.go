package peers

import (
	"fmt"
	"runtime"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// handshakeDeadline is the deadline of NOISE-013.
const handshakeDeadline = 10 * time.Second

// A state is where a channel is in its life (section 6).
type state uint8

const (
	start state = iota
	sentM1
	sentM2
	isOpen
	failed
)

// A channel is what section 6 says of one channel.
type channel struct {
	state    state
	onStream bool  // CHAN-011
	onward   route // ROUT-008: the reply route
	hs       adversary.Handshake

	m1, m2, m3 []byte // Noise messages, to know a repeat and to answer it (TRAN-014)

	sendKey, receiveKey []byte
	ad                  []byte
	sent, received      uint64          // next counters
	missed              map[uint64]bool // on datagrams: lower counters that did not arrive yet
}

// A conn is one connection with its channel. The script acts on it; what it does is gathered in out.
type conn struct {
	script
	*channel
	node          *node
	local, remote []byte // addresses of the two ends, as on the wire

	now      time.Duration
	deadline time.Duration
	in       []byte   // of the stream, not yet a whole frame
	frames   [][]byte // to be written at the end of this turn
	out      conformance.Output
	over     bool // the connection is closed or the node has died
}

// Start begins the handshake's time, and an initiator's handshake.
func (c *conn) Start(now time.Duration) conformance.Output {
	c.deadline = now + handshakeDeadline
	return c.turn(now, func() { c.began(c) })
}

// Receive takes bytes from the stream.
func (c *conn) Receive(now time.Duration, p []byte) conformance.Output {
	return c.turn(now, func() { c.receive(c, p) })
}

// End is called when the kit has ended the stream.
func (c *conn) End(now time.Duration, orderly bool) conformance.Output {
	return c.turn(now, func() { c.ended(c, orderly) })
}

// Wake returns the handshake's deadline while there is a handshake.
func (c *conn) Wake() (time.Duration, bool) {
	return c.deadline, !c.over && c.deadline > 0
}

// Expire is called at the deadline.
func (c *conn) Expire(now time.Duration) conformance.Output {
	return c.turn(now, func() {
		if c.deadline > 0 && now >= c.deadline {
			c.late(c)
		}
	})
}

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
	c.now, c.frames, c.out = now, nil, conformance.Output{}
	step()
	c.out.Data = c.write(c.frames)
	c.over = c.out.Close || c.out.Reset || c.out.Crash != ""
	return c.out
}

// closing reports whether this turn ends the connection.
func (c *conn) closing() bool { return c.out.Close || c.out.Reset || c.out.Crash != "" }

// post sends a wire message with the outer header of its kind.
func (c *conn) post(kind byte, body []byte) {
	m := c.header(c, kind)
	m.kind, m.body = kind, body
	c.push(c.encode(m))
}

// push sends the bytes of one wire message.
func (c *conn) push(m []byte) { c.frames = append(c.frames, c.frame(m)) }

func (c *conn) initiator() bool { return c.node.role == conformance.Initiator }
