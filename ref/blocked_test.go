package ref_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// stuck are channels whose other end does not read, in the ways in which a channel can run.
func stuck() map[string]func(t *testing.T) (client, server *ref.Conn, done func()) {
	nothing := func() {}
	return map[string]func(t *testing.T) (client, server *ref.Conn, done func()){
		"stream": func(t *testing.T) (client, server *ref.Conn, done func()) {
			client, server = inBubble(t, func() (i, r transport.Conn) { return transport.Pipe(transport.PipeConfig{}) })
			return client, server, nothing
		},
		"datagrams": func(t *testing.T) (client, server *ref.Conn, done func()) {
			client, server = inBubble(t, func() (i, r transport.Conn) { a, b := datagrams(); return a, b })
			return client, server, nothing
		},
		"tunnel": func(t *testing.T) (client, server *ref.Conn, done func()) {
			client, server = inBubble(t, func() (i, r transport.Conn) { a, b := datagrams(); return a, b })
			client, server = inBubble(t, func() (i, r transport.Conn) { return client, server })
			return client, server, nothing
		},
		"node over TCP": func(t *testing.T) (client, server *ref.Conn, done func()) {
			w := newWires()
			n := w.node(t, 1, nil)
			l := w.listen(host(2))
			cfg, _ := newConfig(t)
			accepted := make(chan *ref.Conn)
			go func() {
				conn, err := l.Accept(t.Context())
				if err != nil {
					t.Error(err)
				}
				c, err := ref.Respond(t.Context(), conn, cfg) // one channel, whose queue holds up the connection
				if err != nil {
					t.Error(err)
				}
				accepted <- c
			}()
			client, err := n.Dial(t.Context(), wire.Route{host(2)}, cfg)
			if err != nil {
				t.Fatal(err)
			}
			return client, <-accepted, func() { closeNodes(t, n) }
		},
	}
}

// inBubble opens a channel that the test closes.
func inBubble(t *testing.T, pair func() (i, r transport.Conn)) (client, server *ref.Conn) {
	t.Helper()
	initiator, _ := newConfig(t)
	responder, _ := newConfig(t)
	responder.Queue = 1 << 10
	i, r := pair()
	return open(t, i, r, initiator, responder)
}

// IO-006, TRAN-022, CHAN-002: a writer whose peer does not read, and those who wait behind it, can give up, each by itself, and are woken by
// Close.
func TestBlockedWriters(t *testing.T) {
	for name, newPair := range stuck() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server, done := newPair(t)
				first := make(chan error, 1)
				go func() {
					for {
						if err := client.Write(context.Background(), make([]byte, 20000)); err != nil {
							first <- err
							return
						}
					}
				}()
				synctest.Wait()
				for i, write := range []func(ctx context.Context) error{
					func(ctx context.Context) error { return client.Write(ctx, []byte("behind")) },
					func(ctx context.Context) error { return client.WriteBatch(ctx, [][]byte{nil, nil}) },
				} {
					began := time.Now()
					short, cancel := context.WithTimeout(t.Context(), time.Second)
					err := write(short)
					cancel()
					if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took != time.Second {
						t.Errorf("writer %d behind another: got %v after %v, want DeadlineExceeded after a second", i, err, took)
					}
				}
				behind := make(chan error, 1)
				go func() { behind <- client.Write(context.Background(), []byte("behind")) }()
				synctest.Wait()
				select {
				case err := <-first:
					t.Fatalf("the first writer: %v", err)
				case err := <-behind:
					t.Fatalf("a writer behind it: %v", err)
				default:
				}
				began := time.Now()
				if err := client.Close(); err != nil {
					t.Error(err)
				}
				for i, result := range []chan error{first, behind} {
					if err := <-result; !errors.Is(err, transport.ErrClosed) {
						t.Errorf("writer %d after Close: got %v, want ErrClosed", i, err)
					}
				}
				if took := time.Since(began); took != 0 {
					t.Errorf("it took %v", took)
				}
				if err := server.Close(); err != nil {
					t.Error(err)
				}
				done()
			})
		})
	}
}

// CHAN-013: closing a channel on a connection that others share sends nothing, and they go on.
func TestCloseOnSharedConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		cfg, _ := newConfig(t)
		here, there := w.node(t, 1, nil), w.node(t, 2, nil)
		l, err := there.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		var clients, servers []*ref.Conn
		for range 3 {
			client, err := here.Dial(t.Context(), wire.Route{host(2)}, cfg)
			if err != nil {
				t.Fatal(err)
			}
			clients, servers = append(clients, client), append(servers, accept(t, l))
		}
		before := [2]uint64{here.Counters().Received, there.Counters().Received}
		for i := range clients {
			exchange(t, clients[i], servers[i])
			before[0], before[1] = before[0]+1, before[1]+1
			closeBoth(t, clients[i], servers[i])
			synctest.Wait()
			if got := [2]uint64{here.Counters().Received, there.Counters().Received}; got != before {
				t.Errorf("%d messages were received, want %d: none of closing", got, before)
			}
		}
		if made, open := w.count(); made != 1 || open != 1 {
			t.Errorf("%d connections made, %d open, want one that is kept", made, open)
		}
		closeNodes(t, here, there)
	})
}
