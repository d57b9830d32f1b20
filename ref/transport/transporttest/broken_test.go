package transporttest

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A broken connection is a correct one with one fault, in the reading or in the writing end. broken lists them with the check that
// has to notice.
type broken struct {
	name   string
	killed string
	wrap   func(transport.Conn) transport.Conn
}

func brokenConns() []broken {
	// Faults with a state are made anew for each connection.
	newRead := func(name, killed string, f func() readFault) broken {
		return broken{name, killed, func(c transport.Conn) transport.Conn { return &faultyReader{Conn: c, fault: f()} }}
	}
	read := func(name, killed string, f readFault) broken {
		return newRead(name, killed, func() readFault { return f })
	}
	newWrite := func(name, killed string, f func() writeFault) broken {
		return broken{name, killed, func(c transport.Conn) transport.Conn { return faultyWriter{c, f()} }}
	}
	write := func(name, killed string, f writeFault) broken {
		return newWrite(name, killed, func() writeFault { return f })
	}
	batch := func(name, killed string, f batchFault) broken {
		return broken{name, killed, func(c transport.Conn) transport.Conn { return faultyBatcher{c, f} }}
	}
	return []broken{
		write("splits messages", "boundaries", splitMessage),
		read("merges messages", "boundaries", mergeMessages),
		read("drops the rest after more data", "more data", dropRest),
		read("an exact fit is more data", "more data", exactFitIsMore),
		newRead("repeats a byte after more data", "more data", repeatByte),
		read("no room consumes the message", "no room", noRoomConsumes),
		read("an empty message is the end", "four results", emptyIsEnd),
		read("the end is an empty message", "four results", replaceError(io.EOF, nil)),
		read("a timeout is the end", "four results", replaceError(context.DeadlineExceeded, io.EOF)),
		read("closed is the end", "closed", replaceError(transport.ErrClosed, io.EOF)),
		newRead("an error is a success with a stale length", "give up", staleLength),
		newRead("a timeout loses the next message", "give up", timeoutLosesMessage),
		newRead("giving up often loses", "give up often", timeoutLosesMessage),
		newRead("giving up inside forgets the rest", "give up inside", giveUpForgets),
		write("truncates what is too long", "too long", truncateLong),
		write("refuses only after sending", "too long", sendThenRefuse),
		write("sends although the context has ended", "ended context", ignoreContext),
		write("keeps the caller's buffer", "buffer is the caller's", sendLater),
		newWrite("drops under concurrency", "concurrent writers", dropConcurrent),
		write("a vanished peer is a closed handle", "peer closed", peerGoneIsClosed),
		batch("a batch is one message", "batch", mergeBatch),
		batch("a batch backwards", "batch", reverseBatch),
		batch("a long message refuses the batch", "batch too long", refuseBatch),
		batch("a long message is left out", "batch too long", skipLong),
		batch("a batch is sent later", "batch is the caller's", sendBatchLater),
		{"one direction at a time", "both ways", func(c transport.Conn) transport.Conn { return &halfDuplex{Conn: c} }},
		{"close drops what was written", "end of stream", func(c transport.Conn) transport.Conn { return &lazyWriter{Conn: c} }},
		{"close leaves readers blocked", "close wakes read", func(c transport.Conn) transport.Conn { return &sleepyCloser{Conn: c} }},
		{"close leaves writers blocked", "close wakes write", func(c transport.Conn) transport.Conn { return &sleepyCloser{Conn: c} }},
		{"closing twice fails", "closed", func(c transport.Conn) transport.Conn { return &onceCloser{Conn: c} }},
		{"addresses the wrong way round", "addresses", func(c transport.Conn) transport.Conn { return swapped{c} }},
	}
}

type (
	readFault  func(c transport.Conn, ctx context.Context, p []byte) (int, error)
	writeFault func(c transport.Conn, ctx context.Context, p []byte) error
)

type faultyReader struct {
	transport.Conn
	fault readFault
}

func (f *faultyReader) Read(ctx context.Context, p []byte) (int, error) {
	return f.fault(f.Conn, ctx, p)
}

type faultyWriter struct {
	transport.Conn
	fault writeFault
}

func (f faultyWriter) Write(ctx context.Context, p []byte) error { return f.fault(f.Conn, ctx, p) }

func mergeMessages(c transport.Conn, ctx context.Context, p []byte) (int, error) {
	n, err := c.Read(ctx, p)
	if err != nil {
		return n, err
	}
	short, cancel := context.WithTimeout(ctx, time.Microsecond)
	defer cancel()
	m, err := c.Read(short, p[n:])
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.EOF) {
		err = nil
	}
	return n + m, err
}

func dropRest(c transport.Conn, ctx context.Context, p []byte) (int, error) {
	n, err := c.Read(ctx, p)
	for more := err; errors.Is(more, transport.ErrMoreData); {
		_, more = c.Read(ctx, make([]byte, 100))
	}
	return n, err
}

func exactFitIsMore(c transport.Conn, ctx context.Context, p []byte) (int, error) {
	n, err := c.Read(ctx, p)
	if err == nil && n == len(p) && n > 0 {
		err = transport.ErrMoreData
	}
	return n, err
}

func repeatByte() readFault {
	var last []byte
	return func(c transport.Conn, ctx context.Context, p []byte) (int, error) {
		n := copy(p, last)
		m, err := c.Read(ctx, p[n:])
		last = nil
		if n += m; errors.Is(err, transport.ErrMoreData) && n > 0 {
			last = []byte{p[n-1]}
		}
		return n, err
	}
}

func noRoomConsumes(c transport.Conn, ctx context.Context, p []byte) (int, error) {
	if len(p) == 0 {
		_, err := dropRest(c, ctx, p)
		return 0, err
	}
	return c.Read(ctx, p)
}

func emptyIsEnd(c transport.Conn, ctx context.Context, p []byte) (int, error) {
	n, err := c.Read(ctx, p)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

func replaceError(from, to error) readFault {
	return func(c transport.Conn, ctx context.Context, p []byte) (int, error) {
		n, err := c.Read(ctx, p)
		if errors.Is(err, from) {
			err = to
		}
		return n, err
	}
}

func staleLength() readFault {
	last := 1
	return func(c transport.Conn, ctx context.Context, p []byte) (int, error) {
		n, err := c.Read(ctx, p)
		if errors.Is(err, context.DeadlineExceeded) {
			return last, nil
		}
		last = n
		return n, err
	}
}

// timeoutLosesMessage reads on in the background after it was given up.
func timeoutLosesMessage() readFault {
	type result struct {
		n   int
		err error
	}
	turn := make(chan struct{}, 1)
	return func(c transport.Conn, ctx context.Context, p []byte) (int, error) {
		done := make(chan result, 1)
		own := make([]byte, len(p))
		go func() {
			turn <- struct{}{}
			n, err := c.Read(context.WithoutCancel(ctx), own)
			<-turn
			done <- result{n, err}
		}()
		select {
		case r := <-done:
			return copy(p, own[:r.n]), r.err
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func giveUpForgets() readFault {
	inside := false
	return func(c transport.Conn, ctx context.Context, p []byte) (int, error) {
		n, err := c.Read(ctx, p)
		if ctx.Err() != nil && inside {
			_, _ = dropRest(c, context.WithoutCancel(ctx), nil)
		}
		inside = errors.Is(err, transport.ErrMoreData)
		return n, err
	}
}

func splitMessage(c transport.Conn, ctx context.Context, p []byte) error {
	if half := len(p) / 2; half > 0 && len(p) <= c.Limit() {
		if err := c.Write(ctx, p[:half]); err != nil {
			return err
		}
		p = p[half:]
	}
	return c.Write(ctx, p)
}

func truncateLong(c transport.Conn, ctx context.Context, p []byte) error {
	return c.Write(ctx, p[:min(len(p), c.Limit())])
}

func sendThenRefuse(c transport.Conn, ctx context.Context, p []byte) error {
	if len(p) > c.Limit() {
		_ = c.Write(ctx, p[:1])
	}
	return c.Write(ctx, p)
}

func ignoreContext(c transport.Conn, ctx context.Context, p []byte) error {
	if err := c.Write(context.WithoutCancel(ctx), p); err != nil {
		return err
	}
	return ctx.Err()
}

func sendLater(c transport.Conn, ctx context.Context, p []byte) error {
	time.AfterFunc(time.Microsecond, func() { _ = c.Write(ctx, p) })
	return nil
}

func dropConcurrent() writeFault {
	var busy atomic.Bool
	return func(c transport.Conn, ctx context.Context, p []byte) error {
		if !busy.CompareAndSwap(false, true) {
			return nil
		}
		defer busy.Store(false)
		<-time.After(time.Microsecond) // in virtual time: until every other writer was here
		return c.Write(ctx, p)
	}
}

func peerGoneIsClosed(c transport.Conn, ctx context.Context, p []byte) error {
	err := c.Write(ctx, p)
	if errors.Is(err, io.ErrClosedPipe) {
		err = transport.ErrClosed
	}
	return err
}

type halfDuplex struct {
	transport.Conn
	turn sync.Mutex
}

func (h *halfDuplex) lock(ctx context.Context) error {
	for !h.turn.TryLock() {
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (h *halfDuplex) Read(ctx context.Context, p []byte) (int, error) {
	if err := h.lock(ctx); err != nil {
		return 0, err
	}
	defer h.turn.Unlock()
	return h.Conn.Read(ctx, p)
}

func (h *halfDuplex) Write(ctx context.Context, p []byte) error {
	if err := h.lock(ctx); err != nil {
		return err
	}
	defer h.turn.Unlock()
	return h.Conn.Write(ctx, p)
}

// lazyWriter holds one message back until the next.
type lazyWriter struct {
	transport.Conn
	held []byte
	full bool
}

func (l *lazyWriter) Write(ctx context.Context, p []byte) error {
	held, full := l.held, l.full
	l.held, l.full = append([]byte{}, p...), true
	if !full {
		return nil
	}
	return l.Conn.Write(ctx, held)
}

// sleepyCloser tells later calls that it is closed, but not those that wait.
type sleepyCloser struct {
	transport.Conn
	closed atomic.Bool
}

func (s *sleepyCloser) Read(ctx context.Context, p []byte) (int, error) {
	if s.closed.Load() {
		return 0, transport.ErrClosed
	}
	return s.Conn.Read(ctx, p)
}

func (s *sleepyCloser) Write(ctx context.Context, p []byte) error {
	if s.closed.Load() {
		return transport.ErrClosed
	}
	return s.Conn.Write(ctx, p)
}

func (s *sleepyCloser) Close() error {
	s.closed.Store(true)
	return nil
}

type onceCloser struct {
	transport.Conn
	closed bool
}

func (o *onceCloser) Close() error {
	if o.closed {
		return transport.ErrClosed
	}
	o.closed = true
	return o.Conn.Close()
}

type swapped struct{ transport.Conn }

func (s swapped) LocalAddress() wire.Address { return s.RemoteAddress() }
