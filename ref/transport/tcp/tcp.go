// Package tcp carries messages in the frames of TRAN-001 over TCP connections (specification section 3.1, and 3.3 for connect,
// accept, close): it implements transport.Conn and transport.Listener.
//
// A connection at rest holds no buffer on Linux, elsewhere 4 KiB; long messages are read into the caller's buffer, short ones many at a
// time. Its steady state allocates nothing, but a call whose context can end allocates when it has to wait for the network. No
// goroutine runs between calls; one may run for a few seconds after Close. Nagle's algorithm is off, as Go has it by default, and a
// frame, or a batch of short ones, is one write (TRAN-007).
//
// It does not keep connections by address for reuse (ROUT-004: the router does) and has no TLS. Connections and listeners are safe for
// concurrent use, except that one goroutine reads a connection at a time.
package tcp

import (
	"net"
	"net/netip"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/internal/stream"
)

// What callers of Dial and Listen branch on, beside the errors of package net.
var (
	// ErrAddress is transport.ErrAddress: not a TCP address, or one that is never sent to (WIRE-013).
	ErrAddress = transport.ErrAddress
	// ErrNotAllowed is transport.ErrNotAllowed: Config.Allow refused the numeric address (WIRE-014).
	ErrNotAllowed = transport.ErrNotAllowed
	// ErrRetry: the number of retries is below transport.Forever (TRAN-020).
	ErrRetry = stream.ErrRetry
)

// A Config configures Dial and Listen. Its zero value is one attempt and messages of up to 65,535 bytes.
type Config struct {
	// Limit is the longest message in bytes, either way; 0 or more than 65,535 means 65,535 (TRAN-005, TRAN-008).
	Limit int
	// Retry tells how Dial repeats failed attempts (TRAN-020). A refused address is not tried again.
	Retry transport.Retry
	// Allow is asked about each numeric address before Dial connects to it; nil allows all (WIRE-014).
	Allow func(netip.AddrPort) bool
	// Dialer makes the connections of Dial; nil means the zero net.Dialer. A zero Timeout in it means transport.DefaultTimeout.
	Dialer *net.Dialer
	// Shared is what the connections share; nil means that those of a listener share one, and each that is dialled has its own.
	Shared *Shared
}

// Shared is what connections share that are given the same: buffers of some hundred kilobytes that they hold while they are busy, and a
// bound of closed connections that wait for their peer's end. The zero value is ready, is not copied, and is safe for concurrent use.
type Shared = stream.Shared
