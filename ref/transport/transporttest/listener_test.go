package transporttest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A pipeListener accepts the other ends of pipes. Its faults are switched on one at a time: it is a subject of the contract, not
// a transport.
type pipeListener struct {
	conns  chan transport.Conn
	closed chan struct{}
	close  sync.Once

	port     uint16 // of Address
	accepted []transport.Conn

	acceptsOnce, waitsForWord, losesOnGiveUp, sleepsAfterClose, closesAll bool
}

func listenerAddress(port uint16) wire.Address { return wire.TCPAddress4([4]byte{127, 0, 0, 1}, port) }

func (l *pipeListener) dial(ctx context.Context) (transport.Conn, error) {
	a, b := transport.Pipe(transport.PipeConfig{Addresses: [2]wire.Address{listenerAddress(1), listenerAddress(2)}})
	select {
	case <-l.closed:
		return nil, transport.ErrClosed
	default:
	}
	select {
	case l.conns <- b:
		return a, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept(ctx context.Context) (transport.Conn, error) {
	closed := l.closed
	if l.sleepsAfterClose {
		closed = nil
	}
	if l.acceptsOnce && len(l.accepted) > 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case c := <-l.conns:
		if l.waitsForWord {
			if _, err := c.Read(ctx, nil); err != nil {
				return nil, err
			}
		}
		l.accepted = append(l.accepted, c)
		return c, nil
	case <-closed:
		return nil, transport.ErrClosed
	case <-ctx.Done():
		if l.losesOnGiveUp {
			go func() {
				select {
				case <-l.conns:
				case <-l.closed:
				}
			}()
		}
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Address() wire.Address { return listenerAddress(l.port) }

func (l *pipeListener) Close() error {
	l.close.Do(func() { close(l.closed) })
	if l.closesAll {
		for _, c := range l.accepted {
			c.Close()
		}
	}
	return nil
}

// listenerFailures runs one check in virtual time.
func listenerFailures(t *testing.T, c listenerCheck, fault func(*pipeListener)) []string {
	r := &recorder{TB: t}
	synctest.Test(t, func(*testing.T) {
		l := &pipeListener{conns: make(chan transport.Conn), closed: make(chan struct{}), port: 2}
		if fault != nil {
			fault(l)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			runListenerCheck(r, c, l, l.dial)
		}()
		<-done
	})
	return r.failures
}

func TestCorrectListenerPasses(t *testing.T) {
	for _, c := range listenerChecks() {
		if got := listenerFailures(t, c, nil); len(got) > 0 {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// Each broken listener is caught by the check that is meant to, and each check catches one.
func TestBrokenListenersAreCaught(t *testing.T) {
	all := listenerChecks()
	kills := map[string]int{}
	for _, b := range []struct {
		name, killed string
		fault        func(*pipeListener)
	}{
		{"accepts once", "accept many", func(l *pipeListener) { l.acceptsOnce = true }},
		{"waits for the first message", "idle connection", func(l *pipeListener) { l.waitsForWord = true }},
		{"giving up loses the next connection", "give up accept", func(l *pipeListener) { l.losesOnGiveUp = true }},
		{"close leaves accept blocked", "close wakes accept", func(l *pipeListener) { l.sleepsAfterClose = true }},
		{"close closes what was accepted", "close keeps connections", func(l *pipeListener) { l.closesAll = true }},
		{"another port than it is bound to", "bound address", func(l *pipeListener) { l.port = 9 }},
	} {
		i := slices.IndexFunc(all, func(c listenerCheck) bool { return c.name == b.killed })
		if i < 0 {
			t.Fatalf("%s: there is no check %q", b.name, b.killed)
		}
		got := listenerFailures(t, all[i], b.fault)
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
