package routers

import (
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

const (
	// dialDeadline is how long a connection may take to make, and maxWaiting how many messages may wait for it (ROUT-006).
	dialDeadline = 3 * time.Second
	maxWaiting   = 64
	// maxUnsent is how many bytes may wait for a slow other end.
	maxUnsent = 256 << 10
)

// live is the one connection to a next hop (ROUT-004).
func live(n *node, _ origin, next adversary.Address) *conn { return n.peers[next] }

// dial makes a connection, for which the message waits.
func dial(n *node, next adversary.Address, m adversary.Message) {
	d := n.dials[next]
	if d == nil {
		at, ok := socket(next)
		if !ok {
			return
		}
		d = &attempt{until: n.now + dialDeadline}
		n.dials[next] = d
		n.do(conformance.RouterAction{Dial: at.String()})
	}
	if len(d.waiting) < maxWaiting {
		d.waiting = append(d.waiting, m)
	}
}

// late gives a connection up.
func late(n *node, to adversary.Address) {
	delete(n.dials, to)
	if at, ok := socket(to); ok {
		n.do(conformance.RouterAction{Dial: at.String(), Close: true})
	}
}

// forward sends a message over a connection, unless its other end is too slow.
func forward(n *node, c *conn, next adversary.Address, m adversary.Message) {
	if !n.room(c) {
		return
	}
	b, ok := n.depart(n, c.local, next, m)
	if !ok {
		return
	}
	c.used = n.now
	for _, p := range n.write(n.frame(b)) {
		n.do(conformance.RouterAction{Conn: c.Number, Data: p})
	}
}

// post sends a message in a datagram.
func post(n *node, to adversary.Address, m adversary.Message) {
	at, ok := socket(to)
	if !ok {
		return
	}
	if b, ok := n.depart(n, n.udp, to, m); ok {
		n.do(conformance.RouterAction{To: at.String(), Data: b})
	}
}

// depart puts the router's own address in front of the return route (ROUT-004). False drops the message (REC-010).
func depart(n *node, local, next adversary.Address, m adversary.Message) ([]byte, bool) {
	m.Return = append(adversary.Route{n.own(n, local)}, m.Return...)
	if len(m.Onward) > wire.MaxAddresses || len(m.Return) > wire.MaxAddresses {
		return nil, false
	}
	b := n.encode(m)
	return b, n.fits(len(b), next)
}

// fits says whether a transport carries a message of that size (REC-010).
func fits(size int, next adversary.Address) bool {
	switch {
	case next.Type() != wire.UDP:
		return size <= 65535
	case wire.HostType(next[1]) == wire.IPv6:
		return size <= 65527
	}
	return size <= 65507
}
