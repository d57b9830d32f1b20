package transport

import (
	"context"
	"fmt"
	"sync"

	"ockamtest/ref/wire"
)

// A source is the connection with one address that sends to a socket.
type source struct {
	of     *sources
	remote wire.Address
	limit  int
	ready  chan struct{} // holds a token when there may be a message
	ended  chan struct{} // closed when err is set

	mu    sync.Mutex
	queue queue
	err   error // what ended the connection; ErrClosed after Close

	// Of sources, whose lock guards it: where the source stands.
	in         *order
	prev, next *source
}

func newSource(s *sources, remote wire.Address) *source {
	return &source{
		of:     s,
		remote: remote,
		limit:  min(s.pc.Limit(), DatagramLimit(remote)),
		ready:  make(chan struct{}, 1),
		ended:  make(chan struct{}),
		queue:  newQueue(s.cfg.Messages, s.cfg.Bytes),
	}
}

// push queues a message, or drops it.
func (c *source) push(msg []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || !c.queue.push(msg) {
		return
	}
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// end ends the connection with err.
func (c *source) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		close(c.ended)
		c.queue = queue{}
	}
	c.err = err
}

// Read implements Reader.
func (c *source) Read(ctx context.Context, p []byte) (int, error) {
	for {
		n, ok, err := c.take(ctx, p)
		if ok || err != nil {
			return n, err
		}
		select {
		case <-c.ready:
		case <-c.ended:
		case <-ctx.Done(): // IO-006: nothing was taken
		}
	}
}

// take reads the next part of a message, if there is one.
func (c *source) take(ctx context.Context, p []byte) (n int, ok bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, false, c.err
	}
	if err := ctx.Err(); err != nil {
		return 0, false, err
	}
	n, more, ok := c.queue.pop(p)
	if more {
		return n, ok, ErrMoreData
	}
	return n, ok, nil
}

// Write implements Writer.
func (c *source) Write(ctx context.Context, p []byte) error {
	if err := c.using(); err != nil {
		return err
	}
	if len(p) > c.limit { // REC-010
		return fmt.Errorf("write: %w", tooLong(len(p), c.limit))
	}
	return c.of.pc.WriteTo(ctx, p, c.remote)
}

// WriteBatch implements BatchWriter.
func (c *source) WriteBatch(ctx context.Context, ps [][]byte) error {
	if err := c.using(); err != nil {
		return err
	}
	_, err := c.of.pc.WriteBatchTo(ctx, ps, c.remote)
	return err
}

// using takes note of a write, and tells what keeps it from starting.
func (c *source) using() error {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.of.used(c)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Limit implements Conn.
func (c *source) Limit() int { return c.limit }

// LocalAddress implements Conn.
func (c *source) LocalAddress() wire.Address { return c.of.pc.LocalAddress() }

// RemoteAddress implements Conn.
func (c *source) RemoteAddress() wire.Address { return c.remote }

// Close implements Conn. What the source sends afterwards makes a new connection.
func (c *source) Close() error {
	c.of.leave(c)
	c.end(ErrClosed) // after which nothing else ends it
	return c.of.release()
}
