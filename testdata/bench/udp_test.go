//go:build unix

package bench

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// datagrams are sent and received in one operation, few enough that the system's queue loses none.
const datagrams = 64

// BenchmarkDatagram sends and receives datagrams of 1 KiB over loopback: one system call for each, of package net and of transport/udp, and
// batches of transport/udp. Microseconds are per 64 datagrams, both ends. Of batches, "batch" is one WriteBatchTo and 64 ReadFrom.
func BenchmarkDatagram(b *testing.B) {
	const size = 1024
	paired(b,
		candidate{name: "net", op: netDatagrams(b, size)},
		candidate{name: "single", op: refDatagrams(b, size, udp.Config{SingleCalls: true})},
		candidate{name: "batch", op: refDatagrams(b, size, udp.Config{})},
	)
}

func netDatagrams(b *testing.B, size int) func() {
	from, to := netSocket(b), netSocket(b)
	target := to.LocalAddr().(*net.UDPAddr).AddrPort()
	msg, p := make([]byte, size), make([]byte, 65507)
	return func() {
		for range datagrams {
			_, err := from.WriteToUDPAddrPort(msg, target)
			check(b, err)
		}
		for range datagrams {
			n, source, err := to.ReadFromUDPAddrPort(p)
			check(b, err)
			if n != size || source == (netip.AddrPort{}) {
				b.Fatalf("%d bytes from %v", n, source)
			}
		}
	}
}

func netSocket(b *testing.B) *net.UDPConn {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	check(b, err)
	check(b, conn.SetReadBuffer(1<<20))
	b.Cleanup(func() { conn.Close() })
	return conn
}

func refDatagrams(b *testing.B, size int, cfg udp.Config) func() {
	from, to := refSocket(b, cfg), refSocket(b, cfg)
	ctx := context.Background()
	batch, p := make([][]byte, datagrams), make([]byte, 65507)
	for i := range batch {
		batch[i] = make([]byte, size)
	}
	return func() {
		_, err := from.WriteBatchTo(ctx, batch, to.LocalAddress())
		check(b, err)
		for range datagrams {
			n, source, err := to.ReadFrom(ctx, p)
			check(b, err)
			if n != size || source != from.LocalAddress() {
				b.Fatalf("%d bytes from %v", n, source)
			}
		}
	}
}

func refSocket(b *testing.B, cfg udp.Config) transport.PacketConn {
	cfg.ReceiveBuffer = 1 << 20
	s, err := udp.Listen(b.Context(), wire.UDPAddress4([4]byte{127, 0, 0, 1}, 0), cfg)
	check(b, err)
	b.Cleanup(func() { s.Close() })
	return s
}
