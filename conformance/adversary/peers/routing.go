package peers

import (
	"bytes"

	"ockamtest/ref/profile"
)

// routed does what a node does with a message before it hands it to a channel, which becomes the current one; false if it is for none.
// This node forwards nothing (ROUT-006, ROUT-007).
func routed(c *conn, m message) (message, bool) {
	if !c.node.profile.Routes {
		return m, true
	}
	m.onward = c.lead(c, m.onward)
	m.back = c.source(c, m.back)
	to, ok := c.find(c, m) // ROUT-001
	if !ok {
		return m, false
	}
	if m.kind != kindPayload { // what may be answered
		if m.back, ok = c.form(m.back); !ok {
			return m, false
		}
	}
	switch m.kind {
	case kindPing: // CHAN-014: not for the channel; WIRE-010: one for a channel is dropped
		if to == nil {
			c.ping(c, m)
		}
		return m, false
	case kindPong: // WIRE-010: never answered
		return m, false
	}
	if to == nil {
		return m, false
	}
	c.channel = to
	return m, true
}

// source is the return route with its source first (ROUT-003).
func source(c *conn, back route) route {
	if len(back) > 0 && back[0][0] == c.node.transport() {
		back = back[1:]
	}
	return append(route{c.remote}, back...)
}

// lead is the onward route behind the address that names this node (ROUT-002, section 11).
func lead(c *conn, onward route) route {
	switch {
	case c.node.profile.LeadingAddress == profile.IgnoreLeading: // an end point: whatever comes is for it
		return nil
	case len(onward) == 0 || onward[0][0] == addressLocal:
		return onward
	case c.node.profile.LeadingAddress == profile.RemoveBind && !bytes.Equal(onward[0], c.local):
		return onward
	}
	return onward[1:]
}

// find is the channel that a message is for, nil if it is for the node; false if it is for nobody here.
func find(c *conn, m message) (*channel, bool) {
	switch {
	case len(m.onward) > 0:
		if ch, known := c.node.channels[string(m.onward[0])]; known {
			return ch, true
		}
		if !bytes.Equal(m.onward[0], listenerAddress()) || c.node.profile.Listener != profile.ResponderOnly {
			return nil, false
		}
		return c.listen(c, m)
	case m.kind <= kindPong:
		return nil, true
	case c.plain != nil:
		return c.plain, true
	case m.kind == kindM1:
		return c.listen(c, m)
	}
	return nil, false
}

// listen is the channel of an m1 for the listener: that which it began, or a new one (CHAN-010, TRAN-015).
func listen(c *conn, m message) (*channel, bool) {
	if c.initiator() {
		return nil, false
	}
	if known := c.node.begun[c.repeated(m.body)]; known != nil && known.at == c {
		return known, true
	}
	ch := c.newChannel()
	ch.onStream = false
	ch.address = c.newAddress(c)
	return ch, true
}

// repeated is what makes an m1 a repeat: the same bytes from the same source (TRAN-014).
func (c *conn) repeated(m1 []byte) string { return string(c.remote) + string(m1) }

// newAddress is a local address that no channel of the node has (CHAN-010).
func newAddress(c *conn) []byte {
	for {
		address := append([]byte{addressLocal, 4}, c.noise(4)...)
		if c.node.channels[string(address)] == nil {
			return address
		}
	}
}

// listenerAddress is where m1 goes in a profile that names the listener (conformance.DefaultRoute).
func listenerAddress() []byte { return append([]byte{addressLocal, 8}, "listener"...) }

// ping answers with one pong to where the ping came from (WIRE-010).
func ping(c *conn, m message) {
	c.push(c, c.encode(message{onward: m.back, back: route{c.local}, kind: kindPong}))
}
