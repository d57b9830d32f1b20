package ref_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// A gate is a connection whose n-th write, counted from 1, waits for it to open.
type gate struct {
	transport.Conn
	n    int
	open chan struct{}

	mu    sync.Mutex
	calls int // guarded by mu
}

func (g *gate) Write(ctx context.Context, p []byte) error {
	g.mu.Lock()
	g.calls++
	shut := g.calls == g.n
	g.mu.Unlock()
	if shut {
		<-g.open
	}
	return g.Conn.Write(ctx, p)
}

// CHAN-002: an initiator's channel is handed over when m3 has left, so that no record overtakes it, which would be lost.
func TestNoRecordOvertakesM3(t *testing.T) {
	for name, pair := range map[string]func() (i, r transport.Conn){
		"stream":    func() (i, r transport.Conn) { return transport.Pipe(transport.PipeConfig{}) },
		"datagrams": func() (i, r transport.Conn) { a, b := datagrams(); return a, b },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i, r := pair()
				initiator, _ := newConfig(t)
				responder, _ := newConfig(t)
				g := &gate{Conn: i, n: 2, open: make(chan struct{})}
				var client, server *ref.Conn
				var opening sync.WaitGroup
				var failed [2]error
				opening.Go(func() { server, failed[0] = ref.Respond(context.Background(), r, responder) })
				dialled := make(chan struct{})
				opening.Go(func() {
					defer close(dialled)
					client, failed[1] = ref.Initiate(context.Background(), g, initiator)
				})
				synctest.Wait()
				select {
				case <-dialled:
					t.Error("the channel was handed over before m3 has left")
				default:
				}
				close(g.open)
				opening.Wait()
				if err := errors.Join(failed[:]...); err != nil {
					t.Fatal(err)
				}
				exchange(t, client, server)
				closeBoth(t, client, server)
			})
		})
	}
}

// IO-003: the end of the connection below a channel on datagrams is io.EOF itself, for the layers of a tunnel too. What had arrived before can
// be read.
func TestEndBelowPort(t *testing.T) {
	for depth := range 3 {
		synctest.Test(t, func(t *testing.T) {
			i, r := datagrams()
			initiator, _ := newConfig(t)
			responder, _ := newConfig(t)
			client, server := open(t, i, r, initiator, responder)
			for range depth {
				client, server = open(t, client, server, initiator, responder)
			}
			for range 2 {
				if err := client.Write(t.Context(), []byte("before the end")); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
			i.Close()
			p := make([]byte, 100)
			for range 2 {
				if n, err := server.Read(t.Context(), p); err != nil || string(p[:n]) != "before the end" {
					t.Fatalf("got %q, %v, want what was written before the end", p[:n], err)
				}
			}
			for range 2 {
				if n, err := server.Read(t.Context(), p); n != 0 || err != io.EOF { //nolint:errorlint // the error itself, as on a stream
					t.Errorf("depth %d: got %d bytes and %v, want io.EOF", depth, n, err)
				}
				if err := server.Write(t.Context(), nil); !errors.Is(err, io.EOF) {
					t.Errorf("depth %d: Write: got %v, want io.EOF", depth, err)
				}
			}
			closeBoth(t, client, server)
		})
	}
}

// CHAN-007: what ends a handshake on datagrams is told with its step.
func TestEndBelowHandshake(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(line transport.Conn, cancel context.CancelCauseFunc)
		want refused
	}{
		"end":       {func(line transport.Conn, _ context.CancelCauseFunc) { line.Close() }, refused{channel.StepWait, "", io.EOF}},
		"given up":  {func(_ transport.Conn, cancel context.CancelCauseFunc) { cancel(nil) }, refused{channel.StepWait, "", context.Canceled}},
		"why":       {func(_ transport.Conn, cancel context.CancelCauseFunc) { cancel(io.ErrNoProgress) }, refused{channel.StepWait, "", io.ErrNoProgress}},
		"no answer": {func(transport.Conn, context.CancelCauseFunc) {}, refused{channel.StepWait, "NOISE-013", channel.ErrDeadline}},
	} {
		for _, role := range []channel.Role{channel.Initiator, channel.Responder} {
			t.Run(name+"/"+role.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					near, far := datagrams()
					defer far.Close()
					cfg, _, live := newCounted(t)
					before := live()
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					time.AfterFunc(time.Second, func() { test.end(far, cancel) })
					c, err := run(ctx, role, near, cfg)
					if c != nil {
						t.Fatal("the channel is open")
					}
					test.want.check(t, err)
					if live() != before {
						t.Errorf("%d secrets before, %d after", before, live())
					}
					if err := near.Write(t.Context(), nil); !errors.Is(err, transport.ErrClosed) {
						t.Errorf("the connection below: got %v, want ErrClosed", err)
					}
				})
			})
		}
	}
}

// TRAN-011, TRAN-013: a datagram longer than the profile's limit, from a connection that carries longer ones, is dropped whole and harms nothing,
// in the handshake and afterwards.
func TestDatagramTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, r := datagrams()
		cfg, _ := newConfig(t)
		cfg.Profile, cfg.Static = profile.C010(), vault.Secret{}
		long := make([]byte, cfg.Profile.MessageLimit+1)
		r.arrives = func(_ int, msg []byte) [][]byte { return [][]byte{long, msg, long} }
		client, server := open(t, i, r, cfg, cfg)
		exchange(t, client, server)
		exchange(t, client, server)
		closeBoth(t, client, server)
	})
}

// CHAN-009, IO-006: a peer that pings and does not read holds up no reader beyond its context, nor Close.
func TestPingsOfWhoDoesNotRead(t *testing.T) {
	for name, queue := range map[string]int{"one pong waits": 1, "three": 3} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				initiator, _ := newConfig(t)
				responder, _ := newConfig(t)
				i, r := transport.Pipe(transport.PipeConfig{Queue: queue})
				client, server := open(t, i, r, initiator, responder)
				go func() {
					for range 100 {
						if i.Write(context.Background(), header(wire.Ping)) != nil {
							return
						}
					}
				}()
				for _, patience := range []time.Duration{time.Millisecond, time.Minute} {
					began := time.Now()
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					_, err := server.Read(ctx, make([]byte, 1))
					cancel()
					if took := time.Since(began); took != patience || !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("Read: got %v after %v, want a timeout after %v", err, took, patience)
					}
				}
				began := time.Now()
				server.Close()
				client.Close()
				if took := time.Since(began); took != 0 {
					t.Errorf("Close took %v", took)
				}
			})
		})
	}
}

// WIRE-010: every ping of who reads is answered, however fast they come.
func TestManyPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		initiator, _ := newConfig(t)
		responder, _ := newConfig(t)
		i, r := transport.Pipe(transport.PipeConfig{})
		client, server := open(t, i, r, initiator, responder)
		const pings = 1000
		go func() {
			for range pings {
				if err := i.Write(context.Background(), header(wire.Ping)); err != nil {
					t.Error(err)
				}
			}
		}()
		go func() { _, _ = server.Read(context.Background(), nil) }()
		p := make([]byte, 100)
		for k := range pings {
			n, err := i.Read(t.Context(), p)
			if err != nil || p[n-1] != byte(wire.Pong) {
				t.Fatalf("pong %d: got %x, %v", k, p[:n], err)
			}
		}
		closeBoth(t, client, server)
	})
}
