package udp_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"testing"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// TRAN-013, TRAN-012: while two sockets pour out junk as fast as they can, the messages of a connection get through, none is altered, and
// none goes elsewhere.
func TestFlood(t *testing.T) {
	for name, cfg := range configs() {
		cfg.ReceiveBuffer = 1 << 20
		l := transport.Sources(listen(t, loopback4(), cfg), transport.SourcesConfig{Waiting: 4})
		defer l.Close()
		client := dial(t, l.Address(), cfg)
		if err := client.Write(t.Context(), []byte("hello")); err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		p := make([]byte, server.Limit())
		if n, err := server.Read(t.Context(), p); err != nil || string(p[:n]) != "hello" {
			t.Fatalf("%s: got %q, %v", name, p[:n], err)
		}
		stop := flood(t, l.Address())
		before := []byte("hello")
		for i := range 50 {
			msg := bytes.Repeat([]byte{byte(i)}, 1+4*i)
			pingPong(t, client, server, before, msg)
			before = msg
		}
		if sent := stop(); sent < 100 {
			t.Errorf("%s: %d datagrams are no flood", name, sent)
		}
	}
}

// pingPong exchanges one message each way. What is lost, for the flood fills the system's queue, is sent again; so the one before may come
// again too.
func pingPong(t *testing.T, client, server transport.Conn, before, msg []byte) {
	t.Helper()
	for _, way := range [][2]transport.Conn{{client, server}, {server, client}} {
		for arrived := false; !arrived; {
			if err := way[0].Write(t.Context(), msg); err != nil {
				t.Fatal(err)
			}
			arrived = awaits(t, way[1], before, msg)
		}
	}
}

// awaits reads until msg has come, or nothing comes for a while.
func awaits(t *testing.T, r transport.Conn, before, msg []byte) bool {
	t.Helper()
	p := make([]byte, r.Limit())
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 20*msecond)
		n, err := r.Read(ctx, p)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return false
		case err != nil || !bytes.Equal(p[:n], before) && !bytes.Equal(p[:n], msg):
			t.Fatalf("got %d bytes and %v, which the other end did not send", n, err)
		case bytes.Equal(p[:n], msg):
			return true
		}
	}
}

// flood sends junk to an address from changing sockets, until the function that it returns is called, which tells how much was sent.
func flood(t *testing.T, to wire.Address) (stop func() int) {
	t.Helper()
	target := addrPort(t, to)
	quit := make(chan struct{})
	var wg sync.WaitGroup
	var sent [2]int
	for i := range sent {
		wg.Go(func() {
			junk := bytes.Repeat([]byte{0xff}, 3000)
			for {
				c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(target))
				if err != nil {
					t.Error(err)
					return
				}
				for range 50 {
					_, _ = c.Write(junk[:sent[i]%len(junk)])
					sent[i]++
				}
				c.Close()
				select {
				case <-quit:
					return
				default:
				}
			}
		})
	}
	return func() int {
		close(quit)
		wg.Wait()
		return sent[0] + sent[1]
	}
}

// TRAN-013: an ICMP message tells a connected socket that nobody listens. That fails neither a write nor a read, and when somebody listens
// there, the connection works.
func TestRefused(t *testing.T) {
	for name, cfg := range configs() {
		other := plain(t)
		at := udp.Address(other.LocalAddr().(*net.UDPAddr).AddrPort())
		c := dial(t, at, cfg)
		other.Close()
		for i := range 20 {
			if err := c.Write(t.Context(), []byte("anybody?")); err != nil {
				t.Fatalf("%s: write %d to nobody: %v", name, i, err)
			}
			if err := transport.WriteBatch(t.Context(), c, [][]byte{[]byte("any"), []byte("body"), []byte("?")}); err != nil {
				t.Fatalf("%s: batch %d to nobody: %v", name, i, err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*msecond)
		if n, err := c.Read(ctx, make([]byte, 10)); n != 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: read: got %d, %v, want nothing", name, n, err)
		}
		cancel()
		s := listen(t, at, cfg)
		if err := c.Write(t.Context(), []byte("now")); err != nil {
			t.Fatal(err)
		}
		from := want(t, s, "now")
		if err := s.WriteTo(t.Context(), []byte("yes"), from); err != nil {
			t.Fatal(err)
		}
		p := make([]byte, 10)
		if n, err := c.Read(t.Context(), p); err != nil || string(p[:n]) != "yes" {
			t.Errorf("%s: got %q, %v, want yes", name, p[:n], err)
		}
	}
}
