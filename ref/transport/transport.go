// Package transport defines the message-oriented IO that every channel runs over (specification section 2, area IO, and
// section 3, area TRAN): one write is one message, one completed read is one message. TCP, UDP, a channel, and a
// channel in a channel are the same interface (IO-005).
//
// Datagrams come over a PacketConn. Connected makes a connection of it, with one remote address; Sources makes a listener, with a
// connection for each source (TRAN-021).
//
// It also has the frame codec of TRAN-001, and two networks in memory (TRAN-024): Pipe behaves like TCP, Hub like UDP. Implementations
// live below it (transport/tcp, transport/udp) and pass the contract tests in transport/transporttest.
package transport

import (
	"context"
	"errors"
	"time"

	"ockamtest/ref/wire"
)

// What callers branch on (IO-003). A read at the end of a stream returns io.EOF, one whose context ends returns the context's
// error, and an empty message is (0, nil).
var (
	// ErrMoreData: p is full and the message goes on in the next Read (IO-002).
	ErrMoreData = errors.New("transport: more data")
	// ErrClosed: the connection or listener was closed on this side (TRAN-022).
	ErrClosed = errors.New("transport: closed")
	// ErrTruncated: the stream ended inside a frame (TRAN-004).
	ErrTruncated = errors.New("transport: stream ended inside a frame")
	// ErrMessageTooLong: the message exceeds the limit; on write nothing was sent (TRAN-005), on read the connection
	// has failed (TRAN-008).
	ErrMessageTooLong = errors.New("transport: message too long")
	// ErrGivenUp: the connection has failed, because a write was given up after part of its message had left. That write returns its
	// context's error too; what later calls return is no timeout.
	ErrGivenUp = errors.New("transport: failed by a write that was given up")
)

// A Reader reads messages.
type Reader interface {
	// Read reads the next message, or its next part, into p and returns the number of bytes. It returns nil when the
	// message is complete and ErrMoreData when p was filled and more of the message follows (IO-002). When ctx ends
	// first it returns ctx.Err() and loses nothing (IO-006). One goroutine reads at a time.
	Read(ctx context.Context, p []byte) (n int, err error)
}

// A Writer writes messages.
type Writer interface {
	// Write sends p as one message (IO-001), len(p) from 0 to Limit. It keeps no reference to p. A write that fails
	// after bytes have left, also because ctx ended, fails the connection. Write is safe for concurrent use.
	Write(ctx context.Context, p []byte) error
}

// A Conn is a message connection.
type Conn interface {
	Reader
	Writer

	// Limit is the longest message in bytes that Write accepts.
	Limit() int
	// LocalAddress and RemoteAddress are the transport addresses of the two ends (ROUT-004).
	LocalAddress() wire.Address
	RemoteAddress() wire.Address
	// Close releases the connection; blocked and later calls return ErrClosed. Closing twice is harmless (TRAN-022).
	Close() error
}

// A Listener accepts connections.
type Listener interface {
	// Accept waits for the next connection. It returns ErrClosed after Close (TRAN-021).
	Accept(ctx context.Context) (Conn, error)
	// Address is the address bound, with the port that the system chose.
	Address() wire.Address
	// Close stops accepting and releases the listener; accepted connections stay open. Closing twice is harmless.
	Close() error
}

// A Retry tells how connecting is repeated (TRAN-020). The zero value is one attempt.
type Retry struct {
	// Count is the number of attempts after the first; Forever retries until success or cancellation.
	Count int
	// Interval passes between attempts, not after the last.
	Interval time.Duration
}

// Forever as Retry.Count never gives up.
const Forever = -1
