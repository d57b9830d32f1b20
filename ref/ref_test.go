package ref_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/memory"
	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

func loopback() wire.Address { return wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0) }

// newConfig is one end with a key of its own that accepts anybody.
func newConfig(t testing.TB) (cfg ref.Config, public []byte) {
	t.Helper()
	cfg, public, _ = newCounted(t)
	return cfg, public
}

// open opens a channel over the two ends of a connection.
func open(t testing.TB, i, r transport.Conn, initiator, responder ref.Config) (client, server *ref.Conn) {
	t.Helper()
	var wg sync.WaitGroup
	var failed error
	wg.Go(func() { server, failed = ref.Respond(context.Background(), r, responder) })
	client, err := ref.Initiate(context.Background(), i, initiator)
	wg.Wait()
	if err != nil || failed != nil {
		t.Fatalf("initiator: %v, responder: %v", err, failed)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// openPipe opens a channel over a pipe.
func openPipe(t testing.TB, p profile.Profile) (client, server *ref.Conn) {
	t.Helper()
	initiator, _ := newConfig(t)
	responder, _ := newConfig(t)
	initiator.Profile, responder.Profile = p, p
	i, r := transport.Pipe(transport.PipeConfig{})
	return open(t, i, r, initiator, responder)
}

// listen listens on loopback.
func listen(t testing.TB, cfg ref.ListenConfig) *ref.Listener {
	t.Helper()
	l, err := ref.Listen(t.Context(), loopback(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// openTunnel opens a channel in channels.
func openTunnel(t testing.TB, depth int) (client, server *ref.Conn) {
	t.Helper()
	client, server = openPipe(t, profile.V1())
	for range depth {
		initiator, _ := newConfig(t)
		responder, _ := newConfig(t)
		client, server = open(t, client, server, initiator, responder)
	}
	return client, server
}

// CHAN-008: each layer costs 24 bytes, and authenticates its own peer.
func TestTunnel(t *testing.T) {
	base, _ := openPipe(t, profile.V1())
	top, bottom := openTunnel(t, 3)
	if got, want := top.Limit(), base.Limit()-3*24; got != want {
		t.Errorf("limit %d, want %d", got, want)
	}
	if !bytes.Equal(top.ChannelBinding(), bottom.ChannelBinding()) || len(top.ChannelBinding()) != 32 {
		t.Errorf("channel bindings %x and %x, want 32 equal bytes", top.ChannelBinding(), bottom.ChannelBinding())
	}
}

// REC-010: the limit is what the frame leaves. Over direct IPv4 the outer header has two addresses of 8 bytes.
func TestLimit(t *testing.T) {
	v1, _ := openPipe(t, profile.V1())
	if got, want := v1.Limit(), 65535-(4+2*8)-4-16; got != want {
		t.Errorf("v1: limit %d, want %d", got, want)
	}
	c09, _ := openPipe(t, profile.C09())
	if got := c09.Limit(); got != 1008 {
		t.Errorf("c09: limit %d, want 1008", got)
	}
}

// A narrow connection takes shorter messages than its other end, as a channel does whose outer header is longer than the peer's.
type narrow struct{ transport.Conn }

func (n narrow) Limit() int { return n.Conn.Limit() - 100 }

// REC-010, CHAN-008: the limit of one end bounds what it writes, not what it receives.
func TestLimitsDiffer(t *testing.T) {
	initiator, _ := newConfig(t)
	responder, _ := newConfig(t)
	i, r := transport.Pipe(transport.PipeConfig{})
	client, server := open(t, narrow{i}, r, initiator, responder)
	if got, want := client.Limit(), server.Limit()-100; got != want {
		t.Fatalf("limit %d, want %d", got, want)
	}
	ctx, p := t.Context(), make([]byte, wire.MaxMessage)
	for _, way := range [][2]*ref.Conn{{server, client}, {client, server}} {
		from, to := way[0], way[1]
		msg := bytes.Repeat([]byte("x"), from.Limit())
		if err := from.Write(ctx, msg); err != nil {
			t.Fatal(err)
		}
		if n, err := to.Read(ctx, p); err != nil || !bytes.Equal(p[:n], msg) {
			t.Fatalf("got %d bytes and %v, want %d", n, err, len(msg))
		}
		if err := from.Write(ctx, append(msg, 0)); !errors.Is(err, transport.ErrMessageTooLong) {
			t.Errorf("a byte more: got %v, want ErrMessageTooLong", err)
		}
	}
	exchange(t, client, server)
}

// NOISE-011, NOISE-014: both ends know each other's key, and have the same binding, which no other channel has.
func TestIdentity(t *testing.T) {
	initiator, initiatorKey := newConfig(t)
	responder, responderKey := newConfig(t)
	initiator.Policy, responder.Policy = ref.ExactKey(responderKey), ref.KeySet([]byte("another"), initiatorKey)
	seen := map[string]bool{}
	for range 2 {
		i, r := transport.Pipe(transport.PipeConfig{})
		client, server := open(t, i, r, initiator, responder)
		if !bytes.Equal(client.PeerStatic(), responderKey) || !bytes.Equal(server.PeerStatic(), initiatorKey) {
			t.Errorf("peers' keys %x and %x, want %x and %x", client.PeerStatic(), server.PeerStatic(), responderKey, initiatorKey)
		}
		if !bytes.Equal(client.ChannelBinding(), server.ChannelBinding()) || len(client.ChannelBinding()) != 32 {
			t.Errorf("bindings %x and %x", client.ChannelBinding(), server.ChannelBinding())
		}
		seen[string(client.ChannelBinding())] = true
	}
	if len(seen) != 2 {
		t.Errorf("two channels have one binding")
	}
}

// REC-011: inner routes are delivered beside the payload, with each part; empty unless set.
func TestInnerRoutes(t *testing.T) {
	client, server := openPipe(t, profile.V1())
	routes := ref.Routes{
		Onward: wire.Route{wire.LocalAddress([]byte("app"))},
		Return: wire.Route{wire.LocalAddress([]byte("me")), wire.LocalAddress(bytes.Repeat([]byte("x"), 100))},
	}
	ctx := t.Context()
	if err := client.WriteMessage(ctx, []byte("hello"), routes); err != nil {
		t.Fatal(err)
	}
	if err := client.Write(ctx, []byte("plain")); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 3)
	for i, want := range []error{transport.ErrMoreData, nil} {
		n, got, err := server.ReadMessage(ctx, p)
		if !errors.Is(err, want) || n != 3-i {
			t.Fatalf("part %d: got %d, %v, want %d, %v", i, n, err, 3-i, want)
		}
		if len(got.Onward) != 1 || len(got.Return) != 2 || got.Onward[0] != routes.Onward[0] || got.Return[1] != routes.Return[1] {
			t.Errorf("part %d: got routes %v, want %v", i, got, routes)
		}
	}
	n, got, err := server.ReadMessage(ctx, make([]byte, 10))
	if n != 5 || err != nil || got.Onward != nil || got.Return != nil {
		t.Errorf("got %d, %v, %v, want 5 bytes without routes", n, got, err)
	}
}

// Section 11: c09 has no inner routes. The message is refused, uses no counter, and the next one arrives.
func TestInnerRoutesRefused(t *testing.T) {
	client, server := openPipe(t, profile.C09())
	err := client.WriteMessage(t.Context(), []byte("x"), ref.Routes{Onward: wire.Route{wire.LocalAddress([]byte("app"))}})
	if !errors.Is(err, channel.ErrCannotTravel) {
		t.Fatalf("got %v, want ErrCannotTravel", err)
	}
	exchange(t, client, server)
}

// exchange shows that a channel works both ways.
func exchange(t testing.TB, client, server *ref.Conn) {
	t.Helper()
	p := make([]byte, 100)
	for _, way := range [][2]*ref.Conn{{client, server}, {server, client}} {
		if err := way[0].Write(context.Background(), []byte("ping")); err != nil {
			t.Fatal(err)
		}
		if n, err := way[1].Read(context.Background(), p); err != nil || string(p[:n]) != "ping" {
			t.Fatalf("got %q, %v", p[:n], err)
		}
	}
}

func TestConfigRefused(t *testing.T) {
	for name, change := range map[string]func(*ref.Config){
		"no vault":         func(c *ref.Config) { c.Vault = nil },
		"no static key":    func(c *ref.Config) { c.Static = vault.Secret{} }, // NOISE-012
		"no policy":        func(c *ref.Config) { c.Policy = nil },            // NOISE-011
		"negative timeout": func(c *ref.Config) { c.HandshakeTimeout = -1 },
		"timeout too long": func(c *ref.Config) { c.HandshakeTimeout = ref.MaxHandshakeTimeout + 1 }, // NOISE-013
		"negative queue":   func(c *ref.Config) { c.Queue = -1 },
		"negative repeat":  func(c *ref.Config) { c.RepeatAfter = -1 },
		"repeat too late":  func(c *ref.Config) { c.RepeatAfter = ref.MaxHandshakeTimeout + 1 },
		"window too small": func(c *ref.Config) { c.Window = channel.MinWindow - 1 }, // REC-008
		"window too large": func(c *ref.Config) { c.Window = channel.MaxWindow + 1 },
		"profile over UDP": func(c *ref.Config) { c.Profile = profile.E09() },
	} {
		cfg, _ := newConfig(t)
		change(&cfg)
		if c, err := ref.Dial(t.Context(), loopback(), cfg); c != nil || !errors.Is(err, ref.ErrConfig) {
			t.Errorf("%s: Dial: got %v, %v, want ErrConfig", name, c, err)
		}
		if l, err := ref.Listen(t.Context(), loopback(), ref.ListenConfig{Config: cfg}); l != nil || !errors.Is(err, ref.ErrConfig) {
			t.Errorf("%s: Listen: got %v, %v, want ErrConfig", name, l, err)
		}
		i, r := transport.Pipe(transport.PipeConfig{})
		if c, err := ref.Initiate(t.Context(), i, cfg); c != nil || !errors.Is(err, ref.ErrConfig) {
			t.Errorf("%s: Initiate: got %v, %v, want ErrConfig", name, c, err)
		}
		if n, err := r.Read(t.Context(), make([]byte, 100)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("%s: the other end reads %d bytes and %v, want the end", name, n, err)
		}
	}
}

// Section 11: the parties of c09 make a static key for each handshake, which leaves no secret behind.
func TestStaticKeyPerHandshake(t *testing.T) {
	cfg, _, live := newCounted(t)
	cfg.Profile, cfg.Static = profile.C09(), vault.Secret{}
	before := live()
	var keys [][]byte
	for range 2 {
		i, r := transport.Pipe(transport.PipeConfig{})
		client, server := open(t, i, r, cfg, cfg)
		exchange(t, client, server)
		keys = append(keys, client.PeerStatic(), server.PeerStatic())
		if err := errors.Join(client.Close(), server.Close()); err != nil || live() != before {
			t.Errorf("%d secrets before, %d after, %v", before, live(), err)
		}
	}
	for i := range keys {
		for j := range i {
			if bytes.Equal(keys[i], keys[j]) {
				t.Errorf("handshakes %d and %d have one static key", i, j)
			}
		}
	}
}

// MEM-003: the steady state of a channel allocates nothing.
func TestAllocations(t *testing.T) {
	for _, p := range []profile.Profile{profile.V1(), profile.C09()} {
		client, server := openPipe(t, p)
		ctx := context.Background()
		for _, size := range []int{0, 1000, 30000} {
			if size > client.Limit() {
				continue
			}
			msg, buf := make([]byte, size), make([]byte, size)
			message := func() {
				if err := client.Write(ctx, msg); err != nil {
					t.Fatal(err)
				}
				if n, err := server.Read(ctx, buf); err != nil || n != size {
					t.Fatal(n, err)
				}
			}
			for range 2 * transport.DefaultPipeQueue {
				message()
			}
			if got := testing.AllocsPerRun(100, message); got != 0 {
				t.Errorf("%s, %d bytes: %v allocations per message, want 0", p.Name, size, got)
			}
		}
	}
}

// measuring is an allocator that knows how many bytes are held.
type measuring struct {
	memorytest.Counting
	bytes atomic.Int64
}

func (m *measuring) held() int { return int(m.bytes.Load()) }

func (m *measuring) Allocate(n int) ([]byte, error) {
	b, err := m.Counting.Allocate(n)
	m.bytes.Add(int64(len(b)))
	return b, err
}

func (m *measuring) Release(b []byte) {
	m.bytes.Add(-int64(len(b)))
	m.Counting.Release(b)
}

// MEM-002: a read that finds no memory fails and loses nothing. MEM-001: what was allocated is given back, large buffers after a while.
func TestMemory(t *testing.T) {
	initiator, _ := newConfig(t)
	responder, _ := newConfig(t)
	var allocator measuring
	responder.Memory = &allocator
	i, r := transport.Pipe(transport.PipeConfig{})
	client, server := open(t, i, r, initiator, responder)
	ctx := t.Context()
	large, p := bytes.Repeat([]byte("large"), 10000), make([]byte, 65535)

	if err := client.Write(ctx, large); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		allocator.FailAt(1 + i)
		if n, err := server.Read(ctx, p); n != 0 || !errors.Is(err, memory.ErrOutOfMemory) {
			t.Fatalf("refusal %d: got %d, %v, want ErrOutOfMemory", i, n, err)
		}
	}
	if n, err := server.Read(ctx, p); err != nil || !bytes.Equal(p[:n], large) {
		t.Fatalf("got %d, %v, want the whole message", n, err)
	}
	if allocator.held() < len(large) {
		t.Errorf("holds %d bytes, less than the message", allocator.held())
	}
	for range 100 {
		exchange(t, client, server)
	}
	if allocator.held() > 4096 {
		t.Errorf("holds %d bytes after short messages, want at most 4,096", allocator.held())
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if allocator.held() != 0 || allocator.Live() != 0 || allocator.Err() != nil {
		t.Errorf("after Close: %d bytes in %d buffers, %v", allocator.held(), allocator.Live(), allocator.Err())
	}
}

// No goroutine outlives a connection: the bubble waits for all of them.
func TestNoGoroutineIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := openPipe(t, profile.V1())
		exchange(t, client, server)
		client.Close()
		server.Close()
	})
}
