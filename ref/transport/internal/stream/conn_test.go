package stream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref/transport"
)

// A countingConn is a peer that sends some bytes and then FIN, and counts what the connection under test does.
type countingConn struct {
	net.Conn
	data          *bytes.Reader
	reads, closes int
}

func (c *countingConn) Read(p []byte) (int, error) {
	c.reads++
	return c.data.Read(p)
}

func (c *countingConn) Close() error {
	c.closes++
	return nil
}

func newCountingConn(data string) *countingConn {
	a, _ := net.Pipe()
	return &countingConn{Conn: a, data: bytes.NewReader([]byte(data))}
}

// TRAN-004: the end inside a frame costs one read, not a busy loop, and the descriptor is released once.
func TestTruncationReadsOnce(t *testing.T) {
	for name, data := range map[string]string{"half a length": "\x00", "body": "\x00\x05hell", "large body": "\xff\xff" + string(make([]byte, 9000))} {
		nc := newCountingConn(data)
		c := New(nc, Config{})
		p := make([]byte, c.Limit())
		if n, err := c.Read(t.Context(), p); n != 0 || !errors.Is(err, transport.ErrTruncated) {
			t.Errorf("%s: got %d, %v, want ErrTruncated", name, n, err)
		}
		reads := nc.reads
		if reads > 3 {
			t.Errorf("%s: %d reads of the socket, want at most 3", name, reads)
		}
		for range 100 {
			if n, err := c.Read(t.Context(), p); n != 0 || !errors.Is(err, transport.ErrTruncated) {
				t.Fatalf("%s: again: got %d, %v, want ErrTruncated", name, n, err)
			}
		}
		c.Close()
		if nc.reads != reads || nc.closes != 1 {
			t.Errorf("%s: afterwards %d more reads, closed %d times, want 0 and 1", name, nc.reads-reads, nc.closes)
		}
	}
}

// Short messages that arrive together cost one read of the socket.
func TestReadsAreCoalesced(t *testing.T) {
	var frames []byte
	for range 100 {
		frames, _ = transport.AppendFrame(frames, make([]byte, 38))
	}
	nc := newCountingConn(string(frames))
	c := New(nc, Config{})
	for i := range 100 {
		if n, err := c.Read(t.Context(), make([]byte, 50)); n != 38 || err != nil {
			t.Fatalf("message %d: %d, %v", i, n, err)
		}
	}
	if nc.reads != 1 {
		t.Errorf("%d reads of the socket, want 1", nc.reads)
	}
}

// A connection at rest holds a small buffer, also after large messages and a read that was given up.
func TestIdleMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		c := New(a, Config{})
		defer c.Close()
		frame, _ := transport.AppendFrame(nil, make([]byte, transport.MaxFrame))
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, _ = b.Write(frame[:30000])
			cancel()
			synctest.Wait() // until the next Read waits
			_, _ = b.Write(frame[30000:])
		}()
		p := make([]byte, c.Limit())
		if n, err := c.Read(ctx, p); n != 0 || !errors.Is(err, context.Canceled) {
			t.Fatalf("got %d, %v, want to give up", n, err)
		}
		if len(c.in.stash) == 0 {
			t.Fatal("nothing was kept of a message that came half")
		}
		if n, err := c.Read(t.Context(), p); n != transport.MaxFrame || err != nil {
			t.Fatalf("got %d, %v, want the whole message", n, err)
		}
		carrier := c.carrier.(*plainCarrier)
		if c.in.stash != nil || cap(carrier.ahead) != smallBuffer {
			t.Errorf("holds %d and %d bytes, want 0 and %d", cap(c.in.stash), cap(carrier.ahead), smallBuffer)
		}
	})
}

// Writer: giving up before the first byte leaves the connection as it was; giving up inside a frame fails it, for the peer could not
// tell where the next frame begins.
func TestGiveUpWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe() // unbuffered: a write waits for the reader
		c := New(a, Config{})
		defer c.Close()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Write(short, []byte("hello")); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("nobody reads: got %v, want %v", err, context.DeadlineExceeded)
		}
		go func() { _, _ = io.ReadFull(b, make([]byte, 7)) }()
		if err := c.Write(t.Context(), []byte("hello")); err != nil {
			t.Fatalf("after giving up before the first byte: %v", err)
		}

		go func() { _, _ = io.ReadFull(b, make([]byte, 4)) }()
		short, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		failure := c.Write(short, []byte("hello"))
		if !errors.Is(failure, context.DeadlineExceeded) || !errors.Is(failure, transport.ErrGivenUp) {
			t.Fatalf("the peer reads 4 of 7 bytes: got %v, want %v and %v", failure, context.DeadlineExceeded, transport.ErrGivenUp)
		}
		// IO-003: later calls have not timed out.
		if err := c.Write(t.Context(), []byte("x")); !errors.Is(err, transport.ErrGivenUp) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("later write: got %v, want ErrGivenUp and no timeout", err)
		}
		n, err := c.Read(t.Context(), make([]byte, 1))
		if n != 0 || !errors.Is(err, transport.ErrGivenUp) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("later read: got %d, %v, want ErrGivenUp and no timeout", n, err)
		}
		if _, err := b.Read(make([]byte, 10)); !errors.Is(err, io.EOF) {
			t.Errorf("the peer reads %v, want the end", err)
		}
	})
}
