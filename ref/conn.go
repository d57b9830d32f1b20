package ref

import (
	"bytes"
	"context"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// Routes are the inner routes of a message (REC-011): Onward is the local address of the peer's application, Return that of the sender's.
// The hops between do not see them, and no node acts on them.
type Routes struct {
	Onward, Return wire.Route
}

// A Conn is an open channel: a private and authenticated message connection. It is a transport.Conn and a transport.BatchWriter, whatever
// it runs over (IO-005).
//
// On a stream messages arrive in order and without gaps, or the channel fails. On datagrams (CHAN-011) they may be lost or come in another
// order, never twice and never changed; the peer's end is not seen (CHAN-013).
type Conn struct {
	engine

	peerStatic []byte
	binding    []byte
}

var (
	_ transport.Conn        = (*Conn)(nil)
	_ transport.BatchWriter = (*Conn)(nil)
)

// An engine runs an open channel: a stream or datagrams. Its methods are those of Conn.
type engine interface {
	ReadMessage(ctx context.Context, p []byte) (int, Routes, error)
	WriteMessage(ctx context.Context, p []byte, routes Routes) error
	WriteBatch(ctx context.Context, ps [][]byte) error
	Limit() int
	LocalAddress() wire.Address
	RemoteAddress() wire.Address
	Close() error
	// onStream tells what a channel over this one is on (CHAN-011).
	onStream() bool
}

// Read implements transport.Reader.
func (c *Conn) Read(ctx context.Context, p []byte) (int, error) {
	n, _, err := c.ReadMessage(ctx, p)
	return n, err
}

// ReadMessage is Read, and returns the inner routes of the message too, with each of its parts (REC-011).
//
// Messages that are no genuine payload do not end it: pings are answered, what the channel rejects is dropped. On a stream a record that
// does not verify fails the channel, for what was sent is lost (REC-005), and io.EOF says that the connection ended between two
// messages; that is not authenticated, the last messages may be missing (CHAN-013).
func (c *Conn) ReadMessage(ctx context.Context, p []byte) (int, Routes, error) {
	return c.engine.ReadMessage(ctx, p)
}

// Write implements transport.Writer. On a stream, when ctx ends while the message leaves, or the connection fails, the channel has failed:
// the counter of the message is spent (REC-003). Later calls return transport.ErrGivenUp in the first case.
func (c *Conn) Write(ctx context.Context, p []byte) error { return c.WriteMessage(ctx, p, Routes{}) }

// WriteMessage is Write with inner routes (REC-011), which take room from Limit. A message that is refused, because it is too long, the
// profile has no routes, or all counters are spent (key.ErrCounterExhausted), changes nothing.
func (c *Conn) WriteMessage(ctx context.Context, p []byte, routes Routes) error {
	return c.engine.WriteMessage(ctx, p, routes)
}

// WriteBatch implements transport.BatchWriter: each of ps is one message, encrypted and sent together with the others, which costs a
// fraction of as many Writes. Messages before one that is refused have been sent.
func (c *Conn) WriteBatch(ctx context.Context, ps [][]byte) error {
	return c.engine.WriteBatch(ctx, ps)
}

// Limit implements transport.Conn: the longest message in bytes that Write takes, which is what the IO below takes less the
// channel's overhead (CHAN-008).
func (c *Conn) Limit() int { return c.engine.Limit() }

// LocalAddress implements transport.Conn: the address of the connection or socket below.
func (c *Conn) LocalAddress() wire.Address { return c.engine.LocalAddress() }

// RemoteAddress implements transport.Conn: the address of the other end of the connection below; on datagrams that of the first hop.
func (c *Conn) RemoteAddress() wire.Address { return c.engine.RemoteAddress() }

// PeerStatic returns a copy of the peer's static public key, which the policy has accepted (NOISE-011).
func (c *Conn) PeerStatic() []byte { return bytes.Clone(c.peerStatic) }

// ChannelBinding returns a copy of the final handshake hash, 32 bytes, the same on both ends and for no other channel (NOISE-014).
func (c *Conn) ChannelBinding() []byte { return bytes.Clone(c.binding) }

// Close implements transport.Conn. On a stream the connection below is closed after what was written; nothing tells the peer on the
// channel's level (CHAN-013). The keys are destroyed; an error is the vault's, and closing again tries again.
func (c *Conn) Close() error { return c.engine.Close() }
