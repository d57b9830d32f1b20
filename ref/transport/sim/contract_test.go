package sim_test

import (
	"context"
	"testing"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/sim"
	"ockamtest/ref/transport/transporttest"
	"ockamtest/ref/wire"
)

func TestContract(t *testing.T) {
	late := sim.Config{Path: sim.Path{Delay: ms, Jitter: ms}}
	for _, test := range []struct {
		network sim.Config
		socket  sim.SocketConfig
	}{{}, {network: late}, {socket: sim.SocketConfig{Limit: 1100, Buffer: 1}}} {
		transporttest.Run(t, func(t *testing.T) (client, server transport.Conn) {
			return connected(t, newInternet(t, test.network), test.socket)
		})
	}
}

func TestListenerContract(t *testing.T) {
	transporttest.RunListener(t, func(t *testing.T) (transport.Listener, transporttest.Dial) {
		i := newInternet(t, sim.Config{})
		return listen(t, i, stream(2), sim.SocketConfig{}), func(ctx context.Context) (transport.Conn, error) {
			return i.Dial(ctx, wire.Address{}, stream(2), sim.SocketConfig{})
		}
	})
}

func TestPacketContract(t *testing.T) {
	for _, path := range []sim.Path{{}, {Delay: ms}} {
		transporttest.RunPackets(t, func(t *testing.T, n int) []transport.PacketConn {
			i := newInternet(t, sim.Config{Path: path})
			var out []transport.PacketConn
			for h := range n {
				out = append(out, listenPacket(t, i, host(h+1).WithPort(0)))
			}
			return out
		})
	}
}

// Connections over datagrams, and a listener for them, are here what they are over UDP (IO-005).
func TestDatagramContracts(t *testing.T) {
	transporttest.RunDatagrams(t, func(t *testing.T) (client, server transport.Conn) {
		i := newInternet(t, sim.Config{})
		a, b := listenPacket(t, i, host(1)), listenPacket(t, i, host(2))
		return transport.Connected(a, host(2)), transport.Connected(b, host(1))
	})
	transporttest.RunDatagramListener(t, func(t *testing.T) (transport.Listener, transporttest.Dial) {
		i := newInternet(t, sim.Config{})
		return transport.Sources(listenPacket(t, i, host(2)), transport.SourcesConfig{}), func(context.Context) (transport.Conn, error) {
			c, err := i.ListenPacket(host(1).WithPort(0), sim.SocketConfig{})
			if err != nil {
				return nil, err
			}
			return transport.Connected(c, host(2)), nil
		}
	})
}
