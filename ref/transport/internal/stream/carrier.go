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
	// read reads n bytes into p and, if that is full then, may read ahead as next does.
	read(ctx context.Context, p []byte, size int) (n int, ahead []byte, err error)
	// write writes all parts, batchParts at most, in one segment if they fit (TRAN-007), and returns how many bytes have left. It may
	// change parts, not what they hold.
	write(ctx context.Context, parts [][]byte) (n int, err error)
}

// newCarrier returns the best carrier for a connection.
func newCarrier(nc net.Conn, buffers *buffers) carrier {
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
	buffers           *buffers
	ahead             []byte // smallBuffer bytes once something was read
	vector            net.Buffers
}

func newPlainCarrier(nc net.Conn, buffers *buffers) *plainCarrier {
	_, vectored := nc.(*net.TCPConn)
	return &plainCarrier{nc: nc, setRead: nc.SetReadDeadline, setWrite: nc.SetWriteDeadline, vectored: vectored, buffers: buffers}
}

func (c *plainCarrier) next(ctx context.Context, _ int) ([]byte, error) {
	if c.ahead == nil {
		c.ahead = make([]byte, smallBuffer)
	}
	n, _, err := c.read(ctx, c.ahead, 0)
	return c.ahead[:n], err
}

// release keeps the buffer: the next read waits with it.
func (c *plainCarrier) release() {}

func (c *plainCarrier) read(ctx context.Context, p []byte, _ int) (int, []byte, error) {
	defer transport.Interrupt(ctx, c.setRead)()
	n, err := c.nc.Read(p)
	if n > 0 {
		return n, nil, nil // an error beside it comes again
	}
	return 0, nil, err
}

func (c *plainCarrier) write(ctx context.Context, parts [][]byte) (int, error) {
	defer transport.Interrupt(ctx, c.setWrite)()
	if !c.vectored {
		return c.writeJoined(parts)
	}
	c.vector = parts
	n, err := c.vector.WriteTo(c.nc) // one writev
	c.vector = nil
	return int(n), err
}

// writeJoined copies the parts together, so that they leave in one record or packet if they fit.
func (c *plainCarrier) writeJoined(parts [][]byte) (sent int, err error) {
	total := 0
	for _, part := range parts {
		total += len(part)
	}
	joined := c.buffers.get(min(sizeFor(total), mediumBuffer))
	defer c.buffers.put(joined)
	used := 0
	for _, part := range parts {
		for len(part) > 0 {
			n := copy(joined[used:], part)
			used, part, total = used+n, part[n:], total-n
			if used < len(joined) && total > 0 {
				continue
			}
			n, err = c.nc.Write(joined[:used])
			if sent, used = sent+n, 0; err != nil {
				return sent, err
			}
		}
	}
	return sent, nil
}
