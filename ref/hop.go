package ref

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

const (
	// hopQueue is how many messages, and hopBytes how many bytes, wait for a connection that is slow or is being made (ROUT-006).
	hopQueue = 256
	hopBytes = 1 << 20
	// hopBuffer is the largest buffer that a hop keeps for the next message, in bytes.
	hopBuffer = 8 << 10
	// hopBatch is how many messages leave in one write.
	hopBatch = 64
)

// A hop is a node's connection to a TCP address, live or being made (ROUT-004: one for each remote address, kept, used both ways, in
// order). What leaves over it waits in a bounded queue, so that it delays nothing else (ROUT-006).
type hop struct {
	remote wire.Address
	ready  chan struct{} // closed when conn is set, or the hop has ended
	used   atomic.Int64  // when it last received or sent something, on the node's clock

	mu      sync.Mutex
	conn    transport.Conn // guarded by mu; nil while it is being made
	ended   bool           // guarded by mu
	pending []pending      // guarded by mu: messages that wait for the connection to be made
	queue   [][]byte       // guarded by mu: messages that wait to be written
	bytes   int            // guarded by mu: of both
	free    [][]byte       // guarded by mu: buffers
	wake    chan struct{}  // holds a token when the queue may have something
}

// A pending is a message whose next hop is not connected yet.
type pending struct {
	link wire.Link // over which it came
	msg  []byte
	// forward: its routes are written when there is a connection, with that one's address. Else it is a message of the node's own.
	forward bool
}

func newHop(remote wire.Address) *hop {
	return &hop{remote: remote, ready: make(chan struct{}), wake: make(chan struct{}, 1)}
}

// local is the address of this end, zero until there is a connection.
func (h *hop) local() wire.Address {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conn == nil {
		return wire.Address{}
	}
	return h.conn.LocalAddress()
}

// await keeps a copy of a message until the connection is made. It is false if the queue is full or the hop has ended, and told apart if
// the connection is there by now.
func (h *hop) await(p pending) (kept, connected bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.ended:
		return false, false
	case h.conn != nil:
		return false, true
	case len(h.pending) >= hopQueue, h.bytes+len(p.msg) > hopBytes:
		return false, false
	}
	p.msg = bytes.Clone(p.msg)
	h.pending = append(h.pending, p)
	h.bytes += len(p.msg)
	return true, false
}

// connected takes the connection over and returns what has waited for it. It is false if the hop has ended.
func (h *hop) connected(conn transport.Conn) ([]pending, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return nil, false
	}
	h.conn = conn
	waited := h.pending
	h.pending, h.bytes = nil, 0
	close(h.ready)
	return waited, true
}

// enqueue copies a message into the queue. It is false if the queue is full or the connection has ended.
func (h *hop) enqueue(msg []byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended || len(h.queue) >= hopQueue || len(h.queue) > 0 && h.bytes+len(msg) > hopBytes {
		return false
	}
	var buf []byte
	if n := len(h.free); n > 0 {
		buf, h.free = h.free[n-1][:0], h.free[:n-1]
	}
	h.queue = append(h.queue, append(buf, msg...))
	h.bytes += len(msg)
	signal(h.wake)
	return true
}

// write writes what is in the queue, as much as there is at once, until ctx or the connection ends.
func (h *hop) write(ctx context.Context) error {
	batch := make([][]byte, 0, hopBatch)
	for {
		batch = h.take(batch[:0])
		if len(batch) == 0 {
			select {
			case <-h.wake:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := transport.WriteBatch(ctx, h.conn, batch); err != nil {
			return err
		}
		h.recycle(batch)
	}
}

// take takes messages from the queue.
func (h *hop) take(batch [][]byte) [][]byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := min(len(h.queue), cap(batch))
	batch = append(batch, h.queue[:n]...)
	rest := copy(h.queue, h.queue[n:])
	clear(h.queue[rest:])
	h.queue = h.queue[:rest]
	for _, b := range batch {
		h.bytes -= len(b)
	}
	return batch
}

// recycle keeps a few buffers for the next messages.
func (h *hop) recycle(batch [][]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, b := range batch {
		if len(h.free) < hopBatch && cap(b) <= hopBuffer {
			h.free = append(h.free, b)
		}
	}
}

// end ends the hop: nothing is queued any more, and its connection is closed. It returns how many messages were lost.
func (h *hop) end() (lost int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return 0
	}
	h.ended = true
	lost = len(h.pending) + len(h.queue)
	h.pending, h.queue, h.free, h.bytes = nil, nil, nil, 0
	if h.conn == nil {
		close(h.ready)
	} else {
		_ = h.conn.Close() // the reader tells why
	}
	return lost
}
