package transporttest

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A faultySocket is a correct one with faults; nil functions are the correct ones.
type faultySocket struct {
	transport.PacketConn
	read  func(c transport.PacketConn, ctx context.Context, p []byte) (int, wire.Address, error)
	write func(c transport.PacketConn, ctx context.Context, p []byte, to wire.Address) error
	batch func(c transport.PacketConn, ctx context.Context, ps [][]byte, to wire.Address) (int, error)
	close func(c transport.PacketConn) error
	local wire.Address
}

func (f *faultySocket) ReadFrom(ctx context.Context, p []byte) (int, wire.Address, error) {
	if f.read != nil {
		return f.read(f.PacketConn, ctx, p)
	}
	return f.PacketConn.ReadFrom(ctx, p)
}

func (f *faultySocket) WriteTo(ctx context.Context, p []byte, to wire.Address) error {
	if f.write != nil {
		return f.write(f.PacketConn, ctx, p, to)
	}
	return f.PacketConn.WriteTo(ctx, p, to)
}

func (f *faultySocket) WriteBatchTo(ctx context.Context, ps [][]byte, to wire.Address) (int, error) {
	if f.batch != nil {
		return f.batch(f.PacketConn, ctx, ps, to)
	}
	return f.PacketConn.WriteBatchTo(ctx, ps, to)
}

func (f *faultySocket) Close() error {
	if f.close != nil {
		return f.close(f.PacketConn)
	}
	return f.PacketConn.Close()
}

func (f *faultySocket) LocalAddress() wire.Address {
	if f.local != (wire.Address{}) {
		return f.local
	}
	return f.PacketConn.LocalAddress()
}

// packetFailures runs one check in virtual time over a hub, each socket with the fault.
func packetFailures(t *testing.T, c packetCheck, fault func(*faultySocket)) []string {
	r := &recorder{TB: t}
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		sockets := hubSockets(t, 3)
		for i, s := range sockets {
			f := &faultySocket{PacketConn: s}
			if fault != nil {
				fault(f)
			}
			sockets[i] = f
		}
		go func() {
			defer close(done)
			runPacketCheck(r, c, sockets)
		}()
		<-done
	})
	return r.failures
}

// hubSockets are n sockets of one hub.
func hubSockets(t *testing.T, n int) []transport.PacketConn {
	hub := transport.NewHub(transport.HubConfig{})
	var out []transport.PacketConn
	for range n {
		s, err := hub.Listen(wire.UDPAddress4([4]byte{127, 0, 0, 1}, 0))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		out = append(out, s)
	}
	return out
}

func TestCorrectSocketPasses(t *testing.T) {
	for _, c := range packetChecks() {
		if got := packetFailures(t, c, nil); len(got) > 0 {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// A brokenSocket has a fault that the check killed has to notice.
type brokenSocket struct {
	name, killed string
	fault        func(*faultySocket)
}

// Each broken socket is caught by the check that is meant to, and each check catches one.
func TestBrokenSocketsAreCaught(t *testing.T) {
	all := packetChecks()
	kills := map[string]int{}
	for _, b := range slices.Concat(brokenReaders(), brokenWriters(), brokenEnds()) {
		i := slices.IndexFunc(all, func(c packetCheck) bool { return c.name == b.killed })
		if i < 0 {
			t.Fatalf("%s: there is no check %q", b.name, b.killed)
		}
		got := packetFailures(t, all[i], b.fault)
		if len(got) == 0 {
			t.Errorf("%s: survives %q", b.name, b.killed)
			continue
		}
		t.Logf("%s: %s: %s", b.name, b.killed, got[0])
		kills[b.killed]++
	}
	for _, c := range all {
		if kills[c.name] == 0 {
			t.Errorf("check %q catches no broken socket", c.name)
		}
	}
}

func brokenReaders() []brokenSocket {
	type socket = transport.PacketConn
	return []brokenSocket{
		{"no source", "boundaries", func(f *faultySocket) {
			f.read = func(c socket, ctx context.Context, p []byte) (int, wire.Address, error) {
				n, _, err := c.ReadFrom(ctx, p)
				return n, wire.Address{}, err
			}
		}},
		{"every source is the first one", "sources", func(f *faultySocket) {
			var first wire.Address
			f.read = func(c socket, ctx context.Context, p []byte) (int, wire.Address, error) {
				n, from, err := c.ReadFrom(ctx, p)
				if err == nil && first == (wire.Address{}) {
					first = from
				}
				return n, first, err
			}
		}},
		{"truncates", "short buffer", func(f *faultySocket) {
			f.read = func(c socket, ctx context.Context, p []byte) (int, wire.Address, error) {
				own := make([]byte, c.Limit())
				n, from, err := c.ReadFrom(ctx, own)
				return copy(p, own[:n]), from, err
			}
		}},
		{"an empty datagram is skipped", "three results", func(f *faultySocket) {
			f.read = func(c socket, ctx context.Context, p []byte) (int, wire.Address, error) {
				n, from, err := c.ReadFrom(ctx, p)
				for n == 0 && err == nil {
					n, from, err = c.ReadFrom(ctx, p)
				}
				return n, from, err
			}
		}},
		{"a timeout is a closed socket", "three results", func(f *faultySocket) {
			f.read = func(c socket, ctx context.Context, p []byte) (int, wire.Address, error) {
				n, from, err := c.ReadFrom(ctx, p)
				if errors.Is(err, context.DeadlineExceeded) {
					err = transport.ErrClosed
				}
				return n, from, err
			}
		}},
		{"reads on after it was given up", "give up", func(f *faultySocket) { f.read = readInBackground() }},
		{"reads on after it was given up, often", "give up often", func(f *faultySocket) { f.read = readInBackground() }},
		{"a flood disables it", "flood", func(f *faultySocket) {
			var got atomic.Int32
			f.read = func(c socket, ctx context.Context, p []byte) (int, wire.Address, error) {
				if got.Add(1) > 100 {
					<-ctx.Done()
					return 0, wire.Address{}, ctx.Err()
				}
				return c.ReadFrom(ctx, p)
			}
		}},
	}
}

// readInBackground reads on after it was given up, and then throws the datagram away.
func readInBackground() func(c transport.PacketConn, ctx context.Context, p []byte) (int, wire.Address, error) {
	type result struct {
		n    int
		from wire.Address
		err  error
	}
	turn := make(chan struct{}, 1)
	return func(c transport.PacketConn, ctx context.Context, p []byte) (int, wire.Address, error) {
		done := make(chan result, 1)
		own := make([]byte, len(p))
		go func() {
			turn <- struct{}{}
			n, from, err := c.ReadFrom(context.WithoutCancel(ctx), own)
			<-turn
			done <- result{n, from, err}
		}()
		select {
		case r := <-done:
			return copy(p, own[:r.n]), r.from, r.err
		case <-ctx.Done():
			return 0, wire.Address{}, ctx.Err()
		}
	}
}

func brokenWriters() []brokenSocket {
	type socket = transport.PacketConn
	type write = func(c socket, ctx context.Context, p []byte, to wire.Address) error
	type batch = func(c socket, ctx context.Context, ps [][]byte, to wire.Address) (int, error)
	writes := func(name, killed string, w write) brokenSocket {
		return brokenSocket{name, killed, func(f *faultySocket) { f.write = w }}
	}
	batches := func(name, killed string, b batch) brokenSocket {
		return brokenSocket{name, killed, func(f *faultySocket) { f.batch = b }}
	}
	return []brokenSocket{
		writes("splits datagrams", "boundaries", func(c socket, ctx context.Context, p []byte, to wire.Address) error {
			half := len(p) / 2
			return errors.Join(c.WriteTo(ctx, p[:half], to), c.WriteTo(ctx, p[half:], to))
		}),
		writes("truncates what is too long", "too long", func(c socket, ctx context.Context, p []byte, to wire.Address) error {
			return c.WriteTo(ctx, p[:min(len(p), c.Limit())], to)
		}),
		writes("sends to any address", "bad addresses", func(c socket, ctx context.Context, p []byte, to wire.Address) error {
			if err := c.WriteTo(ctx, p, to); !errors.Is(err, transport.ErrAddress) {
				return err
			}
			return nil
		}),
		writes("sends although the context has ended", "ended context", func(c socket, ctx context.Context, p []byte, to wire.Address) error {
			return errors.Join(c.WriteTo(context.WithoutCancel(ctx), p, to), ctx.Err())
		}),
		writes("keeps the caller's buffer", "buffer is the caller's", func(c socket, ctx context.Context, p []byte, to wire.Address) error {
			time.AfterFunc(time.Microsecond, func() { _ = c.WriteTo(ctx, p, to) })
			return nil
		}),
		{"drops under concurrency", "concurrent writers", func(f *faultySocket) {
			var last atomic.Int32 // writers take turns here, for in virtual time they do not meet by chance
			f.write = func(c socket, ctx context.Context, p []byte, to wire.Address) error {
				mine := last.Add(1)
				<-time.After(time.Microsecond)
				if last.Load() != mine {
					return nil
				}
				return c.WriteTo(ctx, p, to)
			}
		}},
		{"one call at a time", "both ways", func(f *faultySocket) {
			turn := make(chan struct{}, 1)
			f.read = func(c socket, ctx context.Context, p []byte) (int, wire.Address, error) {
				turn <- struct{}{}
				defer func() { <-turn }()
				return c.ReadFrom(ctx, p)
			}
			f.write = func(c socket, ctx context.Context, p []byte, to wire.Address) error {
				select {
				case turn <- struct{}{}:
					defer func() { <-turn }()
					return c.WriteTo(ctx, p, to)
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}},
		batches("a batch is one datagram", "batch", func(c socket, ctx context.Context, ps [][]byte, to wire.Address) (int, error) {
			return len(ps), c.WriteTo(ctx, slices.Concat(ps...), to)
		}),
		batches("a batch keeps no order", "batch", func(c socket, ctx context.Context, ps [][]byte, to wire.Address) (int, error) {
			ps = slices.Clone(ps)
			slices.Reverse(ps)
			return c.WriteBatchTo(ctx, ps, to)
		}),
		batches("a shorter datagram has the length of its run", "batch", func(c socket, ctx context.Context, ps [][]byte, to wire.Address) (int, error) {
			for i, p := range ps {
				if i > 0 && len(p) > 0 && len(p) < len(ps[i-1]) {
					p = append(slices.Clone(p), make([]byte, len(ps[i-1])-len(p))...)
				}
				if err := c.WriteTo(ctx, p, to); err != nil {
					return i, err
				}
			}
			return len(ps), nil
		}),
		batches("an error in a batch counts what it did not send", "batch that fails", func(c socket, ctx context.Context, ps [][]byte, to wire.Address) (int, error) {
			for i, p := range ps {
				if err := c.WriteTo(ctx, p, to); err != nil {
					return i + 1, err
				}
			}
			return len(ps), nil
		}),
		batches("an error in a batch does not count what it sent", "batch that fails", func(c socket, ctx context.Context, ps [][]byte, to wire.Address) (int, error) {
			if _, err := c.WriteBatchTo(ctx, ps, to); err != nil {
				return 0, err
			}
			return len(ps), nil
		}),
	}
}

func brokenEnds() []brokenSocket {
	return []brokenSocket{
		{"an ICMP message ends it", "nobody there", func(f *faultySocket) {
			lost := errors.New("connection refused")
			var refused atomic.Bool
			f.write = func(c transport.PacketConn, ctx context.Context, p []byte, to wire.Address) error {
				if string(p) == "anybody?" {
					refused.Store(true)
				}
				return c.WriteTo(ctx, p, to)
			}
			f.read = func(c transport.PacketConn, ctx context.Context, p []byte) (int, wire.Address, error) {
				if refused.Load() {
					return 0, wire.Address{}, lost
				}
				return c.ReadFrom(ctx, p)
			}
		}},
		{"close leaves readers blocked", "close wakes read", func(f *faultySocket) {
			f.close = func(transport.PacketConn) error { return nil }
		}},
		{"closing twice fails", "closed", func(f *faultySocket) {
			var closed atomic.Bool
			f.close = func(c transport.PacketConn) error {
				if closed.Swap(true) {
					return transport.ErrClosed
				}
				return c.Close()
			}
		}},
		{"datagrams that wait are read after close", "closed", func(f *faultySocket) {
			var closed atomic.Bool
			f.close = func(transport.PacketConn) error { closed.Store(true); return nil }
			f.read = func(c transport.PacketConn, ctx context.Context, p []byte) (int, wire.Address, error) {
				return c.ReadFrom(ctx, p)
			}
		}},
		{"port 0", "addresses", func(f *faultySocket) { f.local = wire.UDPAddress4([4]byte{127, 0, 0, 1}, 0) }},
		{"one address for all", "addresses", func(f *faultySocket) { f.local = wire.UDPAddress4([4]byte{127, 0, 0, 1}, 9) }},
	}
}
