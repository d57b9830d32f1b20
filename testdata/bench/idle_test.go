//go:build unix

package bench

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"ockamtest/ref"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
)

// idleChannels is how many ends of channels are open at once.
const idleChannels = 10_000

// BenchmarkIdleTCP is the memory of open channels over TCP that have exchanged a message each, and wait in Read for the next, each in a
// goroutine of its own: heap and stacks, by end.
func BenchmarkIdleTCP(b *testing.B) {
	cfg := idleConfig(b)
	l, err := ref.Listen(context.Background(), wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0), ref.ListenConfig{Config: cfg})
	check(b, err)
	b.Cleanup(func() { check(b, l.Close()) })
	idle(b, l, func() (*ref.Conn, error) { return ref.Dial(context.Background(), l.Address(), cfg) })
}

// BenchmarkIdleUDP is the same between two sockets.
func BenchmarkIdleUDP(b *testing.B) {
	cfg := idleConfig(b)
	newNode := func() *ref.Node {
		n, err := ref.NewNode(context.Background(), ref.NodeConfig{Addresses: []wire.Address{wire.UDPAddress4([4]byte{127, 0, 0, 1}, 0)}})
		check(b, err)
		b.Cleanup(func() { check(b, n.Close()) })
		return n
	}
	here, there := newNode(), newNode()
	l, err := there.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
	check(b, err)
	idle(b, l, func() (*ref.Conn, error) {
		return here.Dial(context.Background(), wire.Route{there.Addresses()[0]}, cfg)
	})
}

func idleConfig(b *testing.B) ref.Config {
	v, err := software.New(software.Config{})
	check(b, err)
	b.Cleanup(func() { check(b, v.Close()) })
	static, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
	check(b, err)
	return ref.Config{Vault: v, Static: static, Policy: ref.AcceptAnyKey()}
}

func idle(b *testing.B, l *ref.Listener, dial func() (*ref.Conn, error)) {
	n := idleChannels
	if b.N == 1 && testing.Short() {
		n = 100
	}
	ctx := context.Background()
	heap, stacks := memory()
	var waiting sync.WaitGroup
	var ends []*ref.Conn
	for range n / 2 {
		client, err := dial()
		check(b, err)
		server, err := l.Accept(ctx)
		check(b, err)
		exchange(b, client, server)
		for _, end := range []*ref.Conn{client, server} {
			ends = append(ends, end)
			waiting.Go(func() {
				var p [64]byte
				if _, err := end.Read(ctx, p[:]); !errors.Is(err, transport.ErrClosed) && err == nil {
					b.Error("an idle channel has received something")
				}
			})
		}
	}
	heapAfter, stacksAfter := memory()
	each := func(bytes int64) float64 { return float64(bytes) / float64(len(ends)) / 1024 }
	b.ReportMetric(each(heapAfter-heap), "KiB-heap/channel")
	b.ReportMetric(each(stacksAfter-stacks), "KiB-stack/channel")
	b.ReportMetric(each(heapAfter-heap+stacksAfter-stacks), "KiB/channel")
	b.ReportMetric(float64(len(ends)), "channels")
	b.ReportMetric(0, "ns/op")
	for _, end := range ends {
		check(b, end.Close())
	}
	waiting.Wait()
}

// exchange sends a message each way.
func exchange(b *testing.B, client, server *ref.Conn) {
	ctx := context.Background()
	var p [64]byte
	check(b, client.Write(ctx, []byte("ping")))
	_, err := server.Read(ctx, p[:])
	check(b, err)
	check(b, server.Write(ctx, []byte("pong")))
	_, err = client.Read(ctx, p[:])
	check(b, err)
}

// memory is what heap and stacks take after a collection, in bytes.
func memory() (heap, stacks int64) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), int64(m.StackInuse)
}
