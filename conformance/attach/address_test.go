package attach

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"ockamtest/conformance"
)

// A server answers connections until the test ends.
func server(t *testing.T, answer func(c *net.TCPConn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer shut(conn)
				answer(conn.(*net.TCPConn))
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		conns.Wait()
	})
	return listener.Addr().String()
}

// serveFlynn serves the second opinion and returns where, or dials address as initiator.
func serveFlynn(t *testing.T, role conformance.Role, profileName, address string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	bound := make(chan string, 1)
	done := make(chan error, 1)
	go func() {
		done <- ServeProgram(ctx, Flynn(), ServeConfig{
			Role: role, Profile: profileName, Address: address, Listening: func(a string) { bound <- a },
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	if role == conformance.Initiator {
		return address
	}
	select {
	case a := <-bound:
		return a
	case err := <-done:
		done <- nil
		t.Fatalf("serve: %v", err)
		return ""
	}
}

func TestDialExchange(t *testing.T) {
	noLeaks(t)
	for _, profileName := range []string{"v1", "c09"} {
		t.Run(profileName, func(t *testing.T) {
			address := serveFlynn(t, conformance.Responder, profileName, "127.0.0.1:0")
			peer := attachPeer(t, Config{MaxConnections: 3}, "tcp://"+address)
			k := newKit(t, peer, conformance.Responder, profileName)
			for range 3 {
				k.exchange()
			}
			alive(t, peer)
			if got := peer.Info(); got.Name != "tcp://"+address || got.Attachment != "tcp" || got.MaxConnections != 3 || len(got.Roles) != 1 {
				t.Errorf("info: got %+v", got)
			}
			_, err := peer.Open(t.Context(), conformance.Need{Role: conformance.Initiator, Transport: conformance.TCP, Profile: "v1"})
			if !errors.Is(err, ErrNeed) {
				t.Errorf("as initiator: got %v, want ErrNeed", err)
			}
		})
	}
}

// freeAddress is an address at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	return listener.Addr().String()
}

func TestDialRefused(t *testing.T) {
	noLeaks(t)
	peer := attachPeer(t, Config{Scale: 0.01}, "tcp://"+freeAddress(t))
	k := newKit(t, peer, conformance.Responder, "v1")
	if _, err := k.Open(t.Context()); !errors.Is(err, conformance.ErrUnreachable) {
		t.Errorf("got %v, want ErrUnreachable", err)
	}
	alive(t, peer)
}

func TestDialCancelled(t *testing.T) {
	noLeaks(t)
	peer := attachPeer(t, Config{Scale: 1000}, "tcp://"+freeAddress(t))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := peer.Open(ctx, conformance.Need{Role: conformance.Responder, Transport: conformance.TCP, Profile: "v1"})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, conformance.ErrUnreachable) {
		t.Errorf("got %v, want the context's error alone", err)
	}
}

// A peer that is just starting is waited for.
func TestDialWaitsForStart(t *testing.T) {
	noLeaks(t)
	address := freeAddress(t)
	var d net.Dialer
	tried := make(chan struct{})
	go func() {
		defer close(tried)
		for range 3 { // some refusals later
			conn, err := d.DialContext(context.Background(), "tcp", address)
			if err == nil {
				_ = conn.Close()
			}
		}
	}()
	peer := attachPeer(t, Config{}, "tcp://"+address)
	opened := make(chan error, 1)
	go func() {
		link, err := peer.Open(context.Background(), conformance.Need{Role: conformance.Responder, Transport: conformance.TCP, Profile: "v1"})
		if err == nil {
			err = link.Close()
		}
		opened <- err
	}()
	<-tried
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(listener)
	if err := <-opened; err != nil {
		t.Errorf("got %v", err)
	}
}

// Peers that are dead in some way can be reached, and show on the link as what they are.
func TestDeadListeners(t *testing.T) {
	noLeaks(t)
	tests := []struct {
		name  string
		peer  func(c *net.TCPConn)
		check func(t *testing.T, link conformance.Link)
	}{
		{"close", func(*net.TCPConn) {}, func(t *testing.T, link conformance.Link) {
			if data, err := received(link); len(data) > 0 || !errors.Is(err, io.EOF) {
				t.Errorf("got %q, %v, want io.EOF", data, err)
			}
		}},
		{"reset", func(c *net.TCPConn) { _, _ = c.Read(make([]byte, 1)); _ = c.SetLinger(0) }, func(t *testing.T, link conformance.Link) {
			if err := link.Send([]byte("hello?")); err != nil {
				t.Fatal(err)
			}
			if data, err := received(link); len(data) > 0 || !errors.Is(err, conformance.ErrReset) {
				t.Errorf("got %q, %v, want ErrReset", data, err)
			}
		}},
		{"silent", func(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) }, func(t *testing.T, link conformance.Link) {
			if err := link.Send([]byte("hello?")); err != nil {
				t.Fatal(err)
			}
			if p, err := link.Receive(20 * time.Millisecond); !errors.Is(err, conformance.ErrQuiet) {
				t.Errorf("got %q, %v, want ErrQuiet", p, err)
			}
		}},
		{"echo", func(c *net.TCPConn) { _, _ = io.Copy(c, c) }, func(t *testing.T, link conformance.Link) {
			if err := errors.Join(link.Send([]byte("hello")), link.CloseWrite()); err != nil {
				t.Fatal(err)
			}
			if data, err := received(link); string(data) != "hello" || !errors.Is(err, io.EOF) {
				t.Errorf("got %q, %v, want the echo and io.EOF", data, err)
			}
		}},
		{"random", func(c *net.TCPConn) { _, _ = io.CopyN(c, rand.Reader, 1<<20) }, func(t *testing.T, link conformance.Link) {
			if data, err := received(link); len(data) != 1<<20 || !errors.Is(err, io.EOF) {
				t.Errorf("got %d bytes, %v, want 1 MiB and io.EOF", len(data), err)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			peer := attachPeer(t, Config{}, "tcp://"+server(t, tt.peer))
			link := newKit(t, peer, conformance.Responder, "v1").open()
			tt.check(t, link)
			alive(t, peer)
		})
	}
}

func attachAccept(t *testing.T, cfg Config) (peer conformance.Peer, address string) {
	t.Helper()
	cfg.Listening = func(a string) {
		if address != "" {
			t.Errorf("told twice where it listens: %s and %s", address, a)
		}
		address = a
	}
	peer = attachPeer(t, cfg, "accept:tcp://127.0.0.1:0")
	if address == "" {
		t.Fatal("it was not told where it listens")
	}
	return peer, address
}

func TestAcceptExchange(t *testing.T) {
	noLeaks(t)
	for _, profileName := range []string{"v1", "c09"} {
		t.Run(profileName, func(t *testing.T) {
			peer, address := attachAccept(t, Config{})
			serveFlynn(t, conformance.Initiator, profileName, address)
			k := newKit(t, peer, conformance.Initiator, profileName)
			for range 3 {
				k.exchange()
			}
			alive(t, peer)
		})
	}
}

func TestAcceptNobody(t *testing.T) {
	noLeaks(t)
	peer, _ := attachAccept(t, Config{Scale: 0.001})
	k := newKit(t, peer, conformance.Initiator, "v1")
	if _, err := k.Open(t.Context()); !errors.Is(err, conformance.ErrUnreachable) {
		t.Errorf("got %v, want ErrUnreachable", err)
	}
}

func TestAcceptCancelled(t *testing.T) {
	noLeaks(t)
	peer, _ := attachAccept(t, Config{Scale: 1000})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newKit(t, peer, conformance.Initiator, "v1").Open(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestAcceptAddressInUse(t *testing.T) {
	noLeaks(t)
	_, address := attachAccept(t, Config{})
	spec, err := Parse("accept:tcp://" + address)
	if err != nil {
		t.Fatal(err)
	}
	if peer, err := Open(t.Context(), Config{Spec: spec}); err == nil {
		_ = peer.Close()
		t.Error("the address is bound twice")
	}
}

func dialKit(t *testing.T, address, hello string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, hello); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

// A connection that has waited too long is hung up on, with FIN, and the next one is taken.
func TestAcceptStale(t *testing.T) {
	noLeaks(t)
	a, err := newAcceptor(t.Context(), "127.0.0.1:0", time.Nanosecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
	stale := dialKit(t, a.address(), "stale")
	if conn, err := a.next(t.Context(), 50*time.Millisecond, nil); !errors.Is(err, errNobody) {
		t.Fatalf("got %v, %v, want nobody", conn, err)
	}
	if rest, err := io.ReadAll(stale); len(rest) > 0 || err != nil {
		t.Errorf("stale connection: got %q, %v, want FIN", rest, err)
	}
	a.fresh = time.Hour
	dialKit(t, a.address(), "fresh")
	conn, err := a.next(t.Context(), patient, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(conn)
	buf := make([]byte, 5)
	if _, err := io.ReadFull(conn, buf); string(buf) != "fresh" || err != nil {
		t.Errorf("got %q, %v", buf, err)
	}
}

// More connections than the queue holds: the oldest give way.
func TestAcceptQueue(t *testing.T) {
	noLeaks(t)
	const surplus = 5
	a, err := newAcceptor(t.Context(), "127.0.0.1:0", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
	conns := make([]*net.TCPConn, queueLength+surplus)
	for i := range conns {
		conns[i] = dialKit(t, a.address(), string(rune('a'+i)))
	}
	for i, c := range conns[:surplus] { // their end shows that all have been queued
		if rest, err := io.ReadAll(c); len(rest) > 0 || err != nil {
			t.Errorf("connection %d: got %q, %v, want FIN", i, rest, err)
		}
	}
	for i := range queueLength {
		conn, err := a.next(t.Context(), patient, nil)
		if err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 1)
		if _, err := io.ReadFull(conn, buf); string(buf) != string(rune('a'+surplus+i)) || err != nil {
			t.Errorf("session %d: got %q, %v", i, buf, err)
		}
		_ = conn.Close()
	}
}

// What waits when the peer is closed is hung up on.
func TestAcceptCloseHangsUp(t *testing.T) {
	noLeaks(t)
	peer, address := attachAccept(t, Config{})
	conn := dialKit(t, address, "hello")
	if err := peer.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(conn); err != nil && !isReset(err) { // RST if it had not been accepted yet
		t.Errorf("got %v, want the end of the connection", err)
	}
}
