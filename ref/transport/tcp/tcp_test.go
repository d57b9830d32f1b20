package tcp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/transport/transporttest"
	"ockamtest/ref/wire"
)

// loopback is where tests listen; the system chooses the port.
func loopback() wire.Address { return wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0) }

func listen(t *testing.T, cfg tcp.Config) transport.Listener {
	t.Helper()
	l, err := tcp.Listen(t.Context(), loopback(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func pair(t *testing.T, cfg tcp.Config) (client, server transport.Conn) {
	t.Helper()
	l := listen(t, cfg)
	client, err := tcp.Dial(t.Context(), l.Address(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	server, err = l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// raw returns a connection under test and the bare socket of its peer.
func raw(t *testing.T, cfg tcp.Config) (transport.Conn, *net.TCPConn) {
	t.Helper()
	l := listen(t, cfg)
	ap, _ := tcp.AddrPort(l.Address())
	peer, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(ap))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); peer.Close() })
	return conn, peer
}

func TestContract(t *testing.T) {
	for _, cfg := range []tcp.Config{{}, {Limit: 1100}} {
		transporttest.Run(t, func(t *testing.T) (client, server transport.Conn) { return pair(t, cfg) })
	}
}

func TestListenerContract(t *testing.T) {
	transporttest.RunListener(t, func(t *testing.T) (transport.Listener, transporttest.Dial) {
		l := listen(t, tcp.Config{})
		return l, func(ctx context.Context) (transport.Conn, error) { return tcp.Dial(ctx, l.Address(), tcp.Config{}) }
	})
}

// Listen: an IPv4 wildcard is an IPv4 address, and what it accepts has IPv4 addresses (WIRE-013).
func TestListenOnWildcard(t *testing.T) {
	l, err := tcp.Listen(t.Context(), wire.TCPAddress4([4]byte{}, 0), tcp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got, want := l.Address(), wire.TCPAddress4([4]byte{}, l.Address().Port()); got != want || got.Port() == 0 {
		t.Errorf("listens on %v, want %v", got, want)
	}
	client, err := tcp.Dial(t.Context(), loopback().WithPort(l.Address().Port()), tcp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if server.RemoteAddress() != client.LocalAddress() || server.LocalAddress().Host() != wire.IPv4 {
		t.Errorf("accepted %v from %v, want IPv4 and %v", server.LocalAddress(), server.RemoteAddress(), client.LocalAddress())
	}
}

// TRAN-001, TRAN-007: the peer's socket gives length and body in one read.
func TestFrameLeavesInOneSegment(t *testing.T) {
	conn, peer := raw(t, tcp.Config{})
	p := make([]byte, 70000)
	for i := range 200 {
		msg := bytes.Repeat([]byte{byte(i)}, i*7)
		read := make(chan []byte)
		go func() {
			n, _ := peer.Read(p)
			read <- p[:n]
		}()
		if err := conn.Write(t.Context(), msg); err != nil {
			t.Fatal(err)
		}
		want, _ := transport.AppendFrame(nil, msg)
		if got := <-read; !bytes.Equal(got, want) {
			t.Fatalf("message of %d bytes: the first read has %d bytes, want %d", len(msg), len(got), len(want))
		}
	}
}

// TRAN-007: the peer's socket gives a batch of short messages in one read.
func TestBatchLeavesTogether(t *testing.T) {
	conn, peer := raw(t, tcp.Config{})
	msgs := [][]byte{[]byte("one"), {}, bytes.Repeat([]byte("3"), 20000)}
	var want []byte
	for _, m := range msgs {
		want, _ = transport.AppendFrame(want, m)
	}
	if err := transport.WriteBatch(t.Context(), conn, msgs); err != nil {
		t.Fatal(err)
	}
	if _, ok := conn.(transport.BatchWriter); !ok {
		t.Error("the connection writes no batches")
	}
	p := make([]byte, 70000)
	if n, err := peer.Read(p); err != nil || !bytes.Equal(p[:n], want) {
		t.Errorf("the first read has %d bytes and %v, want %d", n, err, len(want))
	}
}

// TRAN-002, TRAN-003, TRAN-006: single bytes, also of the length; then several frames at once, an empty one among them.
func TestFragmentation(t *testing.T) {
	conn, peer := raw(t, tcp.Config{})
	var frames []byte
	msgs := [][]byte{[]byte("one"), {}, bytes.Repeat([]byte("3"), 300)}
	for _, m := range msgs {
		frames, _ = transport.AppendFrame(frames, m)
	}
	go func() {
		for i := range frames {
			_, _ = peer.Write(frames[i : i+1])
		}
		_, _ = peer.Write(bytes.Repeat(frames, 50))
	}()
	p := make([]byte, conn.Limit())
	for i := range 51 * len(msgs) {
		n, err := conn.Read(t.Context(), p)
		if want := msgs[i%len(msgs)]; err != nil || !bytes.Equal(p[:n], want) {
			t.Fatalf("message %d: got %q, %v, want %q", i, p[:n], err, want)
		}
	}
}

// TRAN-004: FIN and RST inside a frame, at each place; the connection is released and stays failed.
func TestEndInsideFrame(t *testing.T) {
	for name, head := range map[string]string{
		"half a length": "\x00", "length alone": "\x00\x05", "part of the body": "\x00\x05hell", "large": "\xff\xffhello",
	} {
		for _, reset := range []bool{false, true} {
			conn, peer := raw(t, tcp.Config{})
			if _, err := peer.Write([]byte("\x00\x02ok" + head)); err != nil {
				t.Fatal(err)
			}
			p := make([]byte, conn.Limit())
			if n, err := conn.Read(t.Context(), p); err != nil || string(p[:n]) != "ok" {
				t.Fatalf("%s: the message before: %q, %v", name, p[:n], err)
			}
			if reset {
				_ = peer.SetLinger(0)
			}
			peer.Close()
			for range 2 {
				if n, err := conn.Read(t.Context(), p); n != 0 || !errors.Is(err, transport.ErrTruncated) || errors.Is(err, io.EOF) {
					t.Errorf("%s, reset %v: got %d bytes and %v, want 0 and ErrTruncated", name, reset, n, err)
				}
			}
			if err := conn.Write(t.Context(), []byte("x")); !errors.Is(err, transport.ErrTruncated) {
				t.Errorf("%s, reset %v: write after failure: got %v, want ErrTruncated", name, reset, err)
			}
		}
	}
}

// IO-003: RST between two frames is neither end of stream nor truncation.
func TestResetBetweenFrames(t *testing.T) {
	conn, peer := raw(t, tcp.Config{})
	_ = peer.SetLinger(0)
	peer.Close()
	n, err := conn.Read(t.Context(), make([]byte, 10))
	if n != 0 || err == nil || errors.Is(err, io.EOF) || errors.Is(err, transport.ErrTruncated) || errors.Is(err, transport.ErrClosed) {
		t.Errorf("got %d bytes and %v, want an error of the system", n, err)
	}
}

// TRAN-008: what follows a frame above the limit is never taken for a frame, and the peer sees the end.
func TestFrameAboveLimit(t *testing.T) {
	conn, peer := raw(t, tcp.Config{Limit: 1024})
	oversize, _ := transport.AppendFrame(nil, bytes.Repeat([]byte("\x00\x01x"), 400))
	if _, err := peer.Write(oversize); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if n, err := conn.Read(t.Context(), make([]byte, 2000)); n != 0 || !errors.Is(err, transport.ErrMessageTooLong) {
			t.Fatalf("got %d bytes and %v, want 0 and ErrMessageTooLong", n, err)
		}
	}
	_ = peer.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := peer.Read(make([]byte, 1)); n != 0 || err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the peer reads %d bytes and %v, want the end", n, err)
	}
}

// CHAN-013: FIN between frames is the end of one direction; the other goes on.
func TestHalfClose(t *testing.T) {
	conn, peer := raw(t, tcp.Config{})
	_ = peer.CloseWrite()
	if n, err := conn.Read(t.Context(), make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Fatalf("got %d, %v, want io.EOF", n, err)
	}
	if err := conn.Write(t.Context(), []byte("still")); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if got, err := io.ReadAll(peer); err != nil || string(got) != "\x00\x05still" {
		t.Errorf("the peer reads %q, %v", got, err)
	}
}

// CHAN-013: what was written arrives before the end, also when this side has not read everything, which makes systems reset.
func TestCloseDeliversWhatWasWritten(t *testing.T) {
	for name, sends := range map[string]string{"silent peer": "", "unread bytes": "\x00\x01a\x00\x01b"} {
		conn, peer := raw(t, tcp.Config{})
		msg := make([]byte, 60000)
		read := make(chan error)
		var got int64
		if _, err := peer.Write([]byte(sends)); err != nil {
			t.Fatal(err)
		}
		go func() {
			for i := range 100 {
				if err := conn.Write(context.Background(), msg); err != nil {
					t.Errorf("%s: message %d: %v", name, i, err)
				}
			}
			conn.Close()
		}()
		go func() {
			var err error
			got, err = io.Copy(io.Discard, struct{ io.Reader }{peer})
			peer.Close()
			read <- err
		}()
		if err := <-read; err != nil || got != 100*60002 {
			t.Errorf("%s: the peer reads %d bytes and %v, want %d and the end", name, got, err, 100*60002)
		}
	}
}

// MEM-003: the steady state allocates nothing.
func TestAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool forget")
	}
	client, server := pair(t, tcp.Config{})
	ctx := context.Background()
	for _, size := range []int{0, 64, 4094, 4096, 5000, 30000} {
		msg, p := make([]byte, size), make([]byte, size)
		exchange := func() {
			if err := client.Write(ctx, msg); err != nil {
				t.Fatal(err)
			}
			if n, err := server.Read(ctx, p); err != nil || n != size {
				t.Fatal(n, err)
			}
		}
		exchange()
		if got := testing.AllocsPerRun(100, exchange); got != 0 {
			t.Errorf("%d bytes: %v allocations per message, want 0", size, got)
		}
		batch := slices.Repeat([][]byte{msg}, 10)
		if size > 5000 {
			batch = batch[:3] // what the sockets hold
		}
		exchangeBatch := func() {
			if err := transport.WriteBatch(ctx, client, batch); err != nil {
				t.Fatal(err)
			}
			for range batch {
				if n, err := server.Read(ctx, p); err != nil || n != size {
					t.Fatal(n, err)
				}
			}
		}
		exchangeBatch()
		if got := testing.AllocsPerRun(100, exchangeBatch); got != 0 {
			t.Errorf("%d bytes: %v allocations per batch, want 0", size, got)
		}
	}
}

// TRAN-022: each descriptor is released.
func TestDescriptors(t *testing.T) {
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("this system does not list its descriptors")
		}
		return len(entries)
	}
	before := count()
	for range 50 {
		l, err := tcp.Listen(t.Context(), loopback(), tcp.Config{})
		if err != nil {
			t.Fatal(err)
		}
		client, err := tcp.Dial(t.Context(), l.Address(), tcp.Config{})
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		client.Close()
		server.Close()
		l.Close()
	}
	if after := count(); after > before+5 { // the poller's own descriptors appear with the first socket
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string]wire.Address{
		"127.0.0.1:4000":      wire.TCPAddress4([4]byte{127, 0, 0, 1}, 4000),
		"[::ffff:10.0.0.1]:1": wire.TCPAddress4([4]byte{10, 0, 0, 1}, 1), // WIRE-013
		"[::1]:65535":         wire.TCPAddress6([16]byte{15: 1}, 65535),
		"[fe80::1%1]:2":       wire.TCPAddress6([16]byte{0: 0xfe, 1: 0x80, 15: 1}, 2),
	} {
		ap := netip.MustParseAddrPort(text)
		if got := tcp.Address(ap); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
		back, ok := tcp.AddrPort(want)
		if plain := netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port()); !ok || back != plain {
			t.Errorf("%v: got %v, %v, want %v", want, back, ok, plain)
		}
	}
	for _, a := range []wire.Address{{}, wire.UDPAddress4([4]byte{1, 2, 3, 4}, 5), wire.TCPAddressDNS("localhost", 1), wire.LocalAddress([]byte("x"))} {
		if ap, ok := tcp.AddrPort(a); ok {
			t.Errorf("%v: got %v, want none", a, ap)
		}
	}
}
