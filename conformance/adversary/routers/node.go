package routers

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// A node is a running router. The script acts on it; what it does in a turn is gathered in out.
type node struct {
	script
	tcp, udp adversary.Address // where it listens, empty where it does not
	random   *rand.ChaCha8

	conns map[int]*conn
	peers map[adversary.Address]*conn // ROUT-004: one connection per TCP remote address
	dials map[adversary.Address]*attempt

	now  time.Duration
	wake time.Duration // when idle is called, 0: never
	out  conformance.RouterOutput
	over bool // it has died
}

// A conn is one TCP connection.
type conn struct {
	conformance.RouterConn
	local, remote adversary.Address
	in            []byte        // not yet a whole frame
	used          time.Duration // when something last came or went
}

// An attempt is a connection that is being made, and what waits for it.
type attempt struct {
	until   time.Duration
	waiting []adversary.Message
}

// An origin is what a message came over.
type origin struct {
	local, remote adversary.Address
	conn          *conn // nil of a datagram
}

func newNode(at conformance.RouterAddresses, seed uint64, alter change) *node {
	n := &node{
		script: correctScript(),
		conns:  map[int]*conn{},
		peers:  map[adversary.Address]*conn{},
		dials:  map[adversary.Address]*attempt{},
		random: rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)}),
	}
	if at.TCP != "" {
		n.tcp = address(wire.TCP, at.TCP)
	}
	if at.UDP != "" {
		n.udp = address(wire.UDP, at.UDP)
	}
	if alter != nil {
		alter(&n.script)
	}
	return n
}

// Connected takes a connection into use.
func (n *node) Connected(now time.Duration, rc conformance.RouterConn) conformance.RouterOutput {
	return n.turn(now, func() {
		c := &conn{RouterConn: rc, local: address(wire.TCP, rc.Local), remote: address(wire.TCP, rc.Remote), used: now}
		n.conns[rc.Number], n.peers[c.remote] = c, c
		if d := n.dials[c.remote]; d != nil && rc.Dialled {
			delete(n.dials, c.remote)
			for _, m := range d.waiting {
				n.forward(n, c, c.remote, m)
			}
		}
	})
}

// Refused gives up what waits for a connection.
func (n *node) Refused(now time.Duration, remote string) conformance.RouterOutput {
	return n.turn(now, func() { n.refused(n, address(wire.TCP, remote)) })
}

// Receive takes bytes from a connection.
func (n *node) Receive(now time.Duration, number int, p []byte) conformance.RouterOutput {
	return n.turn(now, func() {
		if c := n.conns[number]; c != nil {
			c.used = now
			n.receive(n, c, p)
		}
	})
}

// End is called when the other end has ended a connection.
func (n *node) End(now time.Duration, number int, orderly bool) conformance.RouterOutput {
	return n.turn(now, func() {
		if c := n.conns[number]; c != nil {
			n.ended(n, c, orderly)
		}
	})
}

// ReceiveFrom takes a datagram.
func (n *node) ReceiveFrom(now time.Duration, remote string, p []byte) conformance.RouterOutput {
	return n.turn(now, func() { n.datagram(n, origin{local: n.udp, remote: address(wire.UDP, remote)}, p) })
}

// Wake returns when the first connection takes too long to make.
func (n *node) Wake() (earliest time.Duration, ok bool) {
	if n.over {
		return 0, false
	}
	earliest, ok = n.wake, n.wake > 0
	for _, d := range n.dials {
		if !ok || d.until < earliest {
			earliest, ok = d.until, true
		}
	}
	return earliest, ok
}

// Expire gives up connections that take too long.
func (n *node) Expire(now time.Duration) conformance.RouterOutput {
	return n.turn(now, func() {
		for _, to := range slices.Sorted(maps.Keys(n.dials)) {
			if d := n.dials[to]; d != nil && d.until <= now {
				n.late(n, to)
			}
		}
		if n.wake > 0 && n.wake <= now {
			n.wake = 0
			n.idle(n)
		}
	})
}

// turn runs one step from outside and returns what it did. A step that panics on what it received is a process that dies.
func (n *node) turn(now time.Duration, step func()) (out conformance.RouterOutput) {
	if n.over {
		return out
	}
	defer func() {
		if r := recover(); r != nil {
			fault, ok := r.(runtime.Error)
			if !ok {
				panic(r)
			}
			n.over = true
			out = conformance.RouterOutput{Crash: fmt.Sprintf("panic: %v", fault)}
		}
	}()
	n.now, n.out = now, conformance.RouterOutput{}
	step()
	n.over = n.out.Crash != ""
	return n.out
}

func (n *node) do(a conformance.RouterAction) { n.out.Actions = append(n.out.Actions, a) }

// hangUp closes a connection.
func (n *node) hangUp(c *conn) {
	n.forget(c)
	n.do(conformance.RouterAction{Conn: c.Number, Close: true})
}

// forget takes a connection out of use.
func (n *node) forget(c *conn) {
	delete(n.conns, c.Number)
	if n.peers[c.remote] == c {
		delete(n.peers, c.remote)
	}
}
