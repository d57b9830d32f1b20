package transporttest

import (
	"context"
	"errors"
	"testing"

	"ockamtest/ref/transport"
)

// RunDatagramListener tests a listener whose connections are the sources of datagrams (TRAN-021). newListener returns a new listener and a
// function that opens a socket connected to it; the first message makes the connection.
func RunDatagramListener(t *testing.T, newListener func(t *testing.T) (transport.Listener, Dial)) {
	t.Helper()
	for _, c := range datagramListenerChecks() {
		t.Run(c.name, func(t *testing.T) {
			l, dial := newListener(t)
			runListenerCheck(t, c, l, dial)
		})
	}
}

func datagramListenerChecks() []listenerCheck {
	return []listenerCheck{
		{"accept many", checkAcceptSources},
		{"first message", checkFirstMessage},
		{"hostile source", checkHostileSource},
		{"accept again", checkAcceptAgain},
		{"give up accept", checkGiveUpAcceptSource},
		{"close wakes accept", checkCloseWakesAccept},
		{"close keeps connections", checkCloseKeepsSources},
		{"bound address", checkBoundSourceAddress},
	}
}

// greet dials, sends a message, accepts, and reads the message.
func greet(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) (client, server transport.Conn) {
	t.Helper()
	client = dialAndSend(t, ctx, dial, []byte("hello"))
	server, err := l.Accept(ctx)
	if err != nil {
		closeAll(client)
		t.Fatalf("Accept: %v", err)
	}
	receive(t, ctx, server, []byte("hello"))
	return client, server
}

func dialAndSend(t testing.TB, ctx context.Context, dial Dial, msgs ...[]byte) transport.Conn {
	t.Helper()
	client, err := dial(ctx)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	for _, m := range msgs {
		if err := client.Write(ctx, m); err != nil {
			closeAll(client)
			t.Fatalf("Write: %v", err)
		}
	}
	return client
}

// TRAN-021, TRAN-012: an end point keeps accepting; each source is its own, and a closed one does not disturb the others.
func checkAcceptSources(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) {
	const many = 10
	var clients, servers []transport.Conn
	for i := range many {
		client, server := greet(t, ctx, l, dial)
		defer closeAll(client, server)
		clients, servers = append(clients, client), append(servers, server)
		if i%3 == 0 {
			closeAll(client, server)
		}
	}
	for i := range many {
		if i%3 != 0 {
			exchange(t, ctx, clients[i], servers[i])
			exchange(t, ctx, servers[i], clients[i])
		}
	}
}

// TRAN-021: the datagram for which accept returns is the first message read, an empty one too, and those that came meanwhile follow.
func checkFirstMessage(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) {
	for _, first := range [][]byte{[]byte("first"), {}} {
		client := dialAndSend(t, ctx, dial, first, []byte("second"), []byte("third"))
		defer closeAll(client)
		server, err := l.Accept(ctx)
		if err != nil {
			t.Fatalf("Accept: %v", err)
		}
		defer closeAll(server)
		for _, m := range [][]byte{first, []byte("second"), []byte("third")} {
			receive(t, ctx, server, m)
		}
	}
}

// TRAN-023: sources that send and are not read, accepted or not, do not keep others from being served.
func checkHostileSource(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) {
	unread, unreadServer := greet(t, ctx, l, dial)
	defer closeAll(unread, unreadServer)
	client, server := greet(t, ctx, l, dial)
	defer closeAll(client, server)
	waiting := dialAndSend(t, ctx, dial, []byte("waits to be accepted"))
	defer closeAll(waiting)
	for i := range 1000 {
		for _, c := range []transport.Conn{unread, waiting} {
			if err := c.Write(ctx, message(i, min(100, c.Limit()))); err != nil {
				t.Fatalf("Write: %v", err)
			}
		}
		if i%10 == 0 {
			exchange(t, ctx, client, server)
			exchange(t, ctx, server, client)
		}
	}
}

// TRAN-021: a source whose connection was closed is not served any more; when it sends again it is accepted again.
func checkAcceptAgain(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) {
	client, server := greet(t, ctx, l, dial)
	defer closeAll(client)
	for range 3 {
		closeAll(server)
		defer send(t, ctx, client, []byte("again"))()
		again, err := l.Accept(ctx)
		if err != nil {
			t.Fatalf("Accept: %v", err)
		}
		defer closeAll(again)
		receive(t, ctx, again, []byte("again"))
		exchange(t, ctx, again, client)
		wantRead(t, ctx, server, transport.ErrClosed)
		server = again
	}
}

// IO-006, TRAN-021: an accept that waits is given up, and the source that comes later is not lost.
func checkGiveUpAcceptSource(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) {
	for range 3 {
		short, cancel := context.WithTimeout(ctx, pause)
		defer cancel()
		for range 2 {
			if conn, err := l.Accept(short); conn != nil || !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("Accept: got %v, %v, want no connection and %v", conn, err, context.DeadlineExceeded)
			}
		}
		client, server := greet(t, ctx, l, dial)
		exchange(t, ctx, server, client)
		closeAll(client, server)
	}
}

// Listener: accepted connections stay open when it is closed, and new sources are not accepted.
func checkCloseKeepsSources(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) {
	client, server := greet(t, ctx, l, dial)
	defer closeAll(client, server)
	if err := l.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	exchange(t, ctx, client, server)
	late, err := dial(ctx)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	defer closeAll(late)
	if err := late.Write(ctx, []byte("late")); err != nil {
		t.Fatalf("Write: %v", err)
	}
	exchange(t, ctx, server, client)
	if conn, err := l.Accept(ctx); conn != nil || !errors.Is(err, transport.ErrClosed) {
		t.Fatalf("Accept: got %v, %v, want ErrClosed", conn, err)
	}
}

// Listener: Address is what was bound, and what a client sees as the remote address.
func checkBoundSourceAddress(t testing.TB, ctx context.Context, l transport.Listener, dial Dial) {
	if a := l.Address(); !a.IsTransport() || a.Port() == 0 {
		t.Fatalf("address %v, want a transport address with a port", a)
	}
	client, server := greet(t, ctx, l, dial)
	defer closeAll(client, server)
	if got := client.RemoteAddress(); got.Port() != l.Address().Port() || got.Type() != l.Address().Type() {
		t.Errorf("a client's remote address is %v, the listener's is %v", got, l.Address())
	}
	if got := server.RemoteAddress(); !got.Equal(client.LocalAddress()) {
		t.Errorf("the accepted connection's remote address is %v, the client is %v", got, client.LocalAddress())
	}
}
