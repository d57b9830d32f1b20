package ref

import (
	"context"

	"ockamtest/ref/router"
	"ockamtest/ref/transport"
)

// write writes what is in the queue, as much as there is at once, until the hop has ended or is finished.
func (h *hop) write(conn transport.Conn, wrote func()) {
	var items []outgoing
	var batch [][]byte
	for {
		var open bool
		if items, open = h.take(items[:0]); len(items) == 0 {
			if !open {
				h.end(transport.ErrClosed)
				return
			}
			select {
			case <-h.wake:
			case <-h.done:
			}
			continue
		}
		batch = batch[:0]
		for _, i := range items {
			if len(i.msg) <= conn.Limit() { // else it would end the batch, and the others are not to suffer (ROUT-006)
				batch = append(batch, i.msg)
			}
		}
		err := writeAll(context.Background(), conn, batch) // end wakes it
		h.recycle(items, conn.Limit(), err)
		clear(items)
		clear(batch)
		if err != nil {
			h.end(err)
			return
		}
		wrote()
	}
}

// take takes messages from the queue. It reports whether there can be more.
func (h *hop) take(items []outgoing) ([]outgoing, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := min(len(h.queue), hopBatch)
	items = append(items, h.queue[:n]...)
	rest := copy(h.queue, h.queue[n:])
	clear(h.queue[rest:])
	h.queue = h.queue[:rest]
	for _, i := range items {
		h.bytes -= len(i.msg)
	}
	if n > 0 && h.room != nil {
		close(h.room)
		h.room = nil
	}
	return items, !h.ended && !h.finishing
}

// recycle counts messages that were forwarded, or lost, and keeps a few buffers for the next.
func (h *hop) recycle(items []outgoing, limit int, err error) {
	for _, i := range items {
		switch {
		case !i.forwarded:
		case len(i.msg) > limit:
			h.metrics.CountDropped(router.TooLong)
		case err != nil:
			h.metrics.CountDropped(router.Unreachable)
		default:
			h.metrics.CountForwarded()
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, i := range items {
		if size := cap(i.msg); !h.ended && h.spared+size <= hopSpare {
			h.spare = append(h.spare, i.msg)
			h.spared += size
		}
	}
}
