package peers

import (
	"encoding/binary"

	"ockamtest/ref/profile"
)

// began starts the handshake of an initiator.
func began(c *conn) {
	if c.initiator() {
		c.sendM1()
	}
}

// stray takes a datagram from a source to which an initiator has not turned itself: it has a socket for each channel, and drops it.
func stray(*conn, []byte) {}

// receive cuts the stream into frames, however it was segmented (TRAN-002, TRAN-003). A datagram is a frame (TRAN-010); a longer one
// than the profile's peers take is dropped (TRAN-011).
func receive(c *conn, p []byte) {
	if c.node.datagrams {
		if len(p) <= frameLimit(c.node.profile) {
			c.arrived(c, p)
		}
		return
	}
	c.in = append(c.in, p...)
	for !c.closing() {
		f, ok := c.deframe(c)
		if !ok {
			return
		}
		c.arrived(c, f)
	}
}

// frameLimit is the longest frame that the profile's peers take.
func frameLimit(p profile.Profile) int {
	if p.ReceiveLimit == 0 {
		return p.MessageLimit
	}
	return p.ReceiveLimit + recordOverhead
}

// deframe takes the next frame (TRAN-001). One above the limit ends the connection (TRAN-008).
func deframe(limit int) func(*conn) ([]byte, bool) {
	return func(c *conn) ([]byte, bool) {
		if len(c.in) < 2 {
			return nil, false
		}
		n := int(binary.BigEndian.Uint16(c.in))
		if n > limit {
			c.fail(c)
			return nil, false
		}
		return c.take(n)
	}
}

// take takes a frame of n bytes with its length from the stream, if it is all there.
func (c *conn) take(n int) (f []byte, ok bool) {
	n += 2
	if len(c.in) < n {
		return nil, false
	}
	f, c.in = c.in[2:n:n], c.in[n:]
	return f, true
}

// arrived is the way of a frame to the channel.
func arrived(c *conn, f []byte) {
	if c.plain != nil {
		c.channel = c.plain
	}
	if c.state == isOpen && !c.node.profile.TransportHeader {
		(*conn).takeRecord(c, message{kind: kindPayload, body: f})
		return
	}
	m, ok := c.outer.parse(f)
	if !ok {
		c.refuse(c, message{})
		return
	}
	if m, ok = c.routed(c, m); !ok {
		return
	}
	if take := c.next(c, m.kind); take != nil {
		take(c, m)
		return
	}
	c.refuse(c, m)
}

// ended releases the connection, also inside a frame (TRAN-004).
func ended(c *conn, _ bool) { c.out.Close = true }

// datagram is a message as it is (TRAN-010).
func datagram(m []byte) []byte { return m }

// frame puts the length in front (TRAN-001).
func frame(m []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(m))), m...)
}

// write lets each frame leave in a segment of its own, length and body together (TRAN-007).
func write(frames [][]byte) [][]byte { return frames }
