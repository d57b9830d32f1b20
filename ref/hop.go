package ref

import (
	"bytes"
	"errors"
	"sync"
	"sync/atomic"

	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

const (
	// hopQueue is how many messages, and hopBytes how many bytes, wait for a connection that is slow or is being made (ROUT-006).
	hopQueue = 256
	hopBytes = 1 << 20
	// hopSpare is how many bytes of buffers a hop keeps for the next messages.
	hopSpare = 16 << 10
	// hopBatch is how many messages leave in one write.
	hopBatch = 64
)

// What ends a hop beside errors of its connection.
var (
	errEvicted  = errors.New("ref: idle connection gave way to a new one")
	errReplaced = errors.New("ref: connection was replaced by another with the same address")
)

// A hop is a node's connection to a TCP address, live or being made (ROUT-004: one for each remote address, kept, used both ways, in
// order). What leaves over it waits in a bounded queue, so that it delays nothing else (ROUT-006).
type hop struct {
	remote  wire.Address
	dialled bool // this end has made the connection, or is making it
	metrics router.Metrics
	used    atomic.Int64  // when something was last received or sent, on the node's clock
	ready   chan struct{} // closed when the connection is made, or the hop has ended
	done    chan struct{} // closed when the hop has ended
	wake    chan struct{} // holds a token when the writer may have something to do

	local atomic.Pointer[wire.Address] // of this end, as messages say it; nil as long as messages that are forwarded have to wait

	mu        sync.Mutex
	conn      transport.Conn // guarded by mu; nil while it is being made
	pending   []pending      // guarded by mu
	queue     []outgoing     // guarded by mu
	bytes     int            // guarded by mu: of both
	room      chan struct{}  // guarded by mu: closed when there is room again; nil if nobody waits for that
	spare     [][]byte       // guarded by mu: buffers
	spared    int            // guarded by mu: their bytes
	finishing bool           // guarded by mu: nothing is queued any more
	ended     bool           // guarded by mu
	err       error          // guarded by mu: what ended it
}

// A pending is a message that is to be forwarded over a connection that is being made: its routes are written when that one's address is
// known.
type pending struct {
	link wire.Link // over which it came
	msg  []byte
}

// An outgoing is a message that waits to be written.
type outgoing struct {
	msg       []byte
	forwarded bool // it counts when it has left; else it is a message of the node's own
}

// A placement is what became of a message that was to be queued.
type placement int

const (
	queued placement = iota
	full             // there is no room
	live             // the connection is made, nothing has to wait for that
	gone             // the hop takes nothing any more
)

func newHop(remote wire.Address, metrics router.Metrics) *hop {
	return &hop{
		remote: remote, metrics: metrics,
		ready: make(chan struct{}), done: make(chan struct{}), wake: make(chan struct{}, 1),
	}
}

// isFull reports whether there is no room for a message. h.mu is held.
func (h *hop) isFull(size int) bool {
	waiting := len(h.queue) + len(h.pending)
	return waiting >= hopQueue || waiting > 0 && h.bytes+size > hopBytes
}

// await keeps a copy of a message that is to be forwarded until the connection is made.
func (h *hop) await(link wire.Link, msg []byte) placement {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.ended, h.finishing:
		return gone
	case h.local.Load() != nil:
		return live
	case h.isFull(len(msg)):
		return full
	}
	h.pending = append(h.pending, pending{link, bytes.Clone(msg)})
	h.bytes += len(msg)
	return queued
}

// put queues a copy of a message. If there is no room it returns a channel that is closed when there is.
func (h *hop) put(msg []byte, forwarded bool) (placement, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.ended, h.finishing:
		return gone, nil
	case h.isFull(len(msg)):
		if h.room == nil {
			h.room = make(chan struct{})
		}
		return full, h.room
	}
	var buf []byte
	if last := len(h.spare) - 1; last >= 0 {
		buf, h.spare[last] = h.spare[last], nil
		h.spare, h.spared = h.spare[:last], h.spared-cap(buf)
	}
	h.queue = append(h.queue, outgoing{append(buf[:0], msg...), forwarded})
	h.bytes += len(msg)
	signal(h.wake)
	return queued, nil
}

// connected takes the connection over. It is false if the hop has ended.
func (h *hop) connected(conn transport.Conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return false
	}
	h.conn = conn
	return true
}

// waited takes what has waited for the connection. When there is nothing more the hop is live: what comes now does not overtake it.
func (h *hop) waited(local wire.Address) []pending {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.pending
	for _, p := range all {
		h.bytes -= len(p.msg)
	}
	if h.pending = nil; len(all) == 0 && !h.ended {
		h.local.Store(&local)
		close(h.ready)
	}
	return all
}

// finish lets what is queued leave, and takes nothing more. A connection that is not made yet is given up.
func (h *hop) finish() {
	h.mu.Lock()
	h.finishing = true
	connected := h.conn != nil
	if h.room != nil {
		close(h.room)
		h.room = nil
	}
	h.mu.Unlock()
	if signal(h.wake); !connected {
		h.end(transport.ErrClosed)
	}
}

// end ends the hop: its connection is closed, and what waits is lost.
func (h *hop) end(err error) {
	pending, queue, conn := h.abandon(err)
	if conn != nil {
		_ = conn.Close() // err says why
	}
	for range pending {
		h.metrics.CountDropped(router.Unreachable)
	}
	for _, o := range queue {
		if o.forwarded {
			h.metrics.CountDropped(router.Unreachable)
		}
	}
}

// abandon is end that returns what waits, and the connection to be closed, if there is one.
func (h *hop) abandon(err error) ([]pending, []outgoing, transport.Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return nil, nil, nil
	}
	h.ended, h.err = true, err
	pending, queue := h.pending, h.queue
	h.pending, h.queue, h.bytes, h.spare, h.spared = nil, nil, 0, nil, 0
	close(h.done)
	if h.local.Load() == nil {
		close(h.ready)
	}
	if h.room != nil {
		close(h.room)
		h.room = nil
	}
	return pending, queue, h.conn
}

// inherit takes over what waits at another hop for a connection to be made, which is not needed any more. One that is connected finishes. h is
// not used by others yet. It returns the other's connection if that is to be closed, else nil.
func (h *hop) inherit(other *hop) transport.Conn {
	other.mu.Lock()
	connected := other.conn != nil
	other.mu.Unlock()
	if connected && other.dialled {
		other.finish()
		return nil
	}
	pending, queue, conn := other.abandon(errReplaced)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pending, h.queue = append(h.pending, pending...), append(h.queue, queue...)
	for _, p := range pending {
		h.bytes += len(p.msg)
	}
	for _, o := range queue {
		h.bytes += len(o.msg)
	}
	return conn
}

// cause is what ended the hop.
func (h *hop) cause() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

// limit is the longest message in bytes that the connection carries, 0 if that is not known yet.
func (h *hop) limit() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conn == nil {
		return 0
	}
	return h.conn.Limit()
}
