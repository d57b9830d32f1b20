package ref_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/wire"
)

// A memoryListener accepts pipes, so that a listener runs in virtual time.
type memoryListener struct {
	conns  chan transport.Conn
	closed chan struct{}
	once   sync.Once
}

func newMemoryListener() *memoryListener {
	return &memoryListener{conns: make(chan transport.Conn), closed: make(chan struct{})}
}

// dial returns the other end of an accepted connection.
func (l *memoryListener) dial() transport.Conn {
	a, b := transport.Pipe(transport.PipeConfig{})
	l.conns <- b
	return a
}

func (l *memoryListener) Accept(ctx context.Context) (transport.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, transport.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *memoryListener) Address() wire.Address { return wire.TCPAddress4([4]byte{127, 0, 0, 1}, 2) }

func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// failures collects what a listener reports.
type failures struct {
	mu   sync.Mutex
	errs []error
}

func (f *failures) add(_ wire.Address, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errs = append(f.errs, err)
}

func (f *failures) all() []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]error(nil), f.errs...)
}

// newMemory makes a listener in virtual time. It is closed by the test, inside its bubble.
func newMemory(t *testing.T, change func(*ref.ListenConfig)) (*ref.Listener, *memoryListener, *failures) {
	t.Helper()
	cfg, _ := newConfig(t)
	var failed failures
	lc := ref.ListenConfig{Config: cfg, Failed: failed.add}
	if change != nil {
		change(&lc)
	}
	inner := newMemoryListener()
	l, err := ref.NewListener(inner, lc)
	if err != nil {
		t.Fatal(err)
	}
	return l, inner, &failed
}

func initiate(t *testing.T, conn transport.Conn) *ref.Conn {
	t.Helper()
	cfg, _ := newConfig(t)
	c, err := ref.Initiate(t.Context(), conn, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func accept(t *testing.T, l *ref.Listener) *ref.Conn {
	t.Helper()
	c, err := l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TRAN-023, NOISE-013: idle connections hold up nobody, and end at the deadline.
func TestIdleConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, inner, failed := newMemory(t, nil)
		defer l.Close()
		start := time.Now()
		var idle []transport.Conn
		for range 50 {
			idle = append(idle, inner.dial())
		}
		client := initiate(t, inner.dial())
		server := accept(t, l)
		exchange(t, client, server)
		if took := time.Since(start); took != 0 {
			t.Errorf("the handshake waited %v for idle connections", took)
		}
		for _, conn := range idle {
			if n, err := conn.Read(t.Context(), make([]byte, 10)); n != 0 || !errors.Is(err, io.EOF) {
				t.Errorf("idle: got %d, %v, want the end", n, err)
			}
		}
		if took := time.Since(start); took != ref.DefaultHandshakeTimeout {
			t.Errorf("idle connections ended after %v, want %v", took, ref.DefaultHandshakeTimeout)
		}
		synctest.Wait()
		errs := failed.all()
		if len(errs) != len(idle) {
			t.Fatalf("%d failures reported, want %d", len(errs), len(idle))
		}
		refused{channel.StepWait, "NOISE-013", channel.ErrDeadline}.check(t, errs[0])
		exchange(t, client, server)
		client.Close()
		server.Close()
	})
}

// CHAN-007: a peer that fails is reported with step and requirement, and does not end the accept loop.
func TestFailureIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		known, public := newConfig(t)
		l, inner, failed := newMemory(t, func(c *ref.ListenConfig) { c.Policy = ref.ExactKey(public) })
		defer l.Close()
		stranger := initiate(t, inner.dial())
		defer stranger.Close()
		if n, err := stranger.Read(t.Context(), make([]byte, 10)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("the stranger reads %d bytes and %v, want the end", n, err)
		}
		client, err := ref.Initiate(t.Context(), inner.dial(), known)
		if err != nil {
			t.Fatal(err)
		}
		server := accept(t, l)
		exchange(t, client, server)
		client.Close()
		server.Close()
		synctest.Wait() // the stranger reads the end before it is reported
		errs := failed.all()
		if len(errs) != 1 {
			t.Fatalf("%d failures reported, want 1", len(errs))
		}
		refused{channel.StepM3, "NOISE-011", key.ErrPeerRefused}.check(t, errs[0])
	})
}

// Listener: channels that nobody accepts are bounded, wait in line, and are not lost.
func TestBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, inner, _ := newMemory(t, func(c *ref.ListenConfig) { c.HalfOpen, c.Backlog = 1, 2 })
		defer l.Close()
		var clients []*ref.Conn
		for range 3 {
			clients = append(clients, initiate(t, inner.dial()))
			synctest.Wait()
		}
		fourth := make(chan transport.Conn)
		go func() { fourth <- inner.dial() }()
		synctest.Wait()
		select {
		case <-fourth:
			t.Error("a fourth connection was accepted while three channels wait")
		default:
		}
		for i := range 3 {
			accept(t, l).Close()
			if i == 0 {
				(<-fourth).Close()
			}
		}
		for _, c := range clients {
			c.Close()
		}
	})
}

// Listener: Close gives up handshakes, closes what was not accepted, waits for its goroutines, and reports no failure.
func TestListenerClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, _, live := newCounted(t)
		l, inner, failed := newMemory(t, func(c *ref.ListenConfig) { c.Config = cfg })
		accepted := initiate(t, inner.dial())
		server := accept(t, l)
		before := live()
		waiting := initiate(t, inner.dial())
		idle := inner.dial()
		synctest.Wait()
		for range 2 {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if live() != before {
				t.Errorf("%d secrets with one channel open, %d after Close", before, live())
			}
			if c, err := l.Accept(t.Context()); c != nil || !errors.Is(err, transport.ErrClosed) {
				t.Errorf("Accept: got %v, %v, want ErrClosed", c, err)
			}
		}
		if n, err := waiting.Read(t.Context(), make([]byte, 10)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("not accepted: got %d, %v, want the end", n, err)
		}
		if n, err := idle.Read(t.Context(), make([]byte, 10)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("idle: got %d, %v, want the end", n, err)
		}
		exchange(t, accepted, server)
		if n := len(failed.all()); n != 0 {
			t.Errorf("%d failures reported, want none", n)
		}
		for _, c := range []*ref.Conn{accepted, server, waiting} {
			c.Close()
		}
	})
}

// Listener: when the listener below fails, Accept says why.
func TestListenerBelowFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, inner, _ := newMemory(t, nil)
		inner.Close()
		for range 2 {
			if c, err := l.Accept(t.Context()); c != nil || !errors.Is(err, transport.ErrClosed) {
				t.Errorf("got %v, %v, want ErrClosed", c, err)
			}
		}
		l.Close()
	})
}

func TestListenerBoundsRefused(t *testing.T) {
	cfg, _ := newConfig(t)
	for _, lc := range []ref.ListenConfig{
		{Config: cfg, HalfOpen: -1},
		{Config: cfg, Backlog: -1},
		{Config: cfg, HalfOpen: math.MaxInt},
		{Config: cfg, Backlog: math.MaxInt},
		{Config: cfg, HalfOpen: math.MaxInt, Backlog: math.MaxInt},
	} {
		if l, err := ref.Listen(t.Context(), loopback(), lc); l != nil || !errors.Is(err, ref.ErrConfig) {
			t.Errorf("half-open %d, backlog %d: got %v, %v, want ErrConfig", lc.HalfOpen, lc.Backlog, l, err)
		}
	}
}

// What is missing is an error of the configuration, not a panic, least of all in a goroutine that the caller cannot see.
func TestNothingBelow(t *testing.T) {
	cfg, _ := newConfig(t)
	if l, err := ref.NewListener(nil, ref.ListenConfig{Config: cfg}); l != nil || !errors.Is(err, ref.ErrConfig) {
		t.Errorf("NewListener: got %v, %v, want ErrConfig", l, err)
	}
	for _, role := range []channel.Role{channel.Initiator, channel.Responder} {
		if c, err := run(t.Context(), role, nil, cfg); c != nil || !errors.Is(err, ref.ErrConfig) {
			t.Errorf("%v: got %v, %v, want ErrConfig", role, c, err)
		}
	}
}

// Over TCP. TRAN-002: the whole conversation in single bytes, the length prefixes too.
func TestSingleBytes(t *testing.T) {
	responder, _ := newConfig(t)
	initiator, _ := newConfig(t)
	l := listen(t, ref.ListenConfig{Config: responder})
	relay, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer relay.Close()
	var copying sync.WaitGroup
	defer copying.Wait()
	copying.Go(func() {
		near, err := relay.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		ap, _ := tcp.AddrPort(l.Address())
		far, err := net.Dial("tcp4", ap.String())
		if err != nil {
			t.Error(err)
			return
		}
		copying.Go(func() { copyBytes(far, near) })
		copyBytes(near, far)
	})
	port := uint16(relay.Addr().(*net.TCPAddr).Port)
	client, err := ref.Dial(t.Context(), loopback().WithPort(port), initiator)
	if err != nil {
		t.Fatal(err)
	}
	server := accept(t, l)
	exchange(t, client, server)
	client.Close()
	server.Close()
}

// copyBytes copies a stream, each byte in a write of its own.
func copyBytes(dst io.WriteCloser, src io.Reader) {
	defer dst.Close()
	b := make([]byte, 1)
	for {
		if _, err := src.Read(b); err != nil {
			return
		}
		if _, err := dst.Write(b); err != nil {
			return
		}
	}
}

// Over TCP. TRAN-004, NOISE-006, NOISE-013, TRAN-008: how a handshake fails that a bare socket plays; the socket reads the end and not one
// byte.
func TestHostileSockets(t *testing.T) {
	frame := func(msg []byte) []byte {
		f, err := transport.AppendFrame(nil, msg)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for name, test := range map[string]struct {
		sends   []byte
		fin     bool
		timeout time.Duration
		want    refused
	}{
		"1,100-byte m1":        {frame(message(wire.M1, make([]byte, 1100))), false, 0, refused{channel.StepM1, "NOISE-006", key.ErrPayloadRefused}},
		"close inside a frame": {frame(message(wire.M1, make([]byte, 32)))[:20], true, 0, refused{channel.StepWait, "", transport.ErrTruncated}},
		"close inside length":  {[]byte{0}, true, 0, refused{channel.StepWait, "", transport.ErrTruncated}},
		"zero-length frame":    {frame(nil), false, 0, refused{channel.StepM1, "WIRE-005", wire.ErrTruncated}},
		"no word":              {nil, false, 20 * time.Millisecond, refused{channel.StepWait, "NOISE-013", channel.ErrDeadline}},
		"half a word":          {[]byte{0, 36, 1, 0}, false, 20 * time.Millisecond, refused{channel.StepWait, "NOISE-013", channel.ErrDeadline}},
		"end":                  {nil, true, 0, refused{channel.StepWait, "", io.EOF}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, _ := newConfig(t)
			cfg.HandshakeTimeout = test.timeout
			failed := make(chan error, 1)
			l := listen(t, ref.ListenConfig{Config: cfg, Failed: func(_ wire.Address, err error) { failed <- err }})
			ap, _ := tcp.AddrPort(l.Address())
			socket, err := net.DialTCP("tcp4", nil, net.TCPAddrFromAddrPort(ap))
			if err != nil {
				t.Fatal(err)
			}
			defer socket.Close()
			if _, err := socket.Write(test.sends); err != nil {
				t.Fatal(err)
			}
			if test.fin {
				if err := socket.CloseWrite(); err != nil {
					t.Fatal(err)
				}
			}
			test.want.check(t, <-failed)
			_ = socket.SetReadDeadline(time.Now().Add(20 * time.Second))
			if got, err := io.ReadAll(socket); len(got) != 0 || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the socket reads %d bytes and %v, want the end", len(got), err)
			}
		})
	}
}

// TRAN-021, TRAN-023: many channels at once over TCP, among sockets that say nothing.
func TestManyOverTCP(t *testing.T) {
	responder, _ := newConfig(t)
	initiator, _ := newConfig(t)
	l := listen(t, ref.ListenConfig{Config: responder})
	ap, _ := tcp.AddrPort(l.Address())
	for range 5 {
		idle, err := net.Dial("tcp4", ap.String())
		if err != nil {
			t.Fatal(err)
		}
		defer idle.Close()
	}
	const many = 20
	var wg sync.WaitGroup
	defer wg.Wait()
	for i := range many {
		wg.Go(func() {
			c, err := ref.Dial(context.Background(), l.Address(), initiator)
			if err != nil {
				t.Errorf("client %d: %v", i, err)
				return
			}
			defer c.Close()
			p := make([]byte, 10)
			if err := c.Write(context.Background(), []byte{byte(i)}); err != nil {
				t.Errorf("client %d: %v", i, err)
			}
			if n, err := c.Read(context.Background(), p); n != 1 || err != nil || p[0] != byte(i) {
				t.Errorf("client %d: got %d bytes %x, %v", i, n, p[:n], err)
			}
		})
	}
	for range many {
		c := accept(t, l)
		wg.Go(func() {
			defer c.Close()
			p := make([]byte, 10)
			n, err := c.Read(context.Background(), p)
			if err == nil {
				err = c.Write(context.Background(), p[:n])
			}
			if err != nil {
				t.Errorf("server: %v", err)
			}
		})
	}
}
