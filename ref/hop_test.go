package ref_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// ROUT-004: messages leave a connection in the order in which they came, also those that waited for it to be made.
func TestOrderAcrossConnecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		end := w.listen(host(2))
		made := make(chan struct{})
		relay := w.node(t, 1, func(cfg *ref.NodeConfig) {
			dial := cfg.Dial
			cfg.Dial = func(ctx context.Context, to wire.Address) (transport.Conn, error) {
				<-made
				return dial(ctx, to)
			}
		})
		source, err := w.dial(host(3).WithPort(0), host(1))
		if err != nil {
			t.Fatal(err)
		}
		const each = 100
		for i := range 2 * each {
			if i == each {
				synctest.Wait() // they wait
				close(made)
			}
			if err := source.Write(t.Context(), payloadTo(t, wire.Route{host(1), host(2)}, fmt.Append(nil, i))); err != nil {
				t.Fatal(err)
			}
		}
		sink, err := end.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 * each {
			if got, want := string(body(t, sink)), fmt.Sprint(i); got != want {
				t.Fatalf("got message %s, want %s", got, want)
			}
		}
		synctest.Wait()
		if c := relay.Counters(); c.Forwarded != 2*each || c.Waiting() != 0 {
			t.Errorf("counted %+v, want %d forwarded", c, 2*each)
		}
		source.Close()
		sink.Close()
		closeNodes(t, relay)
	})
}

// ROUT-006: a next hop that does not read loses what it is sent beyond a bound, and delays nobody else; neither does one that cannot be
// connected, which takes as long as it may.
func TestSlowNextHop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		slow, quick := w.listen(host(2)), w.listen(host(3))
		relay := w.node(t, 1, func(cfg *ref.NodeConfig) {
			dial := cfg.Dial
			cfg.ConnectTimeout = time.Minute
			cfg.Dial = func(ctx context.Context, to wire.Address) (transport.Conn, error) {
				if to == host(4) {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				return dial(ctx, to)
			}
		})
		source, err := w.dial(host(5).WithPort(0), host(1))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		const each, room = 1000, 256 + 64 + 17 // in the queue, in the writer's hands, and on the connection with the one being read
		for i := range each {
			for _, to := range []byte{2, 4, 3} {
				if err := source.Write(t.Context(), payloadTo(t, wire.Route{host(1), host(to)}, fmt.Append(nil, i))); err != nil {
					t.Fatal(err)
				}
			}
			if i == 0 {
				go func() {
					sink, err := quick.Accept(t.Context())
					for i := range each {
						if got := string(body(t, sink)); err != nil || got != fmt.Sprint(i) {
							t.Errorf("got message %s, %v, want %d", got, err, i)
						}
					}
				}()
			}
			synctest.Wait()
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v", took)
		}
		c := relay.Counters()
		// What is forwarded to the slow hop is what the connection took; what is queued for it and for the one that is not connected waits.
		if c.Dropped[router.Unreachable] < 2*(each-room) || c.Forwarded < each || c.Waiting() > 2*room {
			t.Errorf("counted %+v", c)
		}
		<-time.After(time.Minute) // the attempt to connect has ended
		synctest.Wait()
		if c := relay.Counters(); c.Waiting() > room {
			t.Errorf("%d messages wait after the attempt to connect", c.Waiting())
		}
		source.Close()
		sink, err := slow.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sink.Close()
		closeNodes(t, relay)
		if c := relay.Counters(); c.Waiting() != 0 {
			t.Errorf("%d messages are not accounted for", int64(c.Waiting()))
		}
	})
}

// TRAN-022, IO-006: who writes to a next hop that does not read waits, until it reads, or the caller, the worker, or the node ends that.
func TestWriterWaitsForRoom(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(cancel func(), w *ref.Worker, n *ref.Node)
		want error
	}{
		"the caller gives up": {func(cancel func(), _ *ref.Worker, _ *ref.Node) { cancel() }, context.Canceled},
		"the worker closes":   {func(_ func(), w *ref.Worker, _ *ref.Node) { _ = w.Close() }, transport.ErrClosed},
		"the node closes":     {func(_ func(), _ *ref.Worker, n *ref.Node) { _ = n.Close() }, transport.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWires()
				slow := w.listen(host(2))
				n := w.node(t, 1, nil)
				worker := openWorker(t, n, "writer")
				route := wire.Route{host(2), wire.LocalAddress([]byte("reader"))}
				ctx, cancel := context.WithCancel(t.Context())
				sent, done := 0, make(chan error)
				go func() {
					for {
						if err := worker.Send(ctx, route, fmt.Append(nil, sent)); err != nil {
							done <- err
							return
						}
						sent++
					}
				}()
				synctest.Wait()
				before := sent
				if before < 256 || before > 400 {
					t.Errorf("%d messages were taken from a writer whose peer does not read", before)
				}
				sink, err := slow.Accept(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for i := range 100 { // in order, as ever
					if got := string(body(t, sink)); got != fmt.Sprint(i) {
						t.Fatalf("got message %s, want %d", got, i)
					}
				}
				synctest.Wait()
				if sent < before+36 { // some leave in batches
					t.Errorf("%d messages were taken after 100 were read, %d before", sent, before)
				}
				go test.end(cancel, worker, n)
				if err := <-done; !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
				cancel()
				sink.Close()
				closeNodes(t, n)
			})
		})
	}
}

// CHAN-013: what was written leaves when a node closes, unless its peer does not read it within a second.
func TestCloseAfterWrite(t *testing.T) {
	for name, reads := range map[string]bool{"peer reads": true, "peer does not read": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWires()
				end := w.listen(host(2))
				n := w.node(t, 1, nil)
				worker := openWorker(t, n, "writer")
				const messages = 200
				for i := range messages {
					if err := worker.Send(t.Context(), wire.Route{host(2), wire.LocalAddress([]byte("reader"))}, fmt.Append(nil, i)); err != nil {
						t.Fatal(err)
					}
				}
				closed := make(chan time.Duration, 1)
				go func() {
					began := time.Now()
					closeNodes(t, n)
					closed <- time.Since(began)
				}()
				sink, err := end.Accept(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				want := time.Second
				if reads {
					want = 0
					for i := range messages {
						if got := string(body(t, sink)); got != fmt.Sprint(i) {
							t.Fatalf("got message %s, want %d", got, i)
						}
					}
					if n, err := sink.Read(t.Context(), nil); n != 0 || !errors.Is(err, io.EOF) {
						t.Errorf("got %d bytes and %v, want the end", n, err)
					}
				}
				if got := <-closed; got != want {
					t.Errorf("Close took %v, want %v", got, want)
				}
				sink.Close()
			})
		})
	}
}

// TRAN-023: at the bound the connection that was idle for longest gives way: not one over which something is only sent.
func TestIdleConnectionGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		var ends []*wireListener
		for i := range byte(3) {
			ends = append(ends, w.listen(host(2+i)))
		}
		n := w.node(t, 1, func(cfg *ref.NodeConfig) { cfg.MaxConnections = 2 })
		worker := openWorker(t, n, "writer")
		send := func(to byte) {
			t.Helper()
			if err := worker.Send(t.Context(), wire.Route{host(to), wire.LocalAddress([]byte("reader"))}, nil); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			<-time.After(time.Second)
		}
		send(2)
		send(3)
		send(2)
		send(4)
		for i, wantOpen := range []bool{true, false, true} {
			conn, err := ends[i].Accept(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			body(t, conn)
			short, cancel := context.WithTimeout(t.Context(), time.Second)
			if i == 0 {
				body(t, conn)
			}
			_, err = conn.Read(short, nil)
			cancel()
			if open := errors.Is(err, context.DeadlineExceeded); open != wantOpen {
				t.Errorf("connection %d: got %v, open should be %v", i, err, wantOpen)
			}
			defer conn.Close()
		}
		if made, open := w.count(); made != 3 || open != 2 {
			t.Errorf("%d connections made, %d open, want 3 and 2", made, open)
		}
		closeNodes(t, n)
	})
}

// ROUT-006, TRAN-005: a message that is too long for a next hop is dropped, and takes no other with it.
func TestTooLongForNextHop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		end := w.listen(host(2))
		relay := w.node(t, 1, func(cfg *ref.NodeConfig) {
			cfg.Dial = func(context.Context, wire.Address) (transport.Conn, error) {
				c, err := w.dial(host(1).WithPort(0), host(2))
				c.limit = 1000
				return c, err
			}
		})
		source, err := w.dial(host(3).WithPort(0), host(1))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			for _, size := range []int{1000, 0} {
				msg := payloadTo(t, wire.Route{host(1), host(2)}, append(make([]byte, size), fmt.Append(nil, i)...))
				if err := source.Write(t.Context(), msg); err != nil {
					t.Fatal(err)
				}
			}
		}
		sink, err := end.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			if got := string(body(t, sink)); got != fmt.Sprint(i) {
				t.Fatalf("got message %q, want %d", got, i)
			}
		}
		synctest.Wait()
		if c := relay.Counters(); c.Dropped[router.TooLong] != 10 || c.Forwarded != 10 || c.Waiting() != 0 {
			t.Errorf("counted %+v, want 10 too long and 10 forwarded", c)
		}
		source.Close()
		sink.Close()
		closeNodes(t, relay)
	})
}

// ROUT-004: when a connection has ended, the next message makes another.
func TestReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		end := w.listen(host(2))
		n := w.node(t, 1, nil)
		worker := openWorker(t, n, "writer")
		for i := range 5 {
			if err := worker.Send(t.Context(), wire.Route{host(2), wire.LocalAddress([]byte("reader"))}, fmt.Append(nil, i)); err != nil {
				t.Fatal(err)
			}
			sink, err := end.Accept(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := string(body(t, sink)); got != fmt.Sprint(i) {
				t.Fatalf("got message %s, want %d", got, i)
			}
			sink.Close()
			synctest.Wait()
		}
		if made, open := w.count(); made != 5 || open != 0 {
			t.Errorf("%d connections made, %d open, want 5 and 0", made, open)
		}
		closeNodes(t, n)
	})
}

// ROUT-004: one connection for each remote address, used both ways, whatever address the connection itself tells; and one is left when both
// ends connect at once from the addresses at which they listen.
func TestOneConnection(t *testing.T) {
	t.Run("both ways", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWires()
			there := w.node(t, 2, nil)
			here := w.node(t, 1, func(cfg *ref.NodeConfig) { // by way of a proxy
				cfg.Dial = func(context.Context, wire.Address) (transport.Conn, error) {
					return w.dial(host(1).WithPort(0), host(2))
				}
			})
			cfg, _ := newConfig(t)
			l, err := there.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				client, err := here.Dial(t.Context(), wire.Route{host(77)}, cfg)
				if err != nil {
					t.Fatal(err)
				}
				exchange(t, client, accept(t, l))
			}
			if made, open := w.count(); made != 1 || open != 1 {
				t.Errorf("%d connections made, %d open, want 1", made, open)
			}
			closeNodes(t, here, there)
		})
	})
	for round := range 20 { // whoever comes first
		t.Run(fmt.Sprint("at once ", round), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { connectAtOnce(t, round%4 > 0) })
		})
	}
}

// connectAtOnce lets two nodes connect to each other at once, from the addresses at which they listen. accepted is when connections are accepted:
// before either end has its own, or at any moment.
func connectAtOnce(t *testing.T, accepted bool) {
	w := newWires()
	var nodes []*ref.Node
	begin, made := make(chan struct{}), make(chan struct{})
	for i := range byte(2) {
		nodes = append(nodes, w.node(t, 1+i, func(cfg *ref.NodeConfig) {
			dial := w.dialer(host(1 + i))
			cfg.Dial = func(ctx context.Context, to wire.Address) (transport.Conn, error) {
				<-begin
				c, err := dial(ctx, to)
				<-made
				return c, err
			}
		}))
	}
	var workers []*ref.Worker
	const each = 20
	for i, n := range nodes {
		w := openWorker(t, n, "worker")
		workers = append(workers, w)
		go func() { // waits until there is a connection
			for range each {
				if err := w.Send(t.Context(), wire.Route{host(byte(2 - i)), wire.LocalAddress([]byte("worker"))}, nil); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	synctest.Wait()
	close(begin)
	if accepted {
		synctest.Wait()
	}
	close(made)
	synctest.Wait()
	for range 2 { // whatever was lost with the other connection, now there is one that stays
		for i, n := range nodes {
			if err := n.Ping(t.Context(), wire.Route{host(byte(2 - i))}); err != nil {
				t.Errorf("ping from node %d: %v", 1+i, err)
			}
		}
	}
	if made, open := w.count(); made != 2 || open != 1 {
		t.Errorf("%d connections made, %d open, want 2 and 1", made, open)
	}
	for i, w := range workers {
		got := 0
		for ; ; got++ {
			short, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := w.Receive(short)
			if cancel(); err != nil {
				break
			}
		}
		if accepted && got != each { // nothing had left before it was settled
			t.Errorf("worker %d received %d messages, want %d", i, got, each)
		}
	}
	closeNodes(t, nodes...)
}

// ROUT-004: the answer to a TCP source goes over the connection that it came from, and nowhere else when that has ended.
func TestAnswerToEndedConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		cfg, _ := newConfig(t)
		n := w.node(t, 1, nil)
		l, err := n.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		source := w.listen(host(2)) // it listens where it connects from
		conn, err := w.dial(host(2), host(1))
		if err != nil {
			t.Fatal(err)
		}
		m1 := payloadTo(t, wire.Route{host(1)}, bytes.Repeat([]byte{9}, 32))
		m1[bytes.IndexByte(m1, byte(wire.Payload))] = byte(wire.M1)
		for _, msg := range [][]byte{m1, header(wire.Ping)} {
			if err := conn.Write(t.Context(), msg); err != nil {
				t.Fatal(err)
			}
		}
		conn.Close()
		synctest.Wait()
		select {
		case <-source.conns:
			t.Error("the node has connected to its source")
		default:
		}
		l.Close()
		closeNodes(t, n)
	})
}
