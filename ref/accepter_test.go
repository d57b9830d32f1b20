package ref_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A report is what a listener tells of a handshake that failed.
type report struct {
	remote wire.Address
	err    error
}

// reports collects them.
type reports struct {
	mu  sync.Mutex
	all []report
}

func (r *reports) add(remote wire.Address, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, report{remote, err})
}

func (r *reports) take() []report {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

// An accepting is a listener of a node in memory, and a node that dials it.
type accepting struct {
	t        *testing.T
	hub      *transport.Hub
	here     *ref.Node
	there    *ref.Node
	cfg      ref.Config
	listener *ref.Listener
	failed   reports
	live     func() int
}

func newAccepting(t *testing.T, change func(*ref.ListenConfig)) *accepting {
	t.Helper()
	a := &accepting{t: t, hub: transport.NewHub(transport.HubConfig{})}
	a.here, a.there = hubNode(t, a.hub, 1), hubNode(t, a.hub, 2)
	a.cfg, _, a.live = newCounted(t)
	a.listen(change)
	return a
}

func (a *accepting) listen(change func(*ref.ListenConfig)) {
	a.t.Helper()
	lc := ref.ListenConfig{Config: a.cfg, Failed: a.failed.add}
	if change != nil {
		change(&lc)
	}
	var err error
	if a.listener, err = a.there.Listen(wire.Address{}, lc); err != nil {
		a.t.Fatal(err)
	}
}

func (a *accepting) dial() *ref.Conn {
	a.t.Helper()
	c, err := a.here.Dial(a.t.Context(), wire.Route{a.there.Addresses()[0]}, a.cfg)
	if err != nil {
		a.t.Fatal(err)
	}
	synctest.Wait()
	return c
}

// halfOpen sends an m1 that is not gone on with.
func (a *accepting) halfOpen(seed byte) {
	a.t.Helper()
	s, err := a.hub.Listen(at(wire.UDP))
	if err != nil {
		a.t.Fatal(err)
	}
	defer s.Close()
	if err := s.WriteTo(a.t.Context(), message(wire.M1, bytes.Repeat([]byte{seed}, 32)), a.there.Addresses()[0]); err != nil {
		a.t.Fatal(err)
	}
}

// ErrBacklog: channels that nobody accepts are bounded at a node too. One that opens beyond the bound is closed and reported; those that wait
// work.
func TestBacklogAtNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccepting(t, func(lc *ref.ListenConfig) { lc.Backlog = 2 })
		before := a.live()
		var clients []*ref.Conn
		for range 4 {
			clients = append(clients, a.dial())
		}
		all := a.failed.take()
		if len(all) != 2 {
			t.Fatalf("%d failures reported, want 2: %v", len(all), all)
		}
		for _, r := range all {
			if !errors.Is(r.err, ref.ErrBacklog) || r.remote != a.here.Addresses()[0] {
				t.Errorf("got %v from %v, want ErrBacklog from %v", r.err, r.remote, a.here.Addresses()[0])
			}
		}
		for _, c := range clients[:2] {
			server := accept(t, a.listener)
			exchange(t, c, server)
			server.Close()
		}
		exchange(t, a.dial(), accept(t, a.listener)) // there is room again
		a.listener.Close()
		closeNodes(t, a.here, a.there)
		for _, c := range clients {
			c.Close()
		}
		if a.live() != before {
			t.Errorf("%d secrets before, %d after", before, a.live())
		}
	})
}

// CHAN-007, CHAN-012, NOISE-011: what a node's listener reports of handshakes that fail.
func TestFailuresAtNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccepting(t, func(lc *ref.ListenConfig) {
			lc.HalfOpen = 2
			lc.Policy = ref.ExactKey([]byte("somebody else"))
		})
		before := a.live()
		stranger := a.dial() // open on this side
		if all := a.failed.take(); len(all) != 1 {
			t.Fatalf("%d failures reported, want 1: %v", len(all), all)
		} else {
			refused{channel.StepM3, "NOISE-011", key.ErrPeerRefused}.check(t, all[0].err)
		}
		stranger.Close()
		for seed := range byte(4) {
			a.halfOpen(9 + seed)
		}
		synctest.Wait()
		all := a.failed.take()
		if len(all) != 2 {
			t.Fatalf("%d failures reported, want 2: %v", len(all), all)
		}
		for _, r := range all {
			refused{channel.StepWait, "", ref.ErrGaveWay}.check(t, r.err)
		}
		closeNodes(t, a.here, a.there)
		if all := a.failed.take(); len(all) != 0 {
			t.Errorf("closing reports %v", all)
		}
		if a.live() != before {
			t.Errorf("%d secrets before, %d after", before, a.live())
		}
	})
}

// Listener: Close gives up handshakes, closes what was not accepted, keeps what was, reports nothing, and frees its address.
func TestListenerCloseAtNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccepting(t, nil)
		client := a.dial()
		server := accept(t, a.listener)
		before := a.live()
		waiting := a.dial()
		a.halfOpen(9)
		synctest.Wait()
		if a.live() <= before {
			t.Errorf("%d secrets with one channel, %d with two and a handshake", before, a.live())
		}
		for range 2 {
			if err := a.listener.Close(); err != nil {
				t.Fatal(err)
			}
			if c, err := a.listener.Accept(t.Context()); c != nil || !errors.Is(err, transport.ErrClosed) {
				t.Errorf("Accept: got %v, %v, want ErrClosed", c, err)
			}
		}
		waiting.Close()
		if a.live() != before {
			t.Errorf("%d secrets with one channel, %d after Close", before, a.live())
		}
		if all := a.failed.take(); len(all) != 0 {
			t.Errorf("Close reports %v", all)
		}
		exchange(t, client, server)
		a.listen(nil)
		again := a.dial()
		exchange(t, again, accept(t, a.listener))
		exchange(t, client, server)
		closeNodes(t, a.here, a.there)
	})
}

// Listener: Close waits for a call of Failed, and none comes later.
func TestNoFailureAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		entered, leave := make(chan struct{}), make(chan struct{})
		a := newAccepting(t, func(lc *ref.ListenConfig) {
			lc.HalfOpen = 1
			lc.Failed = func(wire.Address, error) {
				close(entered)
				<-leave
			}
		})
		a.halfOpen(9)
		a.halfOpen(10)
		<-entered
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			a.listener.Close()
		}()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("Close has not waited for a call of Failed")
		default:
		}
		close(leave)
		<-closed
		closeNodes(t, a.here, a.there)
	})
}

// IO-006: an Accept that is given up loses no channel.
func TestAcceptGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccepting(t, nil)
		for range 3 {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() {
				_, err := a.listener.Accept(ctx)
				done <- err
			}()
			synctest.Wait()
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want Canceled", err)
			}
			client := a.dial()
			exchange(t, client, accept(t, a.listener))
		}
		closeNodes(t, a.here, a.there)
	})
}
