package transport

import (
	"context"
	"fmt"
	"io"
	"sync"

	"ockamtest/ref/wire"
)

// DefaultPipeQueue is how many messages a direction of a pipe holds unless told otherwise.
const DefaultPipeQueue = 16

// A PipeConfig configures a Pipe. Its zero value is a pipe between the TCP addresses 127.0.0.1:1 and 127.0.0.1:2.
type PipeConfig struct {
	// Limit is the longest message in bytes; 0 means MaxFrame.
	Limit int
	// Queue is how many messages a direction holds before Write blocks; 0 means DefaultPipeQueue.
	Queue int
	// Addresses of the first and of the second end; a zero wire.Address means the default.
	Addresses [2]wire.Address
}

// Pipe returns the two ends of an in-memory connection that behaves like TCP (TRAN-024): messages arrive whole and in order, the
// queue is bounded, and after one end is closed the other reads what was written and then io.EOF. It never fails inside a
// message. Its steady state allocates nothing. All waiting is on channels, so that it runs in virtual time (testing/synctest).
func Pipe(cfg PipeConfig) (Conn, Conn) {
	if cfg.Limit <= 0 || cfg.Limit > MaxFrame {
		cfg.Limit = MaxFrame
	}
	if cfg.Queue <= 0 {
		cfg.Queue = DefaultPipeQueue
	}
	for i, a := range cfg.Addresses {
		if a == (wire.Address{}) {
			cfg.Addresses[i] = wire.TCPAddress4([4]byte{127, 0, 0, 1}, uint16(i+1))
		}
	}
	forth, back := newPipeHalf(cfg.Queue), newPipeHalf(cfg.Queue)
	a := &pipeConn{limit: cfg.Limit, local: cfg.Addresses[0], remote: cfg.Addresses[1], in: back, out: forth}
	b := &pipeConn{limit: cfg.Limit, local: cfg.Addresses[1], remote: cfg.Addresses[0], in: forth, out: back}
	return a, b
}

// A pipeHalf is one direction. Buffers go round: the writer takes one from free, the reader puts it back.
type pipeHalf struct {
	queue chan []byte // written and not read; as long as there are buffers, so that sending on it never blocks
	free  chan []byte

	mu     sync.Mutex    // orders the last write before the end
	ended  chan struct{} // closed: no more writes
	noRead chan struct{} // closed: nobody reads any more
}

func newPipeHalf(n int) *pipeHalf {
	h := &pipeHalf{
		queue:  make(chan []byte, n),
		free:   make(chan []byte, n),
		ended:  make(chan struct{}),
		noRead: make(chan struct{}),
	}
	for range n {
		h.free <- nil
	}
	return h
}

// push queues a full buffer, unless the direction has ended.
func (h *pipeHalf) push(msg []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if isClosed(h.ended) {
		return ErrClosed
	}
	h.queue <- msg
	return nil
}

func (h *pipeHalf) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.ended)
}

type pipeConn struct {
	limit         int
	local, remote wire.Address
	in, out       *pipeHalf
	close         sync.Once

	// Of the reading goroutine: the buffer of the message that was read in part, and what is left of it.
	msg, rest []byte
}

// Read implements Reader.
func (c *pipeConn) Read(ctx context.Context, p []byte) (int, error) {
	if isClosed(c.in.noRead) {
		return 0, ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if c.msg == nil {
		if err := c.next(ctx); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.rest)
	if c.rest = c.rest[n:]; len(c.rest) > 0 {
		return n, ErrMoreData // IO-002
	}
	c.in.free <- c.msg
	c.msg, c.rest = nil, nil
	return n, nil
}

// next waits for a message.
func (c *pipeConn) next(ctx context.Context) error {
	select {
	case c.msg = <-c.in.queue:
	case <-c.in.noRead:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err() // IO-006: nothing was taken
	case <-c.in.ended:
		// What was written before the end comes first (CHAN-013).
		select {
		case c.msg = <-c.in.queue:
		default:
			return io.EOF
		}
	}
	c.rest = c.msg
	return nil
}

// Write implements Writer. After the other end was closed it fails with io.ErrClosedPipe.
func (c *pipeConn) Write(ctx context.Context, p []byte) error {
	if isClosed(c.out.ended) {
		return ErrClosed
	}
	if len(p) > c.limit {
		return fmt.Errorf("write: %w", tooLong(len(p), c.limit)) // TRAN-005
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if isClosed(c.out.noRead) {
		return io.ErrClosedPipe
	}
	select {
	case buf := <-c.out.free:
		return c.out.push(append(nonNil(buf), p...))
	case <-c.out.ended:
		return ErrClosed
	case <-c.out.noRead:
		return io.ErrClosedPipe
	case <-ctx.Done():
		return ctx.Err()
	}
}

// nonNil empties buf and keeps an empty message apart from no message.
func nonNil(buf []byte) []byte {
	if buf == nil {
		return []byte{}
	}
	return buf[:0]
}

// Limit implements Conn.
func (c *pipeConn) Limit() int { return c.limit }

// LocalAddress implements Conn.
func (c *pipeConn) LocalAddress() wire.Address { return c.local }

// RemoteAddress implements Conn.
func (c *pipeConn) RemoteAddress() wire.Address { return c.remote }

// Close implements Conn.
func (c *pipeConn) Close() error {
	c.close.Do(func() {
		c.out.end()
		close(c.in.noRead)
	})
	return nil
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
