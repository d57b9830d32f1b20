package ref_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// at is an address on loopback with a port that the system chooses.
func at(kind wire.AddressType) wire.Address {
	if kind == wire.UDP {
		return wire.UDPAddress4([4]byte{127, 0, 0, 1}, 0)
	}
	return wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0)
}

// listenAt listens at an address.
func listenAt(t testing.TB, address wire.Address, cfg ref.ListenConfig) *ref.Listener {
	t.Helper()
	l, err := ref.Listen(t.Context(), address, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// anybody is the allow rule of a relay in a test network.
func anybody(source, next wire.Address) bool { return true }

// newNode starts a node on loopback.
func newNode(t testing.TB, cfg ref.NodeConfig) *ref.Node {
	t.Helper()
	n, err := ref.NewNode(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return n
}

// next waits for the next channel.
func next(t testing.TB, l *ref.Listener) *ref.Conn {
	t.Helper()
	c, err := l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// IO-005: the same code over UDP as over TCP; only the address differs.
func TestDialOverUDP(t *testing.T) {
	for _, p := range []profile.Profile{profile.V1(), profile.C09(), profile.C010()} {
		t.Run(p.Name, func(t *testing.T) {
			cfg, _ := newConfig(t)
			if cfg.Profile = p; p.StaticKey == profile.PerHandshake {
				cfg.Static = vault.Secret{}
			}
			l := listenAt(t, at(wire.UDP), ref.ListenConfig{Config: cfg})
			for range 3 {
				client, err := ref.Dial(t.Context(), l.Address(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				server := next(t, l)
				exchange(t, client, server)
				closeBoth(t, client, server)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// REC-010: the longest message arrives; one byte more is refused.
func TestLimitOverUDP(t *testing.T) {
	cfg, _ := newConfig(t)
	l := listenAt(t, at(wire.UDP), ref.ListenConfig{Config: cfg})
	client, err := ref.Dial(t.Context(), l.Address(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server := next(t, l)
	for _, way := range [][2]*ref.Conn{{client, server}, {server, client}} {
		long := make([]byte, way[0].Limit()+1)
		if err := way[0].Write(t.Context(), long); !errors.Is(err, transport.ErrMessageTooLong) {
			t.Errorf("got error %v, want ErrMessageTooLong", err)
		}
		if err := way[0].Write(t.Context(), long[1:]); err != nil {
			t.Fatal(err)
		}
		if n, err := way[1].Read(t.Context(), make([]byte, len(long))); n != len(long)-1 || err != nil {
			t.Errorf("got %d bytes and error %v, want %d", n, err, len(long)-1)
		}
	}
}

// CHAN-010: many channels on one socket each way, each apart.
func TestManyChannelsOnOneSocket(t *testing.T) {
	const channels = 50
	cfg, _ := newConfig(t)
	here := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP)}})
	there := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP)}})
	l, err := there.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	pairs := map[*ref.Conn]*ref.Conn{}
	for range channels {
		client, err := here.Dial(t.Context(), wire.Route{there.Addresses()[0]}, cfg)
		if err != nil {
			t.Fatal(err)
		}
		pairs[client] = next(t, l)
	}
	for client, server := range pairs {
		exchange(t, client, server)
	}
	gone := 0
	for client, server := range pairs {
		if gone++; gone <= channels/2 {
			closeBoth(t, client, server)
			delete(pairs, client)
		}
	}
	for client, server := range pairs {
		exchange(t, client, server)
	}
}

// ROUT-010: a channel across n routers, which forward between TCP and UDP, to a listener at a local address.
func TestRouters(t *testing.T) {
	for _, routers := range []int{1, 2, 3, 8} {
		t.Run(fmt.Sprint(routers), func(t *testing.T) {
			cfg, _ := newConfig(t)
			var route wire.Route
			var nodes []*ref.Node
			for i := range routers {
				n := newNode(t, ref.NodeConfig{
					Addresses:    []wire.Address{at(wire.UDP), at(wire.TCP)},
					Forward:      anybody,
					MaxAddresses: 2*routers + 4,
				})
				nodes = append(nodes, n)
				route = append(route, n.Addresses()[i%2])
			}
			end := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.TCP), at(wire.UDP)}})
			here := wire.LocalAddress([]byte("here"))
			l, err := end.Listen(here, ref.ListenConfig{Config: cfg})
			if err != nil {
				t.Fatal(err)
			}
			route = append(route, end.Addresses()[routers%2], here)
			client, err := ref.DialRoute(t.Context(), route, cfg)
			if err != nil {
				t.Fatal(err)
			}
			server := next(t, l)
			for range 10 {
				exchange(t, client, server)
			}
			closeBoth(t, client, server)
			for i, n := range nodes {
				if err := n.Close(); err != nil { // what it has sent is counted by then
					t.Error(err)
				}
				if c := n.Counters(); c.Forwarded < 23 || c.AllDropped() > 0 {
					t.Errorf("router %d: %+v", i, c)
				}
			}
		})
	}
}

// WIRE-010: a ping across a router comes back; one for nobody does not.
func TestPing(t *testing.T) {
	end := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP)}})
	relay := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP), at(wire.TCP)}, Forward: anybody})
	here := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP)}})
	for _, route := range []wire.Route{
		{end.Addresses()[0]},
		{relay.Addresses()[0], end.Addresses()[0]},
		{relay.Addresses()[1], end.Addresses()[0]},
	} {
		if err := here.Ping(t.Context(), route); err != nil {
			t.Errorf("%v: %v", route, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	nobody := wire.Route{relay.Addresses()[0], end.Addresses()[0], wire.LocalAddress([]byte("nobody"))}
	if err := here.Ping(ctx, nobody); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a ping for nobody: got %v, want DeadlineExceeded", err)
	}
}

// ROUT-007: a node that was not told to forward does not.
func TestNoOpenRelay(t *testing.T) {
	end := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP)}})
	shut := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP)}})
	cfg, _ := newConfig(t)
	cfg.HandshakeTimeout = 100 * time.Millisecond
	_, err := ref.DialRoute(t.Context(), wire.Route{shut.Addresses()[0], end.Addresses()[0]}, cfg)
	if err == nil {
		t.Fatal("an end point has forwarded")
	}
	late := time.Now().Add(10 * time.Second)
	for shut.Counters().Dropped[router.NotAllowed] == 0 && time.Now().Before(late) {
		runtime.Gosched() // it may hear of the attempt when that has ended
	}
	if c := shut.Counters(); c.Dropped[router.NotAllowed] == 0 || c.Forwarded != 0 {
		t.Errorf("got %+v, want messages dropped as not allowed", c)
	}
}

// ROUT-001: a worker that is open to the network takes plaintext and answers.
func TestWorker(t *testing.T) {
	here := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP)}})
	there := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP)}})
	a, b := wire.LocalAddress([]byte("a")), wire.LocalAddress([]byte("b"))
	asking, err := here.OpenWorker(a)
	if err != nil {
		t.Fatal(err)
	}
	answering, err := there.OpenWorker(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := asking.Send(t.Context(), wire.Route{there.Addresses()[0], b}, []byte("question")); err != nil {
		t.Fatal(err)
	}
	m, err := answering.Receive(t.Context())
	if err != nil || string(m.Payload) != "question" {
		t.Fatalf("got %q, %v", m.Payload, err)
	}
	if err := answering.Answer(t.Context(), m, []byte("answer")); err != nil {
		t.Fatal(err)
	}
	if m, err = asking.Receive(t.Context()); err != nil || string(m.Payload) != "answer" {
		t.Fatalf("got %q, %v", m.Payload, err)
	}
	for range 2 {
		if err := asking.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := asking.Receive(t.Context()); !errors.Is(err, transport.ErrClosed) {
		t.Errorf("Receive after Close: %v", err)
	}
}
