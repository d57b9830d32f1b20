package peers

import (
	"bytes"

	"ockamtest/ref/profile"
)

// newChannel is a channel that has the connection for itself.
func (c *conn) newChannel() *channel {
	return &channel{onStream: true, onward: route{c.remote}, missed: map[uint64]bool{}}
}

// routeLimit is how many addresses a route may have: all that the format can say, or none where the profile has no routes.
func routeLimit(p profile.Profile) int {
	if p.Routes {
		return 255
	}
	return 0
}

// routed does what a node does with a message before it hands it to the channel. This node has no local addresses and forwards
// nothing (ROUT-006, ROUT-007).
func routed(c *conn, m message) (message, bool) {
	if !c.node.profile.Routes {
		return m, true
	}
	if len(m.onward) > 0 && m.onward[0][0] != addressLocal {
		m.onward = m.onward[1:] // ROUT-002
	}
	if len(m.back) > 0 && m.back[0][0] == addressTCP {
		m.back = m.back[1:] // ROUT-003
	}
	m.back = append(route{c.remote}, m.back...)
	if len(m.onward) > 0 { // ROUT-001: unknown here
		return m, false
	}
	if m.kind != kindPayload { // what may be answered
		var ok bool
		if m.back, ok = m.back.written(); !ok {
			return m, false
		}
	}
	switch m.kind {
	case kindPing: // CHAN-014: not for the channel
		c.ping(c, m)
		return m, false
	case kindPong: // WIRE-010: never answered
		return m, false
	}
	return m, true
}

// ping answers with one pong to where the ping came from (WIRE-010).
func ping(c *conn, m message) {
	c.push(c.encode(message{onward: m.back, back: route{c.local}, kind: kindPong}))
}

// next is what the channel accepts in its role and state (CHAN-001).
func next(c *conn, kind byte) func(*conn, message) {
	switch {
	case c.state == start && kind == kindM1:
		return (*conn).takeM1
	case c.state == sentM1 && kind == kindM2:
		return (*conn).takeM2
	case c.state == sentM2 && kind == kindM3:
		return (*conn).takeM3
	case c.state == isOpen && kind == kindPayload:
		return (*conn).takeRecord
	}
	return nil
}

// refuse uses nothing of a message. Before open on a stream that is fatal (section 6, CHAN-003). On datagrams a repeat of the
// message before is answered as that was (TRAN-014).
func refuse(c *conn, m message) {
	switch {
	case c.state == failed:
	case !c.onStream && c.state == sentM2 && m.kind == kindM1 && bytes.Equal(m.body, c.m1):
		c.post(kindM2, c.m2)
	case !c.onStream && c.initiator() && c.state == isOpen && m.kind == kindM2 && bytes.Equal(m.body, c.m2):
		c.post(kindM3, c.m3)
	case c.onStream && c.state != isOpen:
		c.fail(c)
	}
}

// header has the routes of ROUT-004 and ROUT-008.
func header(c *conn, _ byte) message {
	if !c.node.profile.Routes {
		return message{}
	}
	return message{onward: c.onward, back: route{c.local}}
}

// learn keeps what an accepted handshake message tells about the way to the peer (ROUT-008, CHAN-011).
func (c *conn) learn(back route) {
	if !c.node.profile.Routes {
		return
	}
	c.onward = nil
	for _, a := range back {
		c.onward = append(c.onward, bytes.Clone(a))
	}
	c.onStream = c.onStream && !back.local()
}
