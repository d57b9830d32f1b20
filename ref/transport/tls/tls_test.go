package tls_test

import (
	"bytes"
	"context"
	stdtls "crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/transport/tls"
	"ockamtest/ref/transport/transporttest"
	"ockamtest/ref/wire"
)

// loopback is where tests listen; the system chooses the port.
func loopback() wire.Address { return wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0) }

func listen(t testing.TB, cfg tls.Config) transport.Listener {
	t.Helper()
	l, err := tls.Listen(t.Context(), loopback(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func accept(t testing.TB, l transport.Listener) transport.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, err := l.Accept(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func dial(t testing.TB, l transport.Listener, cfg tls.Config) transport.Conn {
	t.Helper()
	conn, err := tls.Dial(t.Context(), l.Address(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// socket is a TCP connection to a listener.
func socket(t testing.TB, l transport.Listener) *net.TCPConn {
	t.Helper()
	ap, _ := tcp.AddrPort(l.Address())
	nc, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(ap))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	return nc
}

// raw returns a connection under test and its peer, a TLS connection without frames, and what that lies on.
func raw(t testing.TB) (transport.Conn, *stdtls.Conn, *net.TCPConn) {
	t.Helper()
	client, server := configs(t)
	l := listen(t, server)
	below := socket(t, l)
	client.TLS.ServerName = "localhost"
	peer := stdtls.Client(below, client.TLS)
	if err := peer.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return accept(t, l), peer, below
}

func TestContract(t *testing.T) {
	for _, limit := range []int{0, 1100} {
		client, server := configs(t)
		client.TCP.Limit, server.TCP.Limit = limit, limit
		transporttest.Run(t, func(t *testing.T) (transport.Conn, transport.Conn) {
			l := listen(t, server)
			c := dial(t, l, client)
			return c, accept(t, l)
		})
	}
}

func TestListenerContract(t *testing.T) {
	client, server := configs(t)
	transporttest.RunListener(t, func(t *testing.T) (transport.Listener, transporttest.Dial) {
		l := listen(t, server)
		return l, func(ctx context.Context) (transport.Conn, error) { return tls.Dial(ctx, l.Address(), client) }
	})
}

// TRAN-024, TRAN-001, TRAN-007: the peer reads the frames of TRAN-001, a message in one record if it fits, and so does a batch; the
// addresses are TCP addresses.
func TestFrames(t *testing.T) {
	conn, peer, _ := raw(t)
	if conn.LocalAddress().Type() != wire.TCP || conn.RemoteAddress().Type() != wire.TCP {
		t.Errorf("addresses %v and %v, want TCP", conn.LocalAddress(), conn.RemoteAddress())
	}
	p := make([]byte, 70000)
	for i, msgs := range [][][]byte{{{}}, {[]byte("one")}, {bytes.Repeat([]byte("x"), 16382)}, {[]byte("two"), {}, []byte("three")}} {
		var want []byte
		for _, m := range msgs {
			want, _ = transport.AppendFrame(want, m)
		}
		write := func() error { return transport.WriteBatch(t.Context(), conn, msgs) }
		if len(msgs) == 1 {
			write = func() error { return conn.Write(t.Context(), msgs[0]) }
		}
		if err := write(); err != nil {
			t.Fatal(err)
		}
		if n, err := peer.Read(p); err != nil || !bytes.Equal(p[:n], want) {
			t.Errorf("batch %d: the first record has %d bytes and %v, want %d", i, n, err, len(want))
		}
	}
	if _, ok := conn.(transport.BatchWriter); !ok {
		t.Error("the connection writes no batches")
	}
	if _, err := peer.Write([]byte("\x00\x05hello\x00\x00")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hello", ""} {
		if n, err := conn.Read(t.Context(), p); err != nil || string(p[:n]) != want {
			t.Errorf("got %q, %v, want %q", p[:n], err, want)
		}
	}
}

// TRAN-024, TRAN-004: only close_notify between two frames is the end of the stream.
func TestEnds(t *testing.T) {
	ends := map[string]func(peer *stdtls.Conn, below *net.TCPConn) error{
		"close_notify": func(peer *stdtls.Conn, _ *net.TCPConn) error { return peer.CloseWrite() },
		"FIN":          func(_ *stdtls.Conn, below *net.TCPConn) error { return below.CloseWrite() },
		"RST":          func(_ *stdtls.Conn, below *net.TCPConn) error { return errors.Join(below.SetLinger(0), below.Close()) },
		"half a record": func(_ *stdtls.Conn, below *net.TCPConn) error {
			_, err := below.Write([]byte{23, 3, 3, 0, 99, 1, 2, 3})
			return errors.Join(err, below.CloseWrite())
		},
		"a forged record": func(_ *stdtls.Conn, below *net.TCPConn) error {
			_, err := below.Write(append([]byte{23, 3, 3, 0, 32}, make([]byte, 32)...))
			return err
		},
	}
	for name, end := range ends {
		for _, head := range []string{"", "\x00", "\x00\x05", "\x00\x05hell"} {
			conn, peer, below := raw(t)
			if _, err := peer.Write([]byte("\x00\x02ok" + head)); err != nil {
				t.Fatal(err)
			}
			p := make([]byte, conn.Limit())
			if n, err := conn.Read(t.Context(), p); err != nil || string(p[:n]) != "ok" {
				t.Fatalf("%s: the message before: %q, %v", name, p[:n], err)
			}
			if err := end(peer, below); err != nil {
				t.Fatal(err)
			}
			want := transport.ErrTruncated
			if name == "close_notify" && head == "" {
				want = io.EOF
			}
			for range 2 {
				n, err := conn.Read(t.Context(), p)
				if n != 0 || !errors.Is(err, want) || errors.Is(err, io.EOF) != errors.Is(want, io.EOF) {
					t.Errorf("%s after %q: got %d bytes and %v, want 0 and %v", name, head, n, err, want)
				}
			}
		}
	}
}

// CHAN-013, TRAN-024: Close ends the stream in both layers, after what was written, also when there are unread bytes.
func TestClose(t *testing.T) {
	conn, peer, below := raw(t)
	if _, err := peer.Write([]byte("\x00\x01a\x00\x01b")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(t.Context(), make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := conn.Write(t.Context(), make([]byte, 60000)); err != nil {
			t.Fatal(err)
		}
	}
	conn.Close()
	if n, err := io.Copy(io.Discard, peer); err != nil || n != 5*60002 {
		t.Errorf("the peer reads %d bytes and %v, want %d and close_notify", n, err, 5*60002)
	}
	if n, err := below.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("the peer's socket reads %d, %v, want FIN", n, err)
	}
}

// A write that is given up while the peer takes nothing fails the connection, and is no timeout of later calls (IO-003).
func TestGiveUpWrite(t *testing.T) {
	conn, _, _ := raw(t)
	var err error
	for err == nil {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err = conn.Write(ctx, make([]byte, transport.MaxFrame))
		cancel()
	}
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, transport.ErrGivenUp) {
		t.Fatalf("got %v, want a timeout and ErrGivenUp", err)
	}
	if err := conn.Write(t.Context(), nil); !errors.Is(err, transport.ErrGivenUp) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("later: got %v, want ErrGivenUp and no timeout", err)
	}
}
