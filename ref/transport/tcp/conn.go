package tcp

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A conn is a TCP connection that carries frames.
type conn struct {
	nc                                net.Conn
	limit                             int
	local, remote                     wire.Address
	setReadDeadline, setWriteDeadline func(time.Time) error

	in frameReader // of the reading goroutine

	writing chan struct{} // holds one token while a frame is written; guards head, parts, and frame
	head    [transport.FrameHeader]byte
	parts   [2][]byte
	frame   net.Buffers

	mu    sync.Mutex
	ended chan struct{} // closed when err is set
	err   error         // what ended the connection, returned by all later calls; ErrClosed after Close
}

// newConn makes a connection of nc, which it owns.
func newConn(nc net.Conn, cfg Config) *conn {
	return &conn{
		nc:               nc,
		limit:            cfg.limit(),
		local:            numeric(nc.LocalAddr()),
		remote:           numeric(nc.RemoteAddr()),
		setReadDeadline:  nc.SetReadDeadline,
		setWriteDeadline: nc.SetWriteDeadline,
		in:               newFrameReader(nc, cfg.limit()),
		writing:          make(chan struct{}, 1),
		ended:            make(chan struct{}),
	}
}

// Read implements transport.Reader.
func (c *conn) Read(ctx context.Context, p []byte) (int, error) {
	if err := c.ready(ctx); err != nil {
		return 0, err
	}
	done := func() {}
	if c.in.waits(len(p)) {
		done = transport.Interrupt(ctx, c.setReadDeadline)
	}
	n, err := c.in.read(p)
	done()
	if err == nil || errors.Is(err, transport.ErrMoreData) {
		return n, err
	}
	return 0, c.readError(ctx, err)
}

// readError tells what a failed read means (IO-003) and releases the connection unless it can still be used.
func (c *conn) readError(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, transport.ErrMessageTooLong): // TRAN-008
		return c.fail(fmt.Errorf("read: %w", err))
	case c.in.inside() && errors.Is(err, io.EOF): // TRAN-004: not io.EOF, the stream has no end here
		return c.fail(fmt.Errorf("read: %w", transport.ErrTruncated))
	case c.in.inside():
		return c.fail(fmt.Errorf("read: %w: %w", transport.ErrTruncated, err))
	case errors.Is(err, io.EOF):
		return c.unlessEnded(io.EOF) // the other direction may go on
	}
	return c.fail(fmt.Errorf("read: %w", err))
}

// Write implements transport.Writer.
func (c *conn) Write(ctx context.Context, p []byte) error {
	if len(p) > c.limit { // TRAN-005
		return fmt.Errorf("write: %w: %d bytes, limit %d", transport.ErrMessageTooLong, len(p), c.limit)
	}
	if err := c.ready(ctx); err != nil {
		return err
	}
	select {
	case c.writing <- struct{}{}:
		defer func() { <-c.writing }()
	case <-c.ended:
		return c.unlessEnded(nil)
	case <-ctx.Done():
		return ctx.Err()
	}
	binary.BigEndian.PutUint16(c.head[:], uint16(len(p)))
	c.parts = [2][]byte{c.head[:], p}
	c.frame = c.parts[:]
	done := transport.Interrupt(ctx, c.setWriteDeadline)
	n, err := c.frame.WriteTo(c.nc) // TRAN-007: one writev
	done()
	c.parts = [2][]byte{} // p is the caller's
	if err != nil {
		return c.writeError(ctx, err, n)
	}
	return nil
}

// writeError tells what a failed write means. After the first byte of a frame the connection is of no use (REC-003).
func (c *conn) writeError(ctx context.Context, err error, sent int64) error {
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil {
		if sent == 0 {
			return ctx.Err()
		}
		err = c.fail(fmt.Errorf("write: after %d bytes of a frame: %w", sent, transport.ErrGivenUp))
		if errors.Is(err, transport.ErrGivenUp) { // IO-003: a timeout of this call alone
			err = fmt.Errorf("%w: %w", err, ctx.Err())
		}
		return err
	}
	if sent > 0 {
		return c.fail(fmt.Errorf("write: after %d bytes of a frame: %w", sent, err))
	}
	return c.unlessEnded(fmt.Errorf("write: %w", err)) // what has arrived can still be read
}

// ready tells what keeps a call from starting.
func (c *conn) ready(ctx context.Context) error {
	if err := c.unlessEnded(nil); err != nil {
		return err
	}
	return ctx.Err()
}

// unlessEnded returns err, or the error that ended the connection.
func (c *conn) unlessEnded(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	return err
}

// fail ends the connection with err, unless it has ended before, and returns what ended it. The descriptor is released at once.
func (c *conn) fail(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		close(c.ended)
		_ = c.nc.Close() // err says what matters
	}
	return c.err
}

// Limit implements transport.Conn.
func (c *conn) Limit() int { return c.limit }

// LocalAddress implements transport.Conn.
func (c *conn) LocalAddress() wire.Address { return c.local }

// RemoteAddress implements transport.Conn.
func (c *conn) RemoteAddress() wire.Address { return c.remote }

// Close implements transport.Conn. The peer gets what was written, then FIN (CHAN-013). Close takes some milliseconds, and up to a second
// if the peer goes on sending. A peer that sends only later is answered with a reset by most systems, and may lose what it has not
// received by then: an application that needs all of it to arrive waits for the peer's last word before it closes.
func (c *conn) Close() error {
	if c.markClosed() {
		linger(c.nc)
		_ = c.nc.Close() // releases the descriptor and wakes blocked calls (TRAN-022), whatever it says
	}
	return nil
}

// markClosed lets every later call say that the connection is closed. It reports whether that still has to be done.
func (c *conn) markClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.err == nil
	if first {
		close(c.ended)
	}
	c.err = transport.ErrClosed
	return first
}
