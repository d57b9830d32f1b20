package sim_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/sim"
	"ockamtest/ref/wire"
)

func newInternet(t testing.TB, cfg sim.Config) *sim.Internet {
	t.Helper()
	i, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func listen(t testing.TB, i *sim.Internet, a wire.Address, cfg sim.SocketConfig) transport.Listener {
	t.Helper()
	l, err := i.Listen(a, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func listenPacket(t testing.TB, i *sim.Internet, a wire.Address) transport.PacketConn {
	t.Helper()
	c, err := i.ListenPacket(a, sim.SocketConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// connected returns the two ends of a stream from host 1 to host 2.
func connected(t testing.TB, i *sim.Internet, cfg sim.SocketConfig) (client, server transport.Conn) {
	t.Helper()
	l := listen(t, i, stream(2), cfg)
	client, err := i.Dial(t.Context(), stream(1).WithPort(0), stream(2), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// since returns the time since the bubble began.
func since(start time.Time) time.Duration { return time.Since(start) }

// In virtual time everything takes exactly what its path takes.
func TestVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		i := newInternet(t, sim.Config{Path: sim.Path{Delay: 40 * ms}})
		client, server := connected(t, i, sim.SocketConfig{})
		if got := since(start); got != 80*ms {
			t.Errorf("connecting takes %v, want 80ms", got)
		}
		if err := client.Write(t.Context(), []byte("hello")); err != nil {
			t.Fatal(err)
		}
		p := make([]byte, 10)
		if n, err := server.Read(t.Context(), p); err != nil || string(p[:n]) != "hello" || since(start) != 120*ms {
			t.Errorf("got %q, %v after %v, want hello after 120ms", p[:n], err, since(start))
		}
		a, b := listenPacket(t, i, host(1)), listenPacket(t, i, host(2))
		for range 3 {
			if err := a.WriteTo(t.Context(), []byte("datagram"), host(2)); err != nil {
				t.Fatal(err)
			}
			if n, from, err := b.ReadFrom(t.Context(), p); n != 8 || from != host(1) || err != nil {
				t.Fatalf("got %d from %v, %v", n, from, err)
			}
		}
		if got := since(start); got != 240*ms {
			t.Errorf("three datagrams arrive by %v, want 240ms", got)
		}
		client.Close()
		if n, err := server.Read(t.Context(), p); n != 0 || !errors.Is(err, io.EOF) || since(start) != 280*ms {
			t.Errorf("got %d, %v after %v, want the end after 280ms", n, err, since(start))
		}
	})
}

// A sooner arrival is not kept waiting by a later one that was scheduled before.
func TestTimerIsSetForTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		i := newInternet(t, sim.Config{Path: sim.Path{Delay: time.Hour}})
		if err := i.SetPath(host(3), host(2), sim.Path{Delay: ms}); err != nil {
			t.Fatal(err)
		}
		a, b, c := listenPacket(t, i, host(1)), listenPacket(t, i, host(2)), listenPacket(t, i, host(3))
		for _, s := range []transport.PacketConn{a, c} {
			if err := s.WriteTo(t.Context(), nil, host(2)); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []struct {
			from wire.Address
			at   time.Duration
		}{{host(3), ms}, {host(1), time.Hour}} {
			if _, from, err := b.ReadFrom(t.Context(), nil); err != nil || from != want.from || since(start) != want.at {
				t.Errorf("got one of %v, %v after %v, want %v after %v", from, err, since(start), want.from, want.at)
			}
		}
	})
}

// A partition ends connecting with its deadline, holds streams, and loses datagrams.
func TestInternetPartition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInternet(t, sim.Config{})
		l := listen(t, i, stream(6), sim.SocketConfig{})
		client, err := i.Dial(t.Context(), stream(1).WithPort(0), stream(6), sim.SocketConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		server, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()

		i.Partition(halves)
		start := time.Now()
		conn, err := i.Dial(t.Context(), stream(1).WithPort(0), stream(6), sim.SocketConfig{})
		if conn != nil || !errors.Is(err, context.DeadlineExceeded) || since(start) != transport.DefaultTimeout {
			t.Errorf("connecting: got %v, %v after %v, want a timeout after %v", conn, err, since(start), transport.DefaultTimeout)
		}
		if err := client.Write(t.Context(), []byte("held")); err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		p := make([]byte, 10)
		if n, err := server.Read(short, p); n != 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("partitioned: got %d, %v, want nothing", n, err)
		}
		i.Partition(nil)
		if n, err := server.Read(t.Context(), p); err != nil || string(p[:n]) != "held" {
			t.Errorf("afterwards: got %q, %v, want held", p[:n], err)
		}
		short, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		late, err := l.Accept(short) // the attempt that was given up comes to be, and is broken
		if err != nil {
			t.Fatal(err)
		}
		if n, err := late.Read(t.Context(), p); n != 0 || !errors.Is(err, sim.ErrReset) {
			t.Errorf("an attempt that was given up: got %d, %v, want ErrReset", n, err)
		}
		late.Close()
	})
}

// A connection that breaks fails both ends, also calls that wait; new ones can be made.
func TestInternetBreak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInternet(t, sim.Config{Path: sim.Path{Delay: ms}})
		client, server := connected(t, i, sim.SocketConfig{Buffer: 1})
		if err := client.Write(t.Context(), []byte("lost")); err != nil {
			t.Fatal(err)
		}
		errs := make(chan error, 2)
		go func() { errs <- client.Write(t.Context(), []byte("no room")) }()
		go func() {
			_, err := server.Read(t.Context(), make([]byte, 10))
			errs <- err
		}()
		synctest.Wait()
		i.Break(client.LocalAddress(), server.LocalAddress())
		for range 2 {
			if err := <-errs; !errors.Is(err, sim.ErrReset) {
				t.Errorf("a call that waited: got %v, want ErrReset", err)
			}
		}
		for _, c := range []transport.Conn{client, server} {
			n, readErr := c.Read(t.Context(), make([]byte, 10))
			if err := c.Write(t.Context(), nil); n != 0 || !errors.Is(readErr, sim.ErrReset) || !errors.Is(err, sim.ErrReset) {
				t.Errorf("later: read %d, %v, write %v, want ErrReset", n, readErr, err)
			}
		}
		if s := i.Stats(); s.Broken != 1 || s.Delivered != 0 {
			t.Errorf("%v, want one message broken", s)
		}
	})
}

// The sender waits when the receiver does not read: buffers are bounded.
func TestFlowControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInternet(t, sim.Config{Path: sim.Path{Delay: ms}})
		client, server := connected(t, i, sim.SocketConfig{Buffer: 10 * (936 + 64)})
		msg := bytes.Repeat([]byte("x"), 936)
		written := 0
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for client.Write(short, msg) == nil {
			written++
		}
		if written != 10 || short.Err() == nil {
			t.Errorf("%d messages before the sender waits, want 10", written)
		}
		if _, err := server.Read(t.Context(), make([]byte, 936)); err != nil {
			t.Fatal(err)
		}
		if err := client.Write(t.Context(), msg); err != nil {
			t.Errorf("after one was read: %v", err)
		}
		<-time.After(time.Second)
		server.Close() // what was not read is gone, and the sender learns of it when it goes on
		for err := error(nil); !errors.Is(err, sim.ErrReset); err = client.Write(t.Context(), msg) {
			if err != nil {
				t.Fatalf("got %v, want ErrReset", err)
			}
		}
	})
}

// Every writer that waits goes on when there is room.
func TestWritersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := connected(t, newInternet(t, sim.Config{}), sim.SocketConfig{Buffer: 5 * 64})
		var writing sync.WaitGroup
		for range 10 {
			writing.Go(func() {
				if err := client.Write(t.Context(), nil); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		for range 5 {
			if _, err := server.Read(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		writing.Wait()
	})
}

// What was written before the end is read, and then the end, also when this end has written to nobody meanwhile.
func TestEndComesBeforeReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := connected(t, newInternet(t, sim.Config{}), sim.SocketConfig{})
		if err := server.Write(t.Context(), []byte("last")); err != nil {
			t.Fatal(err)
		}
		server.Close()
		for err := error(nil); !errors.Is(err, sim.ErrReset); err = client.Write(t.Context(), nil) {
			if err != nil {
				t.Fatalf("got %v, want ErrReset", err)
			}
		}
		p := make([]byte, 10)
		if n, err := client.Read(t.Context(), p); err != nil || string(p[:n]) != "last" {
			t.Errorf("got %q, %v, want what was written", p[:n], err)
		}
		if n, err := client.Read(t.Context(), p); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("got %d, %v, want the end", n, err)
		}
	})
}

// TRAN-013: what nobody reads is bounded.
func TestUnreadDatagramsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInternet(t, sim.Config{})
		a := listenPacket(t, i, host(1))
		b, err := i.ListenPacket(host(2), sim.SocketConfig{Buffer: 10_000})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		for range 1000 {
			if err := a.WriteTo(t.Context(), make([]byte, 936), host(2)); err != nil {
				t.Fatal(err)
			}
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		read := 0
		for p := make([]byte, 1000); err == nil; read++ {
			_, _, err = b.ReadFrom(short, p)
		}
		if read-1 != 10 {
			t.Errorf("%d datagrams waited, want 10", read-1)
		}
		if err := a.WriteTo(t.Context(), make([]byte, 20_000), host(2)); err != nil { // longer than the bound
			t.Fatal(err)
		}
		if n, _, err := b.ReadFrom(t.Context(), make([]byte, 20_000)); n != 20_000 || err != nil {
			t.Errorf("got %d, %v, want one datagram in any case", n, err)
		}
	})
}

// Connections that come at one moment wake everybody who accepts.
func TestAcceptTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInternet(t, sim.Config{Path: sim.Path{Delay: ms}})
		l := listen(t, i, stream(2), sim.SocketConfig{})
		var running sync.WaitGroup
		for range 3 {
			running.Go(func() {
				if _, err := l.Accept(t.Context()); err != nil {
					t.Error(err)
				}
			})
			running.Go(func() {
				if _, err := i.Dial(t.Context(), stream(1).WithPort(0), stream(2), sim.SocketConfig{}); err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
	})
}

// Connections that nobody has accepted when the listener is closed are broken.
func TestCloseListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInternet(t, sim.Config{})
		l := listen(t, i, stream(2), sim.SocketConfig{})
		c, err := i.Dial(t.Context(), stream(1).WithPort(0), stream(2), sim.SocketConfig{})
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if n, err := c.Read(t.Context(), nil); n != 0 || !errors.Is(err, sim.ErrReset) {
			t.Errorf("got %d, %v, want ErrReset", n, err)
		}
	})
}

func TestRefused(t *testing.T) {
	i := newInternet(t, sim.Config{})
	dial := func(remote wire.Address) error {
		c, err := i.Dial(t.Context(), wire.Address{}, remote, sim.SocketConfig{})
		if err == nil {
			t.Cleanup(func() { c.Close() })
		}
		return err
	}
	if err := dial(stream(2)); !errors.Is(err, sim.ErrRefused) {
		t.Errorf("nobody listens: got %v, want ErrRefused", err)
	}
	l := listen(t, i, stream(2), sim.SocketConfig{})
	for n := range sim.DefaultWaiting {
		if err := dial(stream(2)); err != nil {
			t.Fatalf("connection %d: %v", n, err)
		}
	}
	if err := dial(stream(2)); !errors.Is(err, sim.ErrRefused) {
		t.Errorf("too many wait: got %v, want ErrRefused", err)
	}
	if _, err := l.Accept(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := dial(stream(2)); err != nil {
		t.Errorf("one was accepted: %v", err)
	}
	if _, err := i.Listen(stream(2), sim.SocketConfig{}); !errors.Is(err, transport.ErrInUse) {
		t.Errorf("listening twice: got %v, want ErrInUse", err)
	}
	l.Close()
	listen(t, i, stream(2), sim.SocketConfig{}) // the address is free again
	listenPacket(t, i, host(2))                 // TCP and UDP have ports of their own
	if _, err := i.ListenPacket(host(2), sim.SocketConfig{}); !errors.Is(err, transport.ErrInUse) {
		t.Errorf("a second socket: got %v, want ErrInUse", err)
	}
}

// WIRE-013: addresses that are no place to listen or to send to.
func TestBadAddresses(t *testing.T) {
	i := newInternet(t, sim.Config{})
	linkLocal := [16]byte{0: 0xfe, 1: 0x80, 15: 1}
	for _, a := range []wire.Address{
		{}, wire.LocalAddress([]byte("x")), host(1), wire.TCPAddressDNS("example.org", 1), wire.TCPAddress6(linkLocal, 1),
	} {
		if l, err := i.Listen(a, sim.SocketConfig{}); l != nil || !errors.Is(err, transport.ErrAddress) {
			t.Errorf("Listen on %v: got %v, %v, want ErrAddress", a, l, err)
		}
		if c, err := i.Dial(t.Context(), wire.Address{}, a, sim.SocketConfig{}); c != nil || !errors.Is(err, transport.ErrAddress) {
			t.Errorf("Dial %v: got %v, %v, want ErrAddress", a, c, err)
		}
	}
	for _, a := range []wire.Address{{}, stream(1), wire.UDPAddressDNS("example.org", 1), wire.UDPAddress6(linkLocal, 1)} {
		if c, err := i.ListenPacket(a, sim.SocketConfig{}); c != nil || !errors.Is(err, transport.ErrAddress) {
			t.Errorf("ListenPacket on %v: got %v, %v, want ErrAddress", a, c, err)
		}
	}
	if c, err := i.Dial(t.Context(), wire.Address{}, stream(1).WithPort(0), sim.SocketConfig{}); c != nil || !errors.Is(err, transport.ErrAddress) {
		t.Errorf("Dial port 0: got %v, %v, want ErrAddress", c, err)
	}
}
