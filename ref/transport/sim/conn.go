package sim

import (
	"context"
	"fmt"
	"io"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A conn is one end of a stream. Messages that the other end has not read count against its buffer, those under way included; that they
// were read is known here at once.
type conn struct {
	net           *Internet
	local, remote wire.Address
	cfg           SocketConfig

	settled chan struct{} // closed: a stream that is dialled is open or failed
	gone    chan struct{} // closed: the stream is broken
	closed  chan struct{} // closed: Close was called
	room    chan struct{} // holds a token when somebody may write

	// Guarded by the Internet's lock.
	box    mailbox
	unread int  // cost of what the other end has not read
	ended  bool // the other end sends no more
	failed error

	// Of the reading goroutine: the message that was read in part, and what is left of it.
	msg, rest []byte
	inside    bool
}

// newConn makes one end and registers it. The Internet's lock is held.
func (i *Internet) newConn(local, remote wire.Address, cfg SocketConfig) *conn {
	c := &conn{
		net: i, local: local, remote: remote, cfg: cfg, box: newMailbox(0),
		settled: make(chan struct{}), gone: make(chan struct{}), closed: make(chan struct{}), room: make(chan struct{}, 1),
	}
	i.conns[pair{local, remote}] = c
	return c
}

// receive takes what arrives. The Internet's lock is held.
func (c *conn) receive(a Arrival) {
	switch a.Kind {
	case Message:
		c.box.push(a.From, a.Data)
		return
	case Opened:
		c.settle()
	case Ended:
		c.ended = true
	case Broken:
		c.fail()
	}
	c.box.notify()
}

// settle says that the stream is open or failed.
func (c *conn) settle() {
	if !isClosed(c.settled) {
		close(c.settled)
	}
}

// fail breaks the connection.
func (c *conn) fail() {
	if c.failed != nil {
		return
	}
	c.failed = ErrReset
	if !isClosed(c.settled) {
		c.failed = ErrRefused
	}
	c.settle()
	close(c.gone)
}

// Read implements transport.Reader.
func (c *conn) Read(ctx context.Context, p []byte) (int, error) {
	for !c.inside {
		wait, err := c.next(ctx)
		if err != nil {
			return 0, err
		}
		if !wait {
			break
		}
		select {
		case <-c.box.arrived:
		case <-c.closed:
		case <-ctx.Done():
		}
	}
	if isClosed(c.closed) {
		return 0, transport.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n := copy(p, c.rest)
	if c.rest = c.rest[n:]; len(c.rest) > 0 {
		return n, transport.ErrMoreData // IO-002
	}
	c.read()
	return n, nil
}

// next takes a message that has arrived. It reports whether there is none yet.
func (c *conn) next(ctx context.Context) (wait bool, err error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	switch {
	case isClosed(c.closed):
		return false, transport.ErrClosed
	case ctx.Err() != nil:
		return false, ctx.Err()
	}
	l, ok := c.box.pop()
	switch {
	case ok:
		c.msg, c.rest, c.inside = l.data, l.data, true
		return false, nil
	case c.ended: // CHAN-013: what was written comes first
		return false, io.EOF
	case c.failed != nil:
		return false, fmt.Errorf("read: %w", c.failed)
	}
	return true, nil
}

// read lets the other end write as much as was read.
func (c *conn) read() {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	c.credit(cost(len(c.msg)))
	if !isClosed(c.closed) {
		c.box.recycle(c.msg)
	}
	c.msg, c.rest, c.inside = nil, nil, false
}

// credit tells the other end what was read or dropped.
func (c *conn) credit(n int) {
	if other := c.net.conns[pair{c.remote, c.local}]; other != nil {
		other.unread -= n
		signal(other.room)
	}
}

// Write implements transport.Writer.
func (c *conn) Write(ctx context.Context, p []byte) error {
	if len(p) > c.cfg.Limit { // TRAN-005
		return fmt.Errorf("write: %w: %d bytes, limit %d", transport.ErrMessageTooLong, len(p), c.cfg.Limit)
	}
	for {
		wait, err := c.send(ctx, p)
		if !wait {
			return err
		}
		select {
		case <-c.room:
		case <-c.gone:
		case <-c.closed:
		case <-ctx.Done():
		}
	}
}

// send sends a message. It reports whether there is no room for it.
func (c *conn) send(ctx context.Context, p []byte) (wait bool, err error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	switch {
	case isClosed(c.closed):
		return false, transport.ErrClosed
	case ctx.Err() != nil:
		signal(c.room) // another may go on
		return false, ctx.Err()
	case c.failed != nil:
		return false, fmt.Errorf("write: %w", c.failed)
	case c.unread > 0 && c.unread+cost(len(p)) > c.cfg.Buffer:
		return true, nil
	}
	c.unread += cost(len(p))
	signal(c.room) // there may be room for another
	c.net.network.Send(c.net.now(), c.local, c.remote, p)
	c.net.step()
	return false, nil
}

// Limit implements transport.Conn.
func (c *conn) Limit() int { return c.cfg.Limit }

// LocalAddress implements transport.Conn.
func (c *conn) LocalAddress() wire.Address { return c.local }

// RemoteAddress implements transport.Conn.
func (c *conn) RemoteAddress() wire.Address { return c.remote }

// Close implements transport.Conn. What was written arrives (CHAN-013).
func (c *conn) Close() error {
	c.shut(c.net.network.End)
	return nil
}

// abort closes the connection as one that is broken.
func (c *conn) abort() { c.shut(c.net.network.Abort) }

func (c *conn) shut(tell func(now time.Duration, from, to wire.Address)) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if isClosed(c.closed) {
		return
	}
	close(c.closed)
	c.credit(c.box.clear())
	delete(c.net.conns, pair{c.local, c.remote})
	if c.failed == nil {
		tell(c.net.now(), c.local, c.remote)
	}
	c.net.step()
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
