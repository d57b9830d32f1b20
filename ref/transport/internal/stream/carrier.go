package stream

import (
	"context"
	"net"
	"time"

	"ockamtest/ref/transport"
)

// A carrier moves the bytes of a stream. A call that has to wait ends with its context, with os.ErrDeadlineExceeded; so does every call
// once the deadlines of its connection have passed. One goroutine reads and one writes at a time.
type carrier interface {
	// next waits for bytes and returns them in a buffer of the carrier's, one of size bytes if it has such. They are valid until release.
	next(ctx context.Context, size int) ([]byte, error)
	// release takes back what next returned.
	release()
	// read is io.Reader.
	read(ctx context.Context, p []byte) (n int, err error)
	// write writes a and b, in one segment if they fit (TRAN-007), and returns how many bytes have left.
	write(ctx context.Context, a, b []byte) (n int, err error)
}

// newCarrier returns the best carrier for a connection.
func newCarrier(nc net.Conn, buffers *Buffers) carrier {
	if c := newPollCarrier(nc, buffers); c != nil {
		return c
	}
	return newPlainCarrier(nc, buffers)
}

// A plainCarrier works on every net.Conn. Only closing or a deadline ends its blocked calls, and they pin the buffer they read into.
type plainCarrier struct {
	nc                net.Conn
	setRead, setWrite func(time.Time) error
	vectored          bool // the connection writes several buffers at once
	buffers           *Buffers
	ahead             []byte // smallBuffer bytes once something was read
	parts             [2][]byte
	vector            net.Buffers
}

func newPlainCarrier(nc net.Conn, buffers *Buffers) *plainCarrier {
	_, vectored := nc.(*net.TCPConn)
	return &plainCarrier{nc: nc, setRead: nc.SetReadDeadline, setWrite: nc.SetWriteDeadline, vectored: vectored, buffers: buffers}
}

func (c *plainCarrier) next(ctx context.Context, _ int) ([]byte, error) {
	if c.ahead == nil {
		c.ahead = make([]byte, smallBuffer)
	}
	n, err := c.read(ctx, c.ahead)
	return c.ahead[:n], err
}

// release keeps the buffer: the next read waits with it.
func (c *plainCarrier) release() {}

func (c *plainCarrier) read(ctx context.Context, p []byte) (int, error) {
	defer transport.Interrupt(ctx, c.setRead)()
	n, err := c.nc.Read(p)
	if n > 0 {
		return n, nil // an error beside it comes again
	}
	return 0, err
}

func (c *plainCarrier) write(ctx context.Context, a, b []byte) (int, error) {
	defer transport.Interrupt(ctx, c.setWrite)()
	if !c.vectored {
		return c.writeJoined(a, b)
	}
	c.parts = [2][]byte{a, b}
	c.vector = c.parts[:]
	n, err := c.vector.WriteTo(c.nc) // one writev
	c.parts = [2][]byte{}            // they are the caller's
	return int(n), err
}

// writeJoined copies the head of b behind a, so that they leave in one record or packet.
func (c *plainCarrier) writeJoined(a, b []byte) (int, error) {
	if len(b) == 0 {
		return c.nc.Write(a)
	}
	joined := c.buffers.get(largeBuffer)
	defer c.buffers.put(joined)
	m := copy(joined, a)
	m += copy(joined[m:], b)
	n, err := c.nc.Write(joined[:m])
	if rest := b[m-len(a):]; err == nil && len(rest) > 0 {
		m, err = c.nc.Write(rest)
		n += m
	}
	return n, err
}
