package transporttest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A faultyListener is a correct one with faults; a nil function is the correct one.
type faultyListener struct {
	transport.Listener
	accept func(l transport.Listener, ctx context.Context) (transport.Conn, error)
	close  func(l transport.Listener) error
	port   uint16 // of Address, if not 0
}

func (f *faultyListener) Accept(ctx context.Context) (transport.Conn, error) {
	if f.accept != nil {
		return f.accept(f.Listener, ctx)
	}
	return f.Listener.Accept(ctx)
}

func (f *faultyListener) Close() error {
	if f.close != nil {
		return f.close(f.Listener)
	}
	return f.Listener.Close()
}

func (f *faultyListener) Address() wire.Address {
	if f.port != 0 {
		return f.Listener.Address().WithPort(f.port)
	}
	return f.Listener.Address()
}

// sourcesFailures runs one check in virtual time, with a listener over a hub that has the fault.
func sourcesFailures(t *testing.T, c listenerCheck, fault func(*faultyListener)) []string {
	r := &recorder{TB: t}
	synctest.Test(t, func(t *testing.T) {
		hub := transport.NewHub(transport.HubConfig{})
		host := wire.UDPAddress4([4]byte{127, 0, 0, 1}, 0)
		server, err := hub.Listen(host)
		if err != nil {
			t.Fatal(err)
		}
		l := transport.Sources(server, transport.SourcesConfig{})
		f := &faultyListener{Listener: l}
		if fault != nil {
			fault(f)
		}
		dial := func(context.Context) (transport.Conn, error) {
			s, err := hub.Listen(host)
			if err != nil {
				return nil, err
			}
			return transport.Connected(s, server.LocalAddress()), nil
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			runListenerCheck(r, c, f, dial)
		}()
		<-done
		l.Close()
		server.Close() // whoever still waits
	})
	return r.failures
}

func TestCorrectSourcesPass(t *testing.T) {
	for _, c := range datagramListenerChecks() {
		if got := sourcesFailures(t, c, nil); len(got) > 0 {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// Each broken listener is caught by the check that is meant to, and each check catches one.
func TestBrokenSourcesAreCaught(t *testing.T) {
	all := datagramListenerChecks()
	kills := map[string]int{}
	for _, b := range brokenSources() {
		i := slices.IndexFunc(all, func(c listenerCheck) bool { return c.name == b.killed })
		if i < 0 {
			t.Fatalf("%s: there is no check %q", b.name, b.killed)
		}
		got := sourcesFailures(t, all[i], b.fault)
		if len(got) == 0 {
			t.Errorf("%s: survives %q", b.name, b.killed)
			continue
		}
		t.Logf("%s: %s: %s", b.name, b.killed, got[0])
		kills[b.killed]++
	}
	for _, c := range all {
		if kills[c.name] == 0 {
			t.Errorf("check %q catches no broken listener", c.name)
		}
	}
}

// A brokenListener has a fault that the check killed has to notice.
type brokenListener struct {
	name, killed string
	fault        func(*faultyListener)
}

func brokenSources() []brokenListener {
	type listener = transport.Listener
	return []brokenListener{
		{"accepts once", "accept many", func(f *faultyListener) {
			accepted := false
			f.accept = func(l listener, ctx context.Context) (transport.Conn, error) {
				if accepted {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				accepted = true
				return l.Accept(ctx)
			}
		}},
		{"accepting takes the first message", "first message", func(f *faultyListener) {
			f.accept = func(l listener, ctx context.Context) (transport.Conn, error) {
				c, err := l.Accept(ctx)
				if err == nil {
					_, err = c.Read(ctx, make([]byte, c.Limit()))
				}
				return c, err
			}
		}},
		{"one connection at a time", "hostile source", func(f *faultyListener) {
			turn := make(chan struct{}, 1)
			f.accept = func(l listener, ctx context.Context) (transport.Conn, error) {
				c, err := l.Accept(ctx)
				return &exclusive{Conn: c, turn: turn}, err
			}
		}},
		{"a source is served once", "accept again", func(f *faultyListener) {
			seen := map[wire.Address]bool{}
			f.accept = func(l listener, ctx context.Context) (transport.Conn, error) {
				for {
					c, err := l.Accept(ctx)
					if err != nil || !seen[c.RemoteAddress()] {
						if err == nil {
							seen[c.RemoteAddress()] = true
						}
						return c, err
					}
					c.Close()
				}
			}
		}},
		{"giving up loses the next source", "give up accept", func(f *faultyListener) {
			f.accept = func(l listener, ctx context.Context) (transport.Conn, error) {
				c, err := l.Accept(ctx)
				if errors.Is(err, context.DeadlineExceeded) {
					go func() {
						if c, err := l.Accept(context.WithoutCancel(ctx)); err == nil {
							c.Close()
						}
					}()
				}
				return c, err
			}
		}},
		{"close leaves accept blocked", "close wakes accept", func(f *faultyListener) {
			f.close = func(listener) error { return nil }
		}},
		{"close closes what was accepted", "close keeps connections", func(f *faultyListener) {
			var accepted []transport.Conn
			f.accept = func(l listener, ctx context.Context) (transport.Conn, error) {
				c, err := l.Accept(ctx)
				if err == nil {
					accepted = append(accepted, c)
				}
				return c, err
			}
			f.close = func(l listener) error {
				for _, c := range accepted {
					c.Close()
				}
				return l.Close()
			}
		}},
		{"another port than it is bound to", "bound address", func(f *faultyListener) { f.port = 9 }},
	}
}

// An exclusive connection keeps the others of its listener out from its first read until it is closed.
type exclusive struct {
	transport.Conn
	turn chan struct{}
	mine bool
}

func (e *exclusive) Read(ctx context.Context, p []byte) (int, error) {
	if !e.mine {
		select {
		case e.turn <- struct{}{}:
			e.mine = true
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return e.Conn.Read(ctx, p)
}

func (e *exclusive) Close() error {
	if e.mine {
		<-e.turn
	}
	e.mine = false
	return e.Conn.Close()
}
