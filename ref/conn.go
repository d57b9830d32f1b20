package ref

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/memory"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// pongPatience is how long a Read tries to answer a ping, which may be lost.
const pongPatience = time.Second

// Routes are the inner routes of a message (REC-011): Onward is the local address of the peer's application, Return that of the sender's.
// The hops between do not see them, and no node acts on them.
type Routes struct {
	Onward, Return wire.Route
}

// A Conn is an open channel: a private and authenticated message connection. It is a transport.Conn.
//
// It holds a buffer as large as its recent messages. Its steady state allocates nothing (MEM-003), but for what the connection below
// allocates when a call waits under a context that can end.
type Conn struct {
	conn       transport.Conn
	began      time.Time
	limit      int
	peerStatic []byte
	binding    []byte

	mu  sync.Mutex
	ch  *channel.Channel // guarded by mu once the channel is open
	err error            // guarded by mu: what ended the connection, for the reader; transport.ErrClosed after Close

	reading sync.Mutex // guards the fields below
	in      inbox
	waiting bool   // a message was received and not read to its end
	rest    []byte // what is left of it, in the inbox
	routes  Routes // of that message
	pong    []byte // scratch

	writing chan struct{} // holds one token while a message is encrypted and written, so that counters leave in order; guards out
	out     []byte        // scratch
}

var _ transport.Conn = (*Conn)(nil)

// now is the time on the channel's clock.
func (c *Conn) now() channel.Instant { return channel.Instant(time.Since(c.began)) }

// Read implements transport.Reader.
func (c *Conn) Read(ctx context.Context, p []byte) (int, error) {
	n, _, err := c.ReadMessage(ctx, p)
	return n, err
}

// ReadMessage is Read, and returns the inner routes of the message too, with each of its parts (REC-011).
//
// Messages that are no genuine payload do not end it: pings are answered, what the channel rejects is dropped. A record that does not
// verify fails the channel, for it is on a stream and what was sent is lost (REC-005). io.EOF says that the connection ended between
// two messages; that is not authenticated, the last messages may be missing (CHAN-013).
func (c *Conn) ReadMessage(ctx context.Context, p []byte) (int, Routes, error) {
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
func (c *Conn) handle(ctx context.Context, msg []byte) error {
	c.mu.Lock()
	out, event, err := c.ch.Handle(c.now(), c.pong[:0], msg)
	failed := c.ch.State() == channel.Failed
	if err == nil && event.Kind == channel.Delivered {
		// The event is of the channel's scratch, which a pong of a later message may change.
		c.waiting, c.rest = true, event.Payload
		c.routes = Routes{append(wire.Route(nil), event.Onward...), append(wire.Route(nil), event.Return...)}
	}
	c.mu.Unlock()
	switch {
	case err != nil && failed:
		return c.end(err)
	case err != nil:
		return nil // rejected: nothing has changed
	}
	if len(out) > 0 { // WIRE-010
		c.pong = out[:0]
		short, cancel := context.WithTimeout(ctx, pongPatience)
		defer cancel()
		_ = c.conn.Write(short, out) // if the connection has failed the next read says so
	}
	return nil
}

// receiveError tells what it means that nothing was received (IO-003).
func (c *Conn) receiveError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()), errors.Is(err, memory.ErrOutOfMemory):
		return err // nothing is lost
	case errors.Is(err, io.EOF):
		return c.end(io.EOF)
	}
	return c.end(err)
}

// Write implements transport.Writer. When ctx ends while the message leaves, or the connection fails, the channel has failed: the counter
// of the message is spent (REC-003). Later calls return transport.ErrGivenUp in the first case.
func (c *Conn) Write(ctx context.Context, p []byte) error { return c.WriteMessage(ctx, p, Routes{}) }

// WriteMessage is Write with inner routes (REC-011), which take room from Limit. A message that is refused, because it is too long, the
// profile has no routes, or all counters are spent (key.ErrCounterExhausted), changes nothing.
func (c *Conn) WriteMessage(ctx context.Context, p []byte, routes Routes) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	select {
	case c.writing <- struct{}{}:
		defer func() { <-c.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	c.mu.Lock()
	out, err := c.ch.WriteRouted(c.out[:0], p, routes.Onward, routes.Return)
	failed := c.ch.State() == channel.Failed
	c.mu.Unlock()
	switch {
	case err != nil && failed:
		return c.end(err)
	case errors.Is(err, channel.ErrClosed):
		return transport.ErrClosed
	case errors.Is(err, channel.ErrTooLong):
		return fmt.Errorf("%w: %w", transport.ErrMessageTooLong, err)
	case err != nil:
		return err
	}
	c.out = out[:0]
	if err := c.conn.Write(ctx, out); err != nil {
		return c.unsent(ctx, err)
	}
	return nil
}

// unsent fails the channel, for the counter of a message is spent that did not leave (REC-003). When ctx has ended that is a timeout of
// this call, and of no later one (IO-003).
func (c *Conn) unsent(ctx context.Context, err error) error {
	if ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
		return c.end(err)
	}
	ended := c.end(fmt.Errorf("write: %w", transport.ErrGivenUp))
	if errors.Is(ended, transport.ErrGivenUp) {
		return fmt.Errorf("%w: %w", ended, ctx.Err())
	}
	return ended
}

// ready tells what keeps a call from starting.
func (c *Conn) ready(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	return ctx.Err()
}

// end fails the channel with err, unless it has ended before, and returns what ended it (CHAN-004). The connection is closed.
func (c *Conn) end(err error) error {
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

// Limit implements transport.Conn: the longest message in bytes that Write takes, which is what the connection below takes less the
// channel's overhead (CHAN-008).
func (c *Conn) Limit() int { return c.limit }

// LocalAddress implements transport.Conn: the address of the connection below.
func (c *Conn) LocalAddress() wire.Address { return c.conn.LocalAddress() }

// RemoteAddress implements transport.Conn: the address of the connection below.
func (c *Conn) RemoteAddress() wire.Address { return c.conn.RemoteAddress() }

// PeerStatic returns a copy of the peer's static public key, which the policy has accepted (NOISE-011).
func (c *Conn) PeerStatic() []byte { return bytes.Clone(c.peerStatic) }

// ChannelBinding returns a copy of the final handshake hash, 32 bytes, the same on both ends and for no other channel (NOISE-014).
func (c *Conn) ChannelBinding() []byte { return bytes.Clone(c.binding) }

// Close implements transport.Conn. The connection below is closed after what was written; nothing tells the peer on the channel's level
// (CHAN-013). The keys are destroyed; an error is the vault's, and closing again tries again.
func (c *Conn) Close() error {
	c.mu.Lock()
	c.err = transport.ErrClosed
	c.mu.Unlock()
	_ = c.conn.Close() // wakes the reader and the writer
	c.reading.Lock()
	c.waiting, c.rest, c.routes = false, nil, Routes{}
	c.in.release()
	c.reading.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ch.Close()
}
