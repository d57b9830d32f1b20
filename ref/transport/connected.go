package transport

import (
	"context"
	"fmt"
	"sync/atomic"

	"ockamtest/ref/wire"
)

// Connected makes a connection of a PacketConn that serves one remote address: Read returns only datagrams from there (TRAN-021), one
// message each, whole or in parts (IO-002); others are dropped. It owns pc, and Close closes it. When it reads into a buffer that is
// shorter than its limit, it holds a buffer of that size from then on.
func Connected(pc PacketConn, remote wire.Address) Conn {
	remote = remote.Canonical()
	return &connected{pc: pc, remote: remote, limit: min(pc.Limit(), DatagramLimit(remote))}
}

type connected struct {
	pc     PacketConn
	remote wire.Address
	limit  int
	closed atomic.Bool

	// Of the reading goroutine: a buffer, and what is left of a message that was read in part, nil between two messages.
	buf, rest []byte
}

// Read implements Reader.
func (c *connected) Read(ctx context.Context, p []byte) (int, error) {
	if c.closed.Load() {
		return 0, ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if c.rest == nil {
		if len(p) >= c.pc.Limit() {
			return c.receive(ctx, p)
		}
		if c.buf == nil {
			c.buf = make([]byte, c.pc.Limit())
		}
		n, err := c.receive(ctx, c.buf)
		if err != nil {
			return 0, err
		}
		c.rest = c.buf[:n]
	}
	n := copy(p, c.rest)
	if c.rest = c.rest[n:]; len(c.rest) > 0 {
		return n, ErrMoreData
	}
	c.rest = nil
	return n, nil
}

// receive reads a datagram of the remote address.
func (c *connected) receive(ctx context.Context, p []byte) (int, error) {
	for {
		n, from, err := c.pc.ReadFrom(ctx, p)
		if err != nil {
			return 0, err
		}
		if from.Equal(c.remote) {
			return n, nil
		}
	}
}

// Write implements Writer.
func (c *connected) Write(ctx context.Context, p []byte) error {
	if c.closed.Load() {
		return ErrClosed
	}
	if len(p) > c.limit { // REC-010
		return fmt.Errorf("write: %w", tooLong(len(p), c.limit))
	}
	return c.pc.WriteTo(ctx, p, c.remote)
}

// WriteBatch implements BatchWriter.
func (c *connected) WriteBatch(ctx context.Context, ps [][]byte) error {
	if c.closed.Load() {
		return ErrClosed
	}
	_, err := c.pc.WriteBatchTo(ctx, ps, c.remote)
	return err
}

// Limit implements Conn.
func (c *connected) Limit() int { return c.limit }

// LocalAddress implements Conn.
func (c *connected) LocalAddress() wire.Address { return c.pc.LocalAddress() }

// RemoteAddress implements Conn.
func (c *connected) RemoteAddress() wire.Address { return c.remote }

// Close implements Conn.
func (c *connected) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	return c.pc.Close()
}
