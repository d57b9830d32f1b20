package transport_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/transporttest"
	"ockamtest/ref/wire"
)

// hubHost is where the sockets of a test are; the hub chooses the port.
func hubHost() wire.Address { return wire.UDPAddress4([4]byte{10, 0, 0, 1}, 0) }

func hubListen(t testing.TB, hub *transport.Hub, address wire.Address) transport.PacketConn {
	t.Helper()
	s, err := hub.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestHubContract(t *testing.T) {
	for _, cfg := range []transport.HubConfig{{}, {Limit: 600}} {
		for _, host := range []wire.Address{hubHost(), wire.UDPAddress6([16]byte{15: 1}, 0)} {
			transporttest.RunPackets(t, func(t *testing.T, n int) []transport.PacketConn {
				hub := transport.NewHub(cfg)
				var out []transport.PacketConn
				for range n {
					out = append(out, hubListen(t, hub, host))
				}
				return out
			})
		}
	}
}

// TRAN-024: addresses are those that were asked for, of type UDP; each is given once, and again after it was closed.
func TestHubAddresses(t *testing.T) {
	hub := transport.NewHub(transport.HubConfig{})
	a := wire.UDPAddress4([4]byte{10, 0, 0, 1}, 4000)
	first := hubListen(t, hub, a)
	if first.LocalAddress() != a {
		t.Errorf("got %v, want %v", first.LocalAddress(), a)
	}
	mapped := wire.UDPAddress6([16]byte{10: 0xff, 11: 0xff, 12: 10, 15: 1}, 4000)
	for _, taken := range []wire.Address{a, mapped} {
		if s, err := hub.Listen(taken); s != nil || !errors.Is(err, transport.ErrInUse) {
			t.Errorf("%v: got %v, %v, want ErrInUse", taken, s, err)
		}
	}
	first.Close()
	hubListen(t, hub, mapped)
	for _, bad := range []wire.Address{{}, wire.TCPAddress4([4]byte{10, 0, 0, 1}, 1), wire.UDPAddressDNS("localhost", 1), wire.LocalAddress([]byte("x"))} {
		if s, err := hub.Listen(bad); s != nil || !errors.Is(err, transport.ErrAddress) {
			t.Errorf("%v: got %v, %v, want ErrAddress", bad, s, err)
		}
	}
}

// Hub: it chooses every port from 49152 once, then none is left; other hosts have their own.
func TestHubPorts(t *testing.T) {
	hub := transport.NewHub(transport.HubConfig{Queue: 1})
	seen := map[uint16]bool{}
	for range 1<<16 - 49152 {
		seen[hubListen(t, hub, hubHost()).LocalAddress().Port()] = true
	}
	if len(seen) != 1<<16-49152 || seen[0] {
		t.Errorf("%d ports, want %d", len(seen), 1<<16-49152)
	}
	if s, err := hub.Listen(hubHost()); s != nil || !errors.Is(err, transport.ErrInUse) {
		t.Errorf("got %v, %v, want ErrInUse", s, err)
	}
	hubListen(t, hub, wire.UDPAddress4([4]byte{10, 0, 0, 2}, 0))
}

// Hub: what exceeds the queue is dropped, the first come first; the order is kept.
func TestHubQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := transport.NewHub(transport.HubConfig{Queue: 3})
		a, b := hubListen(t, hub, hubHost()), hubListen(t, hub, hubHost())
		for round := range 3 {
			for i := range 5 {
				if err := a.WriteTo(t.Context(), []byte{byte(round), byte(i)}, b.LocalAddress()); err != nil {
					t.Fatal(err)
				}
			}
			p := make([]byte, 10)
			for i := range 3 {
				n, from, err := b.ReadFrom(t.Context(), p)
				if err != nil || string(p[:n]) != string([]byte{byte(round), byte(i)}) || from != a.LocalAddress() {
					t.Fatalf("round %d: got %v from %v, %v, want datagram %d", round, p[:n], from, err, i)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 1)
			if n, _, err := b.ReadFrom(ctx, p); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("round %d: got %v, %v, want nothing more", round, p[:n], err)
			}
			cancel()
		}
	})
}

// MEM-003: the steady state allocates nothing.
func TestHubAllocations(t *testing.T) {
	hub := transport.NewHub(transport.HubConfig{Queue: 4})
	a, b := hubListen(t, hub, hubHost()), hubListen(t, hub, hubHost())
	ctx := t.Context()
	ps, p := [][]byte{make([]byte, 1000), make([]byte, 900)}, make([]byte, 1000)
	exchange := func() {
		if n, err := a.WriteBatchTo(ctx, ps, b.LocalAddress()); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		for _, want := range ps {
			if n, _, err := b.ReadFrom(ctx, p); n != len(want) || err != nil {
				t.Fatal(n, err)
			}
		}
	}
	for range 4 {
		exchange()
	}
	if got := testing.AllocsPerRun(100, exchange); got != 0 {
		t.Errorf("%v allocations per batch, want 0", got)
	}
}
