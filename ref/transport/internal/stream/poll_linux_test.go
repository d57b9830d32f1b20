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
	reads, large int
}

func (c *countingCarrier) next(ctx context.Context, size int) ([]byte, error) {
	c.reads++
	if size == largeBuffer {
		c.large++
	}
	return c.carrier.next(ctx, size)
}

func (c *countingCarrier) read(ctx context.Context, p []byte) (int, error) {
	c.reads++
	return c.carrier.read(ctx, p)
}

// Many short frames cost few reads, long ones are not copied.
func TestReadAhead(t *testing.T) {
	for _, test := range []struct {
		size, count, most int
		large             bool
	}{
		{38, 1, 1, false},
		{38, 1500, 4, true}, // 60,000 bytes: one small buffer, then large ones
		{1024, 60, 4, true},
		{16384, 4, 8, false}, // the head of each with the length, then the rest of it
		{65535, 1, 2, false},
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
		if counting.reads > test.most {
			t.Errorf("%d messages of %d bytes: %d reads, want at most %d", test.count, test.size, counting.reads, test.most)
		}
		if large := counting.large > 0; large != test.large {
			t.Errorf("%d messages of %d bytes: a large buffer is used %v, want %v", test.count, test.size, large, test.large)
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
	shared := NewShared()
	var conns []*Conn
	var busy sync.WaitGroup
	ended := make(chan error, many)
	burst, _ := transport.AppendFrame(nil, make([]byte, 100))
	burst = append(bytes.Repeat(burst, frames), 0) // and half a length
	before := inUse()
	for range many {
		a, b := sockets(t)
		c := New(a, Config{Shared: shared})
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
	after := inUse()
	got := (int(after.HeapAlloc) - int(before.HeapAlloc)) / many
	t.Logf("%d bytes per connection, the test's socket included, and %d of stack", got, (int(after.StackInuse)-int(before.StackInuse))/many)
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
