package transport_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/transporttest"
	"ockamtest/ref/wire"
)

func TestSourcesContract(t *testing.T) {
	transporttest.RunDatagrams(t, func(t *testing.T) (client, server transport.Conn) {
		hub := transport.NewHub(transport.HubConfig{})
		l := newSources(t, hub, transport.SourcesConfig{})
		client = transport.Connected(hubListen(t, hub, hubHost()), l.Address())
		write(t, client, "hello")
		server = accept(t, l)
		want(t, server, "hello")
		t.Cleanup(func() { server.Close() })
		return client, server
	})
}

func TestSourcesListenerContract(t *testing.T) {
	transporttest.RunDatagramListener(t, func(t *testing.T) (transport.Listener, transporttest.Dial) {
		hub := transport.NewHub(transport.HubConfig{})
		l := newSources(t, hub, transport.SourcesConfig{})
		return l, func(context.Context) (transport.Conn, error) {
			return transport.Connected(hubListen(t, hub, hubHost()), l.Address()), nil
		}
	})
}

func newSources(t *testing.T, hub *transport.Hub, cfg transport.SourcesConfig) transport.Listener {
	t.Helper()
	l := transport.Sources(hubListen(t, hub, hubHost()), cfg)
	t.Cleanup(func() { l.Close() })
	return l
}

func accept(t *testing.T, l transport.Listener) transport.Conn {
	t.Helper()
	c, err := l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func write(t *testing.T, w transport.Writer, msg string) {
	t.Helper()
	if err := w.Write(t.Context(), []byte(msg)); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, r transport.Reader, msg string) {
	t.Helper()
	p := make([]byte, 1000)
	if n, err := r.Read(t.Context(), p); err != nil || string(p[:n]) != msg {
		t.Fatalf("got %q, %v, want %q", p[:n], err, msg)
	}
}

// nothing wants that a read waits.
func nothing(t *testing.T, r transport.Reader) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	if n, err := r.Read(ctx, make([]byte, 1000)); n != 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %d bytes, %v, want nothing", n, err)
	}
}

// A script is a PacketConn that receives what a test says from wherever it says, as a flood with forged sources does.
type script struct {
	transport.PacketConn // for all but reading
	next                 func() (msg []byte, from wire.Address, err error)
}

func (s *script) ReadFrom(_ context.Context, p []byte) (int, wire.Address, error) {
	msg, from, err := s.next()
	return copy(p, msg), from, err
}

// scripted reads the datagrams that come in over the channel, until it is closed; then the socket has failed.
func scripted(t *testing.T, from <-chan wire.Address) transport.PacketConn {
	socket := hubListen(t, transport.NewHub(transport.HubConfig{}), hubHost())
	return &script{socket, func() ([]byte, wire.Address, error) {
		a, ok := <-from
		if !ok {
			return nil, wire.Address{}, errBroken
		}
		return fmt.Appendf(nil, "from %v", a), a, nil
	}}
}

var errBroken = errors.New("broken by the test")

func forged(i int) wire.Address {
	var ip [4]byte
	binary.BigEndian.PutUint32(ip[:], 10<<24+uint32(i))
	return wire.UDPAddress4(ip, 4000)
}

// TRAN-021: when more sources wait than may, the oldest gives way; those that are served are not affected.
func TestWaitingSourcesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := make(chan wire.Address)
		l := transport.Sources(scripted(t, in), transport.SourcesConfig{Waiting: 3})
		defer l.Close()
		defer close(in)
		in <- forged(1)
		served := accept(t, l)
		want(t, served, "from udp://10.0.0.1:4000")
		for i := 2; i < 10_000; i++ {
			in <- forged(i)
		}
		in <- forged(1)
		want(t, served, "from udp://10.0.0.1:4000")
		for i := 9_997; i < 10_000; i++ {
			c := accept(t, l)
			if c.RemoteAddress() != forged(i) {
				t.Errorf("accepted %v, want %v", c.RemoteAddress(), forged(i))
			}
			want(t, c, fmt.Sprintf("from %v", forged(i)))
			c.Close()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 1)
		defer cancel()
		if c, err := l.Accept(ctx); c != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, %v, want no more sources", c, err)
		}
		served.Close()
	})
}

// TRAN-021: when more sources are served than may, the one that has been idle for longest gives way, and says so; one that sends or is
// written to is not idle.
func TestServedSourcesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := make(chan wire.Address)
		l := transport.Sources(scripted(t, in), transport.SourcesConfig{Served: 3})
		defer l.Close()
		defer close(in)
		var conns []transport.Conn
		open := func(i int) {
			in <- forged(i)
			conns = append(conns, accept(t, l))
		}
		for i := range 3 {
			open(i + 1)
		}
		in <- forged(1)
		synctest.Wait()
		write(t, conns[1], "x")
		open(4) // the third gives way
		if _, err := conns[0].Read(t.Context(), nil); !errors.Is(err, transport.ErrMoreData) {
			t.Errorf("source 1: got %v before it is idle for longest", err)
		}
		open(5) // then the first, for nobody but the application noticed that
		for i, gone := range []bool{true, false, true, false, false} {
			_, err := conns[i].Read(t.Context(), make([]byte, 100))
			if errors.Is(err, transport.ErrGaveWay) != gone || (err == nil) == gone {
				t.Errorf("source %d: got %v, gave way %v", i+1, err, gone)
			}
			if err := conns[i].Write(t.Context(), []byte("x")); errors.Is(err, transport.ErrGaveWay) != gone || (err == nil) == gone {
				t.Errorf("source %d: write: got %v, gave way %v", i+1, err, gone)
			}
		}
		in <- forged(3) // which comes again
		again := accept(t, l)
		if again.RemoteAddress() != forged(3) {
			t.Errorf("accepted %v, want %v", again.RemoteAddress(), forged(3))
		}
		want(t, again, "from udp://10.0.0.3:4000")
		for _, c := range append(conns, again) {
			c.Close()
			if err := c.Write(t.Context(), nil); !errors.Is(err, transport.ErrClosed) {
				t.Errorf("after Close: got %v, want ErrClosed", err)
			}
		}
	})
}

// TRAN-021: a read that waits ends when its source gives way.
func TestGivingWayWakesRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := make(chan wire.Address)
		l := transport.Sources(scripted(t, in), transport.SourcesConfig{Served: 1})
		defer l.Close()
		defer close(in)
		in <- forged(1)
		first := accept(t, l)
		want(t, first, "from udp://10.0.0.1:4000")
		ended := make(chan error)
		go func() {
			_, err := first.Read(context.Background(), make([]byte, 10))
			ended <- err
		}()
		synctest.Wait()
		in <- forged(2)
		second := accept(t, l)
		if err := <-ended; !errors.Is(err, transport.ErrGaveWay) {
			t.Errorf("got %v, want ErrGaveWay", err)
		}
		second.Close()
	})
}

// TRAN-023: the queue of a source is bounded in messages and in bytes, and that of another is its own.
func TestQueuesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := transport.NewHub(transport.HubConfig{})
		l := newSources(t, hub, transport.SourcesConfig{Messages: 4, Bytes: 1})
		a := transport.Connected(hubListen(t, hub, hubHost()), l.Address())
		b := transport.Connected(hubListen(t, hub, hubHost()), l.Address())
		for i := range 20 {
			write(t, a, fmt.Sprint("a", i))
			synctest.Wait()
		}
		write(t, b, "b")
		serverA, serverB := accept(t, l), accept(t, l)
		want(t, serverB, "b")
		for i := range 4 {
			want(t, serverA, fmt.Sprint("a", i))
		}
		nothing(t, serverA)
		long := make([]byte, 65507) // however small the bound, one always fits
		for range 2 {
			if err := a.Write(t.Context(), long); err != nil {
				t.Fatal(err)
			}
		}
		p := make([]byte, 65507)
		if n, err := serverA.Read(t.Context(), p); n != len(long) || err != nil {
			t.Errorf("got %d bytes, %v, want the longest message", n, err)
		}
		nothing(t, serverA)
		write(t, a, "and on")
		want(t, serverA, "and on")
		serverA.Close()
		serverB.Close()
	})
}

// TRAN-022: Close returns when the goroutine that reads has ended.
func TestSourcesCloseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		socket := hubListen(t, transport.NewHub(transport.HubConfig{}), hubHost())
		ended := false
		l := transport.Sources(&script{socket, func() ([]byte, wire.Address, error) {
			<-time.After(time.Hour)
			ended = true
			return nil, wire.Address{}, transport.ErrClosed
		}}, transport.SourcesConfig{})
		if err := l.Close(); err != nil || !ended {
			t.Errorf("got %v, the goroutine has ended %v", err, ended)
		}
	})
}

// WIRE-013: a source that nothing may be sent to is no source.
func TestUnsendableSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := make(chan wire.Address)
		l := transport.Sources(scripted(t, in), transport.SourcesConfig{})
		defer l.Close()
		defer close(in)
		in <- forged(1).WithPort(0)
		in <- wire.UDPAddress6([16]byte{0: 0xfe, 1: 0x80, 15: 1}, 4000)
		in <- forged(2)
		c := accept(t, l)
		if c.RemoteAddress() != forged(2) {
			t.Errorf("accepted %v, want %v", c.RemoteAddress(), forged(2))
		}
		c.Close()
	})
}

// IO-003: when the socket fails, whoever waits is told its error, and later calls are too.
func TestSocketFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := make(chan wire.Address)
		l := transport.Sources(scripted(t, in), transport.SourcesConfig{})
		in <- forged(1)
		c := accept(t, l)
		want(t, c, "from udp://10.0.0.1:4000")
		errs := make(chan error)
		go func() {
			_, err := c.Read(context.Background(), nil)
			errs <- err
		}()
		go func() {
			_, err := l.Accept(context.Background())
			errs <- err
		}()
		synctest.Wait()
		close(in)
		for range 2 {
			if err := <-errs; !errors.Is(err, errBroken) {
				t.Errorf("got %v, want the socket's error", err)
			}
		}
		if err := c.Write(t.Context(), nil); !errors.Is(err, errBroken) {
			t.Errorf("write: got %v, want the socket's error", err)
		}
		l.Close()
		c.Close()
		if _, err := c.Read(t.Context(), nil); !errors.Is(err, transport.ErrClosed) {
			t.Errorf("after Close: got %v, want ErrClosed", err)
		}
	})
}

// TRAN-022: the socket is closed with the last of listener and connections, whichever it is, and then no goroutine is left.
func TestSourcesRelease(t *testing.T) {
	for _, order := range []string{"lab", "alb", "abl", "bla"} {
		synctest.Test(t, func(t *testing.T) { // which waits for every goroutine
			hub := transport.NewHub(transport.HubConfig{})
			socket := hubListen(t, hub, hubHost())
			l := transport.Sources(socket, transport.SourcesConfig{})
			conns := map[rune]transport.Conn{}
			for _, name := range "abc" { // c is never accepted
				client := transport.Connected(hubListen(t, hub, hubHost()), l.Address())
				write(t, client, string(name))
				if name != 'c' {
					conns[name] = accept(t, l)
				}
			}
			for i, name := range order {
				if err := socket.WriteTo(t.Context(), nil, socket.LocalAddress()); err != nil {
					t.Errorf("%s: after %d closes: %v", order, i, err)
				}
				if name == 'l' {
					l.Close()
				} else {
					conns[name].Close()
				}
			}
			if err := socket.WriteTo(t.Context(), nil, socket.LocalAddress()); !errors.Is(err, transport.ErrClosed) {
				t.Errorf("%s: after all closes: got %v, want ErrClosed", order, err)
			}
		})
	}
}

// TRAN-013: memory stays flat while forged sources pour in.
func TestFloodOfSources(t *testing.T) {
	next, total := 0, 300_000
	pause := make(chan struct{})
	socket := hubListen(t, transport.NewHub(transport.HubConfig{}), hubHost())
	msg := make([]byte, 1000)
	flood := &script{socket, func() ([]byte, wire.Address, error) {
		if next++; next == total {
			close(pause)
			<-t.Context().Done()
			return nil, wire.Address{}, transport.ErrClosed
		}
		return msg, forged(next), nil
	}}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	l := transport.Sources(flood, transport.SourcesConfig{})
	t.Cleanup(func() { l.Close() }) // after t.Context has ended
	<-pause
	runtime.GC()
	runtime.ReadMemStats(&after)
	const most = transport.DefaultWaiting*(4096+1024) + 1<<20
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > most {
		t.Errorf("%d forged sources: %d bytes more than before, want at most %d", total, grown, most)
	}
	c := accept(t, l)
	if want := forged(total - transport.DefaultWaiting); c.RemoteAddress() != want {
		t.Errorf("accepted %v, want %v", c.RemoteAddress(), want)
	}
}

// MEM-003: the steady state allocates nothing.
func TestSourcesAllocations(t *testing.T) {
	hub := transport.NewHub(transport.HubConfig{Queue: 4})
	l := newSources(t, hub, transport.SourcesConfig{})
	client := transport.Connected(hubListen(t, hub, hubHost()), l.Address())
	write(t, client, "hello")
	server := accept(t, l)
	defer server.Close()
	want(t, server, "hello")
	ctx, msg, p := t.Context(), make([]byte, 1000), make([]byte, 1000)
	exchange := func() {
		for _, way := range [][2]transport.Conn{{client, server}, {server, client}} {
			if err := way[0].Write(ctx, msg); err != nil {
				t.Fatal(err)
			}
			if n, err := way[1].Read(ctx, p); n != len(msg) || err != nil {
				t.Fatal(n, err)
			}
		}
	}
	for range 10 {
		exchange()
	}
	if got := testing.AllocsPerRun(200, exchange); got >= 1 { // the goroutine's waiting costs the runtime now and then
		t.Errorf("%v allocations per message, want 0", got)
	}
}
