package routers

import (
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// A script is what a router does, one step to a field. Each step does its part rightly unless it is replaced. A step calls others through
// the script, so that a replaced one serves everywhere.
type script struct {
	streamSteps
	arrivalSteps
	relaySteps
	departureSteps
}

// streamSteps are those of section 3.1 and of the life of connections.
type streamSteps struct {
	receive  func(n *node, c *conn, p []byte)                 // bytes arrived
	deframe  func(n *node, c *conn) (message []byte, ok bool) // takes the next whole frame off c.in
	datagram func(n *node, from origin, p []byte)             // a datagram arrived
	arrived  func(n *node, from origin, message []byte)       // a whole message
	ended    func(n *node, c *conn, orderly bool)             // the other end has ended the connection
	refused  func(n *node, to adversary.Address)              // a connection cannot be made
	late     func(n *node, to adversary.Address)              // a connection takes too long to make
	idle     func(n *node)                                    // the time of n.wake has come
	write    func(frame []byte) [][]byte                      // the pieces in which a frame leaves
}

// arrivalSteps are those of section 4, and ROUT-001 to ROUT-003.
type arrivalSteps struct {
	outer     parser
	malformed func(n *node, from origin)                                         // a message does not parse
	leading   func(n *node, from origin, onward adversary.Route) adversary.Route // ROUT-002
	source    func(from origin, back adversary.Route) adversary.Route            // ROUT-003
	local     func(n *node, from origin, m adversary.Message)                    // for a local address
	forNode   func(n *node, from origin, m adversary.Message)                    // for the node
	ping      func(n *node, from origin, m adversary.Message)                    // a ping for the node
}

// relaySteps are the rules for what is forwarded: false drops the message.
type relaySteps struct {
	relay    func(n *node, from origin, m adversary.Message)
	few      func(m adversary.Message) bool                                          // ROUT-011
	form     func(a adversary.Address) (adversary.Address, bool)                     // WIRE-015
	resolve  func(n *node, a adversary.Address) (adversary.Address, bool)            // WIRE-014
	sendable func(a adversary.Address) bool                                          // WIRE-013
	isOwn    func(n *node, from origin, a adversary.Address) bool                    // ROUT-005
	allow    func(n *node, source, next adversary.Address) bool                      // ROUT-007
	send     func(n *node, from origin, next adversary.Address, m adversary.Message) // finds the way to the next hop
}

// departureSteps are those of what leaves: ROUT-004, REC-010.
type departureSteps struct {
	live    func(n *node, from origin, next adversary.Address) *conn   // the connection to a next hop, nil if there is none
	dial    func(n *node, next adversary.Address, m adversary.Message) // there is none yet
	room    func(c *conn) bool                                         // whether another message may wait for the other end
	own     func(n *node, local adversary.Address) adversary.Address   // the address that the router puts in front
	depart  func(n *node, local, next adversary.Address, m adversary.Message) ([]byte, bool)
	encode  func(m adversary.Message) []byte
	fits    func(size int, next adversary.Address) bool
	frame   func(message []byte) []byte
	forward func(n *node, c *conn, next adversary.Address, m adversary.Message) // over a connection
	post    func(n *node, to adversary.Address, m adversary.Message)            // in a datagram
}

// correctScript obeys every requirement that a router has.
func correctScript() script {
	return script{
		streamSteps: streamSteps{
			receive:  receive,
			deframe:  deframe,
			datagram: func(n *node, from origin, p []byte) { n.arrived(n, from, p) },
			arrived:  arrived,
			ended:    func(n *node, c *conn, _ bool) { n.hangUp(c) },
			refused:  func(n *node, to adversary.Address) { delete(n.dials, to) },
			late:     late,
			idle:     func(*node) {},
			write:    func(frame []byte) [][]byte { return [][]byte{frame} },
		},
		arrivalSteps: arrivalSteps{
			outer:     strictParser(wire.MaxAddresses),
			malformed: func(*node, origin) {},
			leading:   leading,
			source:    source,
			local:     func(*node, origin, adversary.Message) {}, // ROUT-006: unknown
			forNode:   forNode,
			ping:      ping,
		},
		relaySteps: relaySteps{
			relay: relay, few: few, form: form, resolve: resolve, sendable: sendable, isOwn: isOwn, allow: allow, send: send,
		},
		departureSteps: departureSteps{
			live:    live,
			dial:    dial,
			room:    func(c *conn) bool { return c.Unsent() <= maxUnsent },
			own:     func(_ *node, local adversary.Address) adversary.Address { return local },
			depart:  depart,
			encode:  adversary.Message.Bytes,
			fits:    fits,
			frame:   adversary.Frame,
			forward: forward,
			post:    post,
		},
	}
}
