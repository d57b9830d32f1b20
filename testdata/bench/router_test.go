//go:build unix

package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"

	"ockamtest/ref"
	"ockamtest/ref/wire"
)

// routed is how many messages are on their way at once.
const routed = 64

// BenchmarkRouterTCP is a hop between two TCP connections, for messages with bodies of 1 KiB: the router of a ref.Node beside a loop that
// reads a frame and writes it. The ends cost the same whatever stands between; what they cost without a hop is subtracted.
func BenchmarkRouterTCP(b *testing.B) {
	compareHops(b, newPath(b, nil).carry, newPath(b, frameCopy).carry, newPath(b, node).carry)
}

// BenchmarkRouterUDP is the same between UDP sockets: a loop of one system call to receive and one to send.
func BenchmarkRouterUDP(b *testing.B) {
	compareHops(b, newFlight(b, nil).carry, newFlight(b, datagramCopy).carry, newFlight(b, node).carry)
}

// compareHops reports what a router costs beside a copy. Each path carries as many messages as routed.
func compareHops(b *testing.B, paths ...func()) {
	rounds := b.N
	if rounds > 1 {
		rounds = max(rounds, minRounds)
	}
	perOp := make([][]float64, len(paths))
	b.ResetTimer()
	for range rounds {
		for _, i := range rand.Perm(len(paths)) {
			perOp[i] = append(perOp[i], measure(paths[i])/routed)
		}
	}
	b.ReportMetric(0, "ns/op")
	for i, name := range []string{"direct", "copy", "router"} {
		b.ReportMetric(median(perOp[i])/1e3, "us/"+name)
	}
	ratios := make([]float64, rounds)
	for r := range ratios {
		ratios[r] = (perOp[2][r] - perOp[0][r]) / (perOp[1][r] - perOp[0][r])
	}
	b.ReportMetric(median(ratios), "ratio/router")
}

// A path leads from one end to the other.
type path struct {
	b       *testing.B
	source  net.Conn
	sink    *bufio.Reader
	frame   []byte
	discard []byte
}

// hop makes what stands between two ends. It returns where the source connects, given where the sink listens.
type hop func(b *testing.B, sink wire.Address) (at wire.Address)

func newPath(b *testing.B, between hop) *path {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(b, err)
	b.Cleanup(func() { _ = l.Close() })
	end := address(b, l.Addr())
	at := end
	if between != nil {
		at = between(b, end)
	}
	source, err := net.Dial("tcp", hostPort(at))
	check(b, err)
	b.Cleanup(func() { _ = source.Close() })
	p := &path{b: b, source: source, discard: make([]byte, 4096)}
	msg := messageTo(b, at, end)
	p.frame = append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...)
	_, err = source.Write(p.frame) // the hop connects
	check(b, err)
	sink, err := l.Accept()
	check(b, err)
	b.Cleanup(func() { _ = sink.Close() })
	p.sink = bufio.NewReaderSize(sink, 64<<10)
	p.receive()
	return p
}

// messageTo is a message of 1 KiB for the node at the sink, by the hop at at.
func messageTo(b *testing.B, at, sink wire.Address) []byte {
	m := wire.Message{Type: wire.Payload, Body: make([]byte, 1024), Onward: wire.Route{at, sink}}
	msg, err := wire.AppendMessage(nil, wire.Dialect{}, &m)
	check(b, err)
	return msg
}

// address is the address of a listener or socket.
func address(b *testing.B, a net.Addr) wire.Address {
	out, err := wire.ParseAddressString(a.Network() + "://" + a.String())
	check(b, err)
	return out
}

// hostPort is what package net takes.
func hostPort(a wire.Address) string {
	_, text, _ := strings.Cut(a.String(), "://")
	return text
}

// carry sends messages, one write each, and waits until they have arrived.
func (p *path) carry() {
	for range routed {
		_, err := p.source.Write(p.frame)
		check(p.b, err)
	}
	for range routed {
		p.receive()
	}
}

func (p *path) receive() {
	_, err := io.ReadFull(p.sink, p.discard[:2])
	check(p.b, err)
	_, err = io.ReadFull(p.sink, p.discard[:binary.BigEndian.Uint16(p.discard)])
	check(p.b, err)
}

// frameCopy is the plain loop: read a frame, write a frame.
func frameCopy(b *testing.B, sink wire.Address) wire.Address {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(b, err)
	done := make(chan struct{})
	b.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	go func() {
		defer close(done)
		in, err := l.Accept()
		if err != nil {
			return
		}
		defer in.Close()
		out, err := net.Dial("tcp", hostPort(sink))
		if err != nil {
			return
		}
		defer out.Close()
		r := bufio.NewReader(in)
		buf := make([]byte, 2+65535)
		for {
			if _, err := io.ReadFull(r, buf[:2]); err != nil {
				return
			}
			end := 2 + int(binary.BigEndian.Uint16(buf))
			if _, err := io.ReadFull(r, buf[2:end]); err != nil {
				return
			}
			if _, err := out.Write(buf[:end]); err != nil {
				return
			}
		}
	}()
	return address(b, l.Addr())
}

// node is the router.
func node(b *testing.B, sink wire.Address) wire.Address {
	at := wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0)
	if sink.Type() == wire.UDP {
		at = wire.UDPAddress4([4]byte{127, 0, 0, 1}, 0)
	}
	n, err := ref.NewNode(context.Background(), ref.NodeConfig{
		Addresses: []wire.Address{at},
		Forward:   func(source, next wire.Address) bool { return true },
	})
	check(b, err)
	b.Cleanup(func() {
		if err := n.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			b.Error(err)
		}
	})
	return n.Addresses()[0]
}

// A flight leads from one UDP socket to another.
type flight struct {
	b        *testing.B
	source   *net.UDPConn // connected
	sink     *net.UDPConn
	datagram []byte
	discard  []byte
}

func newFlight(b *testing.B, between hop) *flight {
	sink := listenUDP(b)
	end := address(b, sink.LocalAddr())
	at := end
	if between != nil {
		at = between(b, end)
	}
	source, err := net.Dial("udp", hostPort(at))
	check(b, err)
	b.Cleanup(func() { _ = source.Close() })
	return &flight{b: b, source: source.(*net.UDPConn), sink: sink, datagram: messageTo(b, at, end), discard: make([]byte, 4096)}
}

func listenUDP(b *testing.B) *net.UDPConn {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	check(b, err)
	b.Cleanup(func() { _ = c.Close() })
	return c
}

// carry sends datagrams, few at once so that no queue runs over, and waits until they have arrived.
func (f *flight) carry() {
	const atOnce = 16
	for range routed / atOnce {
		for range atOnce {
			_, err := f.source.Write(f.datagram)
			check(f.b, err)
		}
		for range atOnce {
			_, _, err := f.sink.ReadFromUDPAddrPort(f.discard)
			check(f.b, err)
		}
	}
}

// datagramCopy is the plain loop: receive a datagram, send it.
func datagramCopy(b *testing.B, sink wire.Address) wire.Address {
	c := listenUDP(b)
	to, err := netip.ParseAddrPort(hostPort(sink))
	check(b, err)
	go func() {
		buf := make([]byte, 65535)
		for {
			n, _, err := c.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if _, err := c.WriteToUDPAddrPort(buf[:n], to); err != nil {
				return
			}
		}
	}()
	return address(b, c.LocalAddr())
}
