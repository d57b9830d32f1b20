// Package sim simulates networks: datagrams that are lost, late, reordered, doubled, and corrupted, streams that are slow or cut, and
// partitions, all from a seed. It has two faces.
//
// A Network is a queue of what is under way, without sockets, goroutines, or a clock: the caller says what time it is, sends, and takes
// what arrives. An Internet runs a Network in time and has blocking sockets on it, which are the transport.PacketConn, transport.Conn,
// and transport.Listener of the other transports (IO-005, TRAN-024); under testing/synctest its time is virtual.
//
// What is sent to a TCP address goes over a stream: in order, nothing lost or changed (TRAN-024). Between two addresses there is one
// stream. What happens to the n-th datagram from one address to another depends on the seed, the two addresses, and n alone, not on what
// others send or in which order goroutines run; and in one respect, say its loss, it does not depend on the settings of the others. So a
// run is repeated bit for bit by its seed.
//
// A Network is not safe for concurrent use, an Internet and its sockets are.
package sim

import (
	"errors"
	"fmt"
	"time"
)

// ErrConfig tells of settings that make no network, or an address on which nobody can listen.
var ErrConfig = errors.New("sim: invalid configuration")

// DefaultBacklog is how long a datagram waits for its turn on a path with a rate, unless told otherwise.
const DefaultBacklog = 200 * time.Millisecond

// A Config configures a Network. Its zero value is one where everything arrives at once.
type Config struct {
	// Seed is what all chance comes from.
	Seed uint64
	// Path is the path between hosts for which SetPath was not called.
	Path Path
}

// A Path is the way from one host to another. Its zero value delivers everything at once. Streams have its delay, jitter, and rate.
type Path struct {
	// Delay is how long everything takes, and Jitter how much longer it may take, with equal chances. Datagrams overtake each other so.
	Delay, Jitter time.Duration
	// Loss, Duplicate, and Corrupt are how likely it is that a datagram is lost, arrives twice, or has one bit flipped: 0 to 1.
	Loss, Duplicate, Corrupt float64
	// Rate is how many bytes pass in a second, each way between two addresses; 0 means any number.
	Rate int
	// Backlog is how long a datagram may wait for its turn; what would wait longer is lost. 0 means DefaultBacklog.
	Backlog time.Duration
}

func (p Path) withDefaults() (Path, error) {
	for _, chance := range []float64{p.Loss, p.Duplicate, p.Corrupt} {
		if !(chance >= 0 && chance <= 1) {
			return p, fmt.Errorf("%w: a chance of %v", ErrConfig, chance)
		}
	}
	if p.Delay < 0 || p.Jitter < 0 || p.Backlog < 0 || p.Rate < 0 {
		return p, fmt.Errorf("%w: negative delay or rate", ErrConfig)
	}
	if p.Backlog == 0 {
		p.Backlog = DefaultBacklog
	}
	return p, nil
}
