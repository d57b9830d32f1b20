package stream

import (
	"bytes"
	"context"
	"errors"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ockamtest/ref/transport"
)

// A countingCarrier counts how often the stream is read.
type countingCarrier struct {
	carrier
	reads   int
	largest int // buffer that was asked for
}

func (c *countingCarrier) next(ctx context.Context, size int) ([]byte, error) {
	c.reads++
	c.largest = max(c.largest, size)
	return c.carrier.next(ctx, size)
}

func (c *countingCarrier) read(ctx context.Context, p []byte, size int) (int, []byte, error) {
	c.reads++
	c.largest = max(c.largest, size)
	return c.carrier.read(ctx, p, size)
}

// Messages that come together cost few reads, with buffers that grow as more comes.
func TestReadAhead(t *testing.T) {
	for _, test := range []struct{ size, count, reads, largest int }{
		{38, 1, 1, smallBuffer},
		{38, 1500, 2, mediumBuffer}, // 60,000 bytes
		{1024, 115, 3, largeBuffer},
		{16384, 1, 2, mediumBuffer},
		{16384, 7, 3, largeBuffer},
		{65535, 1, 2, mediumBuffer},
	} {
		a, b := sockets(t)
		var frames []byte
		for range test.count {
			frames, _ = transport.AppendFrame(frames, make([]byte, test.size))
		}
		c := New(a, Config{})
		if _, err := b.Write(frames); err != nil {
			t.Fatal(err)
		}
		waitFor(t, a, len(frames))
		counting := &countingCarrier{carrier: c.carrier}
		c.in.src = counting
		p := make([]byte, c.Limit())
		for i := range test.count {
			if n, err := c.Read(t.Context(), p); n != test.size || err != nil {
				t.Fatalf("message %d of %d bytes: got %d, %v", i, test.size, n, err)
			}
		}
		if c.carrier.(*pollCarrier).lent != nil {
			t.Errorf("%d messages of %d bytes: a buffer is held after the last", test.count, test.size)
		}
		if counting.reads > test.reads || counting.largest != test.largest {
			t.Errorf("%d messages of %d bytes: %d reads, largest buffer %d, want at most %d, and %d", test.count, test.size,
				counting.reads, counting.largest, test.reads, test.largest)
		}
		c.Close()
	}
}

// waitFor waits until n bytes have arrived at a socket, which stay there.
func waitFor(t *testing.T, socket *net.TCPConn, n int) {
	t.Helper()
	raw, err := socket.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	p := make([]byte, n)
	for arrived := 0; arrived < n; runtime.Gosched() {
		err := raw.Control(func(fd uintptr) { arrived, _, _ = unix.Recvfrom(int(fd), p, unix.MSG_PEEK|unix.MSG_DONTWAIT) })
		if err != nil || ctx.Err() != nil {
			t.Fatalf("%d of %d bytes have arrived, %v", arrived, n, err)
		}
	}
}

// At rest a connection has next to nothing: neither after it was busy nor with half a length received.
func TestMemoryAtRest(t *testing.T) {
	const many, frames, each = 200, 200, 4 << 10
	var conns []*Conn
	var busy sync.WaitGroup
	ended := make(chan error, many)
	burst, _ := transport.AppendFrame(nil, make([]byte, 100))
	burst = append(bytes.Repeat(burst, frames), 0) // and half a length
	before := inUse()
	for range many {
		a, b := sockets(t)
		c := New(a, Config{})
		conns = append(conns, c)
		busy.Add(1)
		go func() {
			p := make([]byte, 100)
			for i := 0; ; i++ {
				if _, err := c.Read(context.Background(), p); err != nil {
					ended <- err
					return
				}
				if i == frames-1 {
					busy.Done() // and goes on to wait
				}
			}
		}()
		if _, err := b.Write(burst); err != nil {
			t.Fatal(err)
		}
	}
	busy.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	got, stack := each+1, 0
	for got > each && ctx.Err() == nil { // until all of them wait
		after := inUse()
		got = (int(after.HeapAlloc) - int(before.HeapAlloc)) / many
		stack = (int(after.StackInuse) - int(before.StackInuse)) / many
	}
	t.Logf("%d bytes per connection, the test's socket included, and %d of stack", got, stack)
	if got > each {
		t.Errorf("%d bytes per connection at rest, want at most %d", got, each)
	}
	for _, c := range conns {
		c.Close()
		if err := <-ended; !errors.Is(err, transport.ErrClosed) {
			t.Errorf("got %v, want ErrClosed", err)
		}
	}
}

// inUse is the memory in use after garbage collection, which empties the pools.
func inUse() (m runtime.MemStats) {
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m
}
