package conformance

import "time"

// RouterAddresses are where a router in process listens, as "IP:port"; empty where it does not.
type RouterAddresses struct{ TCP, UDP string }

// A RouterNode is a running Program in the role Router: one state machine for all that it is connected with, which is told what happens and
// answers what it does. Like a Machine it starts no goroutine and has no clock; times are durations since its start and never go back.
// Methods are called by one goroutine at a time.
type RouterNode interface {
	// Connected is called for each new TCP connection: one that came to the listener, or one that the node has dialled.
	Connected(now time.Duration, c RouterConn) RouterOutput
	// Refused is called when a TCP connection that the node wanted to remote cannot be made.
	Refused(now time.Duration, remote string) RouterOutput
	// Receive is called with bytes from a connection, in pieces of any size. p is not kept.
	Receive(now time.Duration, conn int, p []byte) RouterOutput
	// End is called once when the other end of a connection has sent FIN (orderly) or RST.
	End(now time.Duration, conn int, orderly bool) RouterOutput
	// ReceiveFrom is called with a datagram, which may be empty, from "IP:port". p is not kept.
	ReceiveFrom(now time.Duration, remote string, p []byte) RouterOutput
	// Wake returns when the node wants Expire to be called next, false if it waits for nothing.
	Wake() (time.Duration, bool)
	// Expire is called when the time of Wake has come.
	Expire(now time.Duration) RouterOutput
}

// A RouterConn is a TCP connection of a RouterNode.
type RouterConn struct {
	Number        int    // from 1 on, never used again
	Local, Remote string // "IP:port" of the node's end and of the other end
	Dialled       bool   // the node wanted it
	// Unsent is how many of the bytes that the node has written have not left yet, because the other end does not take them.
	Unsent func() int
}

// RouterOutput is what a RouterNode does in answer to one call.
type RouterOutput struct {
	Actions []RouterAction // in this order
	Crash   string         // the whole node dies, with this log line; no action is taken
}

// A RouterAction is one thing that a RouterNode does. One of Conn, To, and Dial is set.
type RouterAction struct {
	Conn  int    // the connection on which Data is written, in one write, and which is closed then if Close or Reset is set
	To    string // "IP:port" to which Data is sent as a datagram, from the node's socket
	Dial  string // "IP:port" to connect to; with Close, the connection to there is no longer wanted
	Data  []byte
	Close bool // FIN
	Reset bool // RST instead
}
