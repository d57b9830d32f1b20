package ref_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/sim"
	"ockamtest/ref/wire"
)

// simulatedNode is a node with a UDP socket and a TCP listener on a simulated network.
func simulatedNode(t *testing.T, net *sim.Internet, host byte, relay bool) *ref.Node {
	t.Helper()
	ip := [4]byte{10, 0, 0, host}
	socket, err := net.ListenPacket(wire.UDPAddress4(ip, 4000), sim.SocketConfig{})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen(wire.TCPAddress4(ip, 4000), sim.SocketConfig{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := ref.NodeConfig{
		Sockets:   []transport.PacketConn{socket},
		Listeners: []transport.Listener{listener},
		Dial: func(ctx context.Context, remote wire.Address) (transport.Conn, error) {
			return net.Dial(ctx, wire.TCPAddress4(ip, 0), remote, sim.SocketConfig{})
		},
	}
	if relay {
		cfg.Forward = anybody
	}
	n, err := ref.NewNode(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// IO-005: the same nodes and channels over a simulated network that loses, doubles, and reorders, across routers that use both kinds of
// transport, in virtual time. Messages that the application repeats get through, and none comes altered.
func TestOverSimulatedNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net, err := sim.New(sim.Config{Seed: 1, Path: sim.Path{
			Delay: 5 * time.Millisecond, Jitter: 20 * time.Millisecond, Loss: 0.1, Duplicate: 0.1,
		}})
		if err != nil {
			t.Fatal(err)
		}
		cfg, _ := newConfig(t)
		here, there := simulatedNode(t, net, 1, false), simulatedNode(t, net, 9, false)
		var nodes []*ref.Node
		route := wire.Route{}
		for i := range 3 {
			n := simulatedNode(t, net, byte(2+i), true)
			nodes = append(nodes, n)
			route = append(route, n.Addresses()[i%2])
		}
		l, err := there.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		client, err := here.Dial(t.Context(), append(route, there.Addresses()[0]), cfg)
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		echoUntilClosed(t, server)
		again := converse(t, client, 0, 200)
		t.Logf("200 exchanges in %v of virtual time, %d asked again; %v", time.Since(began).Round(time.Millisecond), again, net.Stats())
		if again == 0 {
			t.Error("nothing was lost: the network does not lose")
		}
		closeBoth(t, client, server)
		for _, n := range append(nodes, here, there) {
			if err := n.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

// NOISE-013, TRAN-014: at 30 % loss a handshake is complete within its deadline, or fails with it.
func TestHandshakesOverBadNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net, err := sim.New(sim.Config{Seed: 2, Path: sim.Path{Delay: 20 * time.Millisecond, Jitter: 50 * time.Millisecond, Loss: 0.3}})
		if err != nil {
			t.Fatal(err)
		}
		cfg, _ := newConfig(t)
		here, there := simulatedNode(t, net, 1, false), simulatedNode(t, net, 2, false)
		l, err := there.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		opened, failed := 0, 0
		for i := range 100 {
			began := time.Now()
			c, err := here.Dial(t.Context(), wire.Route{there.Addresses()[0]}, cfg)
			took := time.Since(began)
			switch {
			case err == nil && took < ref.DefaultHandshakeTimeout:
				opened++
				c.Close()
			case errors.Is(err, channel.ErrDeadline) && took == ref.DefaultHandshakeTimeout:
				failed++
			default:
				t.Errorf("handshake %d: %v after %v", i, err, took)
			}
		}
		if opened < 80 || opened+failed != 100 {
			t.Errorf("%d opened, %d failed", opened, failed)
		}
		if err := errors.Join(l.Close(), here.Close(), there.Close()); err != nil {
			t.Error(err)
		}
	})
}
