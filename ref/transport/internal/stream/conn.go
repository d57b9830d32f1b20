package stream

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A Config configures a Conn.
type Config struct {
	// Limit is the longest message in bytes, either way; see the function Limit.
	Limit int
	// Shared is what the connections of one listener share; nil means that this one has its own.
	Shared *Shared
	// Sealed says that the bytes are those of a secured stream, which tells itself where it ends: any other end is
	// transport.ErrTruncated (TRAN-024), and a write that failed has broken the seal.
	Sealed bool
}

// A Conn is a transport.Conn and a transport.BatchWriter over a byte stream.
type Conn struct {
	nc            net.Conn
	limit         int
	sealed        bool
	shared        *Shared
	local, remote wire.Address
	carrier       carrier

	reading sync.Mutex // guards in and peerEnd; held while a call waits
	in      frameReader
	peerEnd bool // the peer has ended between two frames

	writing chan struct{} // holds one token while a message is written; guards head and parts
	head    [transport.FrameHeader]byte
	parts   [2][]byte

	mu    sync.Mutex
	ended chan struct{} // closed when err is set
	err   error         // what ended the connection, returned by all later calls; ErrClosed after Close
}

var _ transport.BatchWriter = (*Conn)(nil)

// New makes a connection of nc, which it owns.
func New(nc net.Conn, cfg Config) *Conn {
	if cfg.Shared == nil {
		cfg.Shared = new(Shared)
	}
	c := &Conn{
		nc:      nc,
		limit:   Limit(cfg.Limit),
		sealed:  cfg.Sealed,
		shared:  cfg.Shared,
		local:   Numeric(nc.LocalAddr()),
		remote:  Numeric(nc.RemoteAddr()),
		carrier: newCarrier(nc, &cfg.Shared.buffers),
		writing: make(chan struct{}, 1),
		ended:   make(chan struct{}),
	}
	c.in = newFrameReader(c.carrier, c.limit)
	return c
}

// Read implements transport.Reader.
func (c *Conn) Read(ctx context.Context, p []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if err := c.ready(ctx); err != nil {
		return 0, err
	}
	n, err := c.in.read(ctx, p)
	if err == nil || errors.Is(err, transport.ErrMoreData) {
		return n, err
	}
	return 0, c.readError(ctx, err)
}

// readError tells what a failed read means (IO-003) and releases the connection unless it can still be used.
func (c *Conn) readError(ctx context.Context, err error) error {
	end := errors.Is(err, io.EOF)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, transport.ErrMessageTooLong): // TRAN-008
		return c.fail(fmt.Errorf("read: %w", err))
	case end && c.in.inside(): // TRAN-004: not io.EOF, the stream has no end here
		return c.fail(fmt.Errorf("read: %w", transport.ErrTruncated))
	case end:
		c.peerEnd = true
		return c.unlessEnded(io.EOF) // the other direction may go on
	case c.in.inside(), c.sealed: // TRAN-004, TRAN-024
		return c.fail(fmt.Errorf("read: %w: %w", transport.ErrTruncated, err))
	}
	return c.fail(fmt.Errorf("read: %w", err))
}

// Write implements transport.Writer.
func (c *Conn) Write(ctx context.Context, p []byte) error {
	if err := c.checkLength(p); err != nil {
		return err
	}
	if err := c.beginWrite(ctx); err != nil {
		return err
	}
	defer c.endWrite()
	binary.BigEndian.PutUint16(c.head[:], uint16(len(p)))
	c.parts = [2][]byte{c.head[:], p}
	n, err := c.carrier.write(ctx, c.parts[:])
	c.parts = [2][]byte{} // p is the caller's
	if err != nil {
		return c.writeError(ctx, err, n)
	}
	return nil
}

// checkLength refuses what is too long before any byte has left (TRAN-005).
func (c *Conn) checkLength(p []byte) error {
	if len(p) > c.limit {
		return fmt.Errorf("write: %w: %d bytes, limit %d", transport.ErrMessageTooLong, len(p), c.limit)
	}
	return nil
}

// beginWrite waits for its turn to write.
func (c *Conn) beginWrite(ctx context.Context) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	select {
	case c.writing <- struct{}{}:
	case <-c.ended:
		return c.unlessEnded(nil)
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := c.unlessEnded(nil); err != nil { // while it waited
		c.endWrite()
		return err
	}
	return nil
}

func (c *Conn) endWrite() { <-c.writing }

// writeError tells what a failed write means. After the first byte of a frame the connection is of no use (REC-003).
func (c *Conn) writeError(ctx context.Context, err error, sent int) error {
	broken := sent > 0 || c.sealed
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil:
		if !broken {
			return ctx.Err()
		}
		err = c.fail(fmt.Errorf("write: after %d bytes: %w", sent, transport.ErrGivenUp))
		if errors.Is(err, transport.ErrGivenUp) { // IO-003: a timeout of this call alone
			err = fmt.Errorf("%w: %w", err, ctx.Err())
		}
		return err
	case sent > 0:
		return c.fail(fmt.Errorf("write: after %d bytes: %w", sent, err))
	}
	return c.unlessEnded(fmt.Errorf("write: %w", err)) // what has arrived can still be read
}

// ready tells what keeps a call from starting.
func (c *Conn) ready(ctx context.Context) error {
	if err := c.unlessEnded(nil); err != nil {
		return err
	}
	return ctx.Err()
}

// unlessEnded returns err, or the error that ended the connection.
func (c *Conn) unlessEnded(err error) error {
	select {
	case <-c.ended:
	default:
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// fail ends the connection with err, unless it has ended before, and returns what ended it. The descriptor is released at once.
func (c *Conn) fail(err error) error {
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
func (c *Conn) Limit() int { return c.limit }

// LocalAddress implements transport.Conn.
func (c *Conn) LocalAddress() wire.Address { return c.local }

// RemoteAddress implements transport.Conn.
func (c *Conn) RemoteAddress() wire.Address { return c.remote }
