package stream

import (
	"errors"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"ockamtest/ref/transport"
)

// sockets returns the two ends of a TCP connection.
func sockets(t testing.TB) (a, b *net.TCPConn) {
	t.Helper()
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err = net.DialTCP("tcp4", nil, l.Addr().(*net.TCPAddr))
	if err != nil {
		t.Fatal(err)
	}
	if b, err = l.AcceptTCP(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

// CHAN-013: what was written arrives, though the peer goes on sending and reads only after Close, which does not wait.
func TestCloseWhileThePeerSends(t *testing.T) {
	a, b := sockets(t)
	c := New(a, Config{})
	const count, size = 20, 50000
	for range count {
		if err := c.Write(t.Context(), make([]byte, size)); err != nil {
			t.Fatal(err)
		}
	}
	sending := make(chan struct{})
	go func() {
		defer close(sending)
		for err := error(nil); err == nil; {
			_, err = b.Write(make([]byte, 1000))
		}
	}()
	if n, err := c.Read(t.Context(), nil); n != 0 || err != nil { // zeros are empty messages
		t.Fatal(n, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := io.Copy(io.Discard, struct{ io.Reader }{b})
	if want := int64(count * (size + transport.FrameHeader)); err != nil || got != want {
		t.Errorf("the peer reads %d bytes and %v, want %d and the end", got, err, want)
	}
	b.Close()
	<-sending
}

// TRAN-022: closed connections that wait for their peers are bounded in number and released when the peer ends.
func TestLingering(t *testing.T) {
	shared := new(Shared)
	shared.lingering.Store(maxLingering - 1)
	a1, b1 := sockets(t)
	a2, b2 := sockets(t)
	New(a1, Config{Shared: shared}).Close()
	New(a2, Config{Shared: shared}).Close()
	if err := a2.SetDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("one too many: got %v, want its descriptor released", err)
	}
	for _, b := range []*net.TCPConn{b1, b2} {
		if n, err := b.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("the peer reads %d, %v, want the end", n, err)
		}
		b.Close()
	}
	for shared.lingering.Load() != maxLingering-1 { // until the first has given its place back
		runtime.Gosched()
	}
	if err := a1.SetDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after the peer's end: got %v, want the descriptor released", err)
	}
}

// A peer that has ended is not waited for.
func TestNoLingeringAfterPeerEnd(t *testing.T) {
	shared := new(Shared)
	a, b := sockets(t)
	c := New(a, Config{Shared: shared})
	if err := b.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(t.Context(), make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Fatalf("got %d, %v, want io.EOF", n, err)
	}
	c.Close()
	if err := a.SetDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) || shared.lingering.Load() != 0 {
		t.Errorf("got %v and %d connections that wait, want the descriptor released", err, shared.lingering.Load())
	}
}
