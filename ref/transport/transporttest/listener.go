package transporttest

import (
	"context"
	"errors"
	"testing"
	"time"

	"ockamtest/ref/transport"
)

// A listenerCheck is one clause of the contract of transport.Listener.
type listenerCheck struct {
	name string
	run  func(t testing.TB, ctx context.Context, l transport.Listener, dial Dial)
}

// Dial connects to the listener under test.
type Dial func(ctx context.Context) (transport.Conn, error)

// RunListener tests a listener for stream-like connections. newListener returns a new listener and a function that connects to it.
func RunListener(t *testing.T, newListener func(t *testing.T) (transport.Listener, Dial)) {
	t.Helper()
	for _, c := range listenerChecks() {
		t.Run(c.name, func(t *testing.T) {
			l, dial := newListener(t)
			runListenerCheck(t, c, l, dial)
		})
	}
}

func listenerChecks() []listenerCheck {
	return []listenerCheck{
		{"accept many", checkAcceptMany},
		{"idle connection", checkIdleConnection},
		{"give up accept", checkGiveUpAccept},
		{"close wakes accept", checkCloseWakesAccept},
		{"close keeps connections", checkCloseKeepsConnections},
		{"bound address", checkBoundAddress},
	}
}

func runListenerCheck(t testing.TB, c listenerCheck, l transport.Listener, dial Dial) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	defer closeAll(l)
	c.run(t, ctx, l, dial)
}

// connect dials and accepts.
func connect(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) (client, server transport.Conn) {
	t.Helper()
	type result struct {
		conn transport.Conn
		err  error
	}
	dialed := make(chan result, 1)
	go func() {
		conn, err := dial(ctx)
		dialed <- result{conn, err}
	}()
	server, err := l.Accept(ctx)
	if err != nil {
		t.Fatalf("Accept: %v", err)
	}
	r := <-dialed
	if r.err != nil {
		closeAll(server)
		t.Fatalf("dial: %v", r.err)
	}
	return r.conn, server
}

// TRAN-021: an end point keeps accepting; each connection is its own, and a closed one does not disturb the others.
func checkAcceptMany(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) {
	const many = 10
	var clients, servers []transport.Conn
	for i := range many {
		client, server := connect(t, ctx, l, dial)
		defer closeAll(client, server)
		clients, servers = append(clients, client), append(servers, server)
		if i%3 == 0 {
			closeAll(client)
		}
	}
	for i := range many {
		if i%3 != 0 {
			exchange(t, ctx, clients[i], servers[i])
			exchange(t, ctx, servers[i], clients[i])
		}
	}
}

// TRAN-023: a connection that sends nothing does not keep the next from being served.
func checkIdleConnection(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) {
	idle, idleServer := connect(t, ctx, l, dial)
	defer closeAll(idle, idleServer)
	client, server := connect(t, ctx, l, dial)
	defer closeAll(client, server)
	exchange(t, ctx, client, server)
}

// IO-006, TRAN-021: an accept that waits is given up, and the connection that comes later is not lost.
func checkGiveUpAccept(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) {
	for range 3 {
		short, cancel := context.WithTimeout(ctx, pause)
		if conn, err := l.Accept(short); conn != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Accept: got %v, %v, want no connection and %v", conn, err, context.DeadlineExceeded)
		}
		cancel()
		if conn, err := l.Accept(short); conn != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Accept with an ended context: got %v, %v, want no connection and %v", conn, err, context.DeadlineExceeded)
		}
		client, server := connect(t, ctx, l, dial)
		exchange(t, ctx, client, server)
		closeAll(client, server)
	}
}

// TRAN-022: closing wakes an accept that waits; later ones say so too; closing again is harmless.
func checkCloseWakesAccept(t testing.TB, ctx context.Context, l transport.Listener, _ Dial) {
	timer := time.AfterFunc(pause, func() { closeAll(l) })
	defer timer.Stop()
	for range 2 {
		if conn, err := l.Accept(ctx); conn != nil || !errors.Is(err, transport.ErrClosed) {
			t.Fatalf("Accept: got %v, %v, want no connection and ErrClosed", conn, err)
		}
		if err := l.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
}

// Listener: accepted connections stay open when it is closed, and new ones are refused.
func checkCloseKeepsConnections(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) {
	client, server := connect(t, ctx, l, dial)
	defer closeAll(client, server)
	if err := l.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	exchange(t, ctx, client, server)
	if conn, err := dial(ctx); err == nil {
		closeAll(conn)
		t.Errorf("dial succeeds after Close")
	}
}

// Listener: Address is what was bound, and what a client sees as the remote address.
func checkBoundAddress(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) {
	if a := l.Address(); !a.IsTransport() || a.Port() == 0 {
		t.Fatalf("address %v, want a transport address with a port", a)
	}
	client, server := connect(t, ctx, l, dial)
	defer closeAll(client, server)
	if got := client.RemoteAddress(); got.Port() != l.Address().Port() || got.Type() != l.Address().Type() {
		t.Errorf("a client's remote address is %v, the listener's is %v", got, l.Address())
	}
	if got := server.RemoteAddress(); !got.Equal(client.LocalAddress()) {
		t.Errorf("the accepted connection's remote address is %v, the client is %v", got, client.LocalAddress())
	}
}
