// Package stream is what the transports over byte streams share (specification section 3.1, and 3.3 for connect, accept, close): Conn
// carries messages in the frames of TRAN-001 over a net.Conn, Dial connects with retries, an Acceptor accepts.
//
// A connection at rest holds no buffer where the system tells that there is something to read without one (TCP on Linux), else 4 KiB;
// one that is busy reads up to 256 KiB at a time. Its steady state allocates nothing; a call whose context can end
// allocates when it has to wait for the network. No goroutine runs between calls, but for a few seconds after Close.
//
// Connections and acceptors are safe for concurrent use, except that one goroutine reads a connection at a time.
package stream

import (
	"errors"
	"net"
	"sync/atomic"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// ErrRetry tells that the number of retries is below transport.Forever (TRAN-020).
var ErrRetry = errors.New("transport: invalid retry count")

// maxLingering is how many closed connections of one Shared wait for their peer's end.
const maxLingering = 256

// Shared is what connections share, those of one listener for example: buffers, and a bound of closed connections that wait for their
// peer's end. The zero value is ready; it is not copied.
type Shared struct {
	buffers   buffers
	lingering atomic.Int32
}

// Limit is the longest message in bytes of a configured limit; 0 or more than transport.MaxFrame means transport.MaxFrame (TRAN-005,
// TRAN-008).
func Limit(configured int) int {
	if configured <= 0 || configured > transport.MaxFrame {
		return transport.MaxFrame
	}
	return configured
}

// Numeric is the address of an end of a connection, zero if it has no IP address.
func Numeric(a net.Addr) wire.Address {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return wire.Address{}
	}
	return transport.NumericAddress(wire.TCP, t.AddrPort())
}
