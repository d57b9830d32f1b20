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

func TestConnectedContract(t *testing.T) {
	for _, cfg := range []transport.HubConfig{{}, {Limit: 600}} {
		transporttest.RunDatagrams(t, func(t *testing.T) (client, server transport.Conn) {
			hub := transport.NewHub(cfg)
			a, b := hubListen(t, hub, hubHost()), hubListen(t, hub, hubHost())
			return transport.Connected(a, b.LocalAddress()), transport.Connected(b, a.LocalAddress())
		})
	}
}

// TRAN-021, TRAN-012: only datagrams from the remote address are read, and what others send neither redirects nor harms the connection.
func TestConnectedIgnoresOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := transport.NewHub(transport.HubConfig{})
		socket, peer, other := hubListen(t, hub, hubHost()), hubListen(t, hub, hubHost()), hubListen(t, hub, hubHost())
		conn := transport.Connected(socket, peer.LocalAddress())
		write := func(from transport.PacketConn, msg string) {
			t.Helper()
			if err := from.WriteTo(t.Context(), []byte(msg), socket.LocalAddress()); err != nil {
				t.Fatal(err)
			}
		}
		long, short := make([]byte, conn.Limit()), make([]byte, 5)
		for _, p := range [][]byte{long, short} {
			write(other, "forged")
			write(peer, "first")
			write(other, "")
			write(other, "forged again")
			write(peer, "second")
			if n, err := conn.Read(t.Context(), p); err != nil || string(p[:n]) != "first" {
				t.Errorf("got %q, %v, want the peer's first", p[:n], err)
			}
			if n, err := conn.Read(t.Context(), long); err != nil || string(long[:n]) != "second" {
				t.Errorf("got %q, %v, want the peer's second", long[:n], err)
			}
			write(other, "forged")
			ctx, cancel := context.WithTimeout(t.Context(), 1)
			if n, err := conn.Read(ctx, p); n != 0 || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %d bytes, %v, want nothing", n, err)
			}
			cancel()
			if err := conn.Write(t.Context(), []byte("answer")); err != nil {
				t.Fatal(err)
			}
			if n, from, err := peer.ReadFrom(t.Context(), long); err != nil || string(long[:n]) != "answer" || from != socket.LocalAddress() {
				t.Errorf("the peer got %q from %v, %v", long[:n], from, err)
			}
		}
	})
}

// REC-010: the limit is that of the remote address, whatever the socket can do.
func TestConnectedLimit(t *testing.T) {
	hub := transport.NewHub(transport.HubConfig{})
	socket := hubListen(t, hub, wire.UDPAddress6([16]byte{15: 1}, 0))
	for _, test := range []struct {
		remote wire.Address
		want   int
	}{
		{wire.UDPAddress6([16]byte{15: 2}, 1), 65527},
		{wire.UDPAddress4([4]byte{10, 0, 0, 1}, 1), 65507},
		{wire.UDPAddress6([16]byte{10: 0xff, 11: 0xff, 12: 10, 15: 1}, 1), 65507},
	} {
		conn := transport.Connected(socket, test.remote)
		if conn.Limit() != test.want || conn.RemoteAddress() != test.remote.Canonical() {
			t.Errorf("%v: limit %d to %v, want %d", test.remote, conn.Limit(), conn.RemoteAddress(), test.want)
		}
		if err := conn.Write(t.Context(), make([]byte, test.want)); err != nil {
			t.Errorf("%v: %v", test.remote, err)
		}
		if err := conn.Write(t.Context(), make([]byte, test.want+1)); !errors.Is(err, transport.ErrMessageTooLong) {
			t.Errorf("%v: got %v, want ErrMessageTooLong", test.remote, err)
		}
	}
}
