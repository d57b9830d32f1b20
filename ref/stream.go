package ref

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/memory"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A stream is a channel that has a connection for itself, and is on a stream (CHAN-011). It is driven by the calls of its owner: no goroutine
// runs between them, unless a pong cannot leave.
//
// It holds a buffer as large as its recent messages. Its steady state allocates nothing (MEM-003), but for what the connection below
// allocates when a call waits under a context that can end.
type stream struct {
	conn    transport.Conn
	began   time.Time
	limit   int
	answers answerer

	mu  sync.Mutex
	ch  *channel.Channel // guarded by mu once the channel is open
	err error            // guarded by mu: what ended the connection, for the reader; transport.ErrClosed after Close

	reading sync.Mutex // guards the fields below
	in      inbox
	waiting bool   // a message was received and not read to its end
	rest    []byte // what is left of it, in the inbox
	routes  Routes // of that message

	out sealer
}

// now is the time on the channel's clock.
func (c *stream) now() channel.Instant { return channel.Instant(time.Since(c.began)) }

// ReadMessage implements engine.
func (c *stream) ReadMessage(ctx context.Context, p []byte) (int, Routes, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if err := c.ready(ctx); err != nil {
		return 0, Routes{}, err
	}
	for !c.waiting {
		msg, err := c.in.receive(ctx, c.conn)
		if err == nil {
			err = c.handle(ctx, msg)
		} else {
			err = c.receiveError(ctx, err)
		}
		if err != nil {
			return 0, Routes{}, err
		}
	}
	n := copy(p, c.rest)
	if c.rest = c.rest[n:]; len(c.rest) > 0 {
		return n, c.routes, transport.ErrMoreData // IO-002
	}
	routes := c.routes
	c.waiting, c.rest, c.routes = false, nil, Routes{}
	return n, routes, nil
}

// handle hands a received message to the channel. It returns an error if that was fatal.
func (c *stream) handle(ctx context.Context, msg []byte) error {
	c.mu.Lock()
	out, event, err := c.ch.Handle(c.now(), nil, msg)
	failed := c.ch.State() == channel.Failed
	if err == nil && event.Kind == channel.Delivered {
		c.waiting, c.rest, c.routes = true, event.Payload, copyRoutes(event)
	}
	c.mu.Unlock()
	switch {
	case failed:
		return c.end(err)
	case len(out) > 0: // WIRE-010
		c.answers.send(ctx, out)
	}
	return nil // with another error the message was rejected, and nothing has changed
}

// receiveError tells what it means that nothing was received (IO-003).
func (c *stream) receiveError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()), errors.Is(err, memory.ErrOutOfMemory):
		return err // nothing is lost
	case errors.Is(err, io.EOF):
		return c.end(io.EOF)
	}
	return c.end(err)
}

// ready tells what keeps a call from starting.
func (c *stream) ready(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	return ctx.Err()
}

// end fails the channel with err, unless it has ended before, and returns what ended it (CHAN-004). The connection is closed.
func (c *stream) end(err error) error {
	c.mu.Lock()
	if c.err == nil {
		c.err = err
		c.ch.Cancel(err)
	}
	err = c.err
	c.mu.Unlock()
	_ = c.conn.Close() // err says what matters
	return err
}

// Limit implements engine.
func (c *stream) Limit() int { return c.limit }

// onStream implements engine.
func (c *stream) onStream() bool { return true }

// LocalAddress implements engine.
func (c *stream) LocalAddress() wire.Address { return c.conn.LocalAddress() }

// RemoteAddress implements engine.
func (c *stream) RemoteAddress() wire.Address { return c.conn.RemoteAddress() }

// Close implements engine.
func (c *stream) Close() error {
	c.mu.Lock()
	c.err = transport.ErrClosed
	c.mu.Unlock()
	_ = c.conn.Close() // wakes the reader and the writer
	c.reading.Lock()
	c.waiting, c.rest, c.routes = false, nil, Routes{}
	c.in.release()
	c.reading.Unlock()
	c.answers.wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ch.Close()
}
