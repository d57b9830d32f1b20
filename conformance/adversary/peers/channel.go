package peers

import (
	"bytes"
	"time"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

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
	onStream bool   // CHAN-011
	at       *conn  // where its messages leave
	address  []byte // its own local address (CHAN-010); nil if it has none
	onward   route  // ROUT-008: the reply route
	hs       adversary.Handshake

	m1, m2, m3 []byte // Noise messages, to know a repeat and to answer it (TRAN-014)
	begunAs    string // what a repeat of m1 is known by
	deadline   time.Duration
	until      time.Duration // repeats end where the deadline was
	repeat     time.Duration // when the last handshake message is sent again, 0 if never
	pause      time.Duration // before that
	repeats    int           // of m3

	sendKey, receiveKey []byte
	ad                  []byte
	sent, received      uint64          // next counters
	missed              map[uint64]bool // on datagrams: lower counters that did not arrive yet
}

// newChannel is a channel whose messages leave here.
func (c *conn) newChannel() *channel {
	onward := route{c.remote}
	if c.initiator() && c.node.profile.Listener == profile.ResponderOnly {
		onward = append(onward, listenerAddress())
	}
	return &channel{onStream: !c.node.datagrams, at: c, onward: onward, missed: map[uint64]bool{}}
}

// next is what the channel accepts in its role and state (CHAN-001).
func next(c *conn, kind byte) func(*conn, message) {
	if kind == kindUntyped {
		kind = awaited(c)
	}
	switch {
	case c.state == start && kind == kindM1 && !c.initiator():
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

// awaited is what a message without a type is for a channel.
func awaited(c *conn) byte { return expected(c, kindPayload) }

// refuse uses nothing of a message. Before open on a stream that is fatal (section 6, CHAN-003). On datagrams a repeat of the
// message before is answered as that was (TRAN-014, TRAN-015).
func refuse(c *conn, m message) {
	switch {
	case c.state == failed:
	case !c.onStream && c.state == sentM2 && isKind(m, kindM1) && bytes.Equal(m.body, c.m1):
		c.post(kindM2, c.m2)
	case !c.onStream && c.initiator() && c.state == isOpen && isKind(m, kindM2) && bytes.Equal(m.body, c.m2):
		c.post(kindM3, c.m3)
	case c.onStream && c.state != isOpen:
		c.fail(c)
	}
}

func isKind(m message, kind byte) bool { return m.kind == kind || m.kind == kindUntyped }

// header has the routes of ROUT-004 and ROUT-008, and the channel's own local address in handshake messages (CHAN-010).
func header(c *conn, kind byte) message {
	if !c.node.profile.Routes {
		return message{}
	}
	m := message{onward: c.onward, back: route{c.local}}
	if kind >= kindM1 && c.address != nil {
		m.back = append(m.back, c.address)
	}
	return m
}

// learn keeps what an accepted handshake message tells about the way to the peer (TRAN-012, ROUT-008, CHAN-011).
func (c *conn) learn(back route) {
	if c.channel.at != c {
		c.channel.at.drop(c.channel)
		c.mine = append(c.mine, c.channel)
		c.channel.at = c
	}
	if !c.node.profile.Routes {
		return
	}
	c.onward = nil
	for _, a := range back {
		c.onward = append(c.onward, bytes.Clone(a))
	}
	c.onStream = c.onStream && len(back) == 1 // the source: no hop lies between, and no local address was given
}
