package ref_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/sim"
	"ockamtest/ref/wire"
)

// A crowd is nodes that do everything at once: they dial, directly and over each other, give up, listen, accept, talk, ping, and close.
type crowd struct {
	t       *testing.T
	cfg     ref.Config
	nodes   []*ref.Node
	tallies [5]atomic.Int64 // opened, refused, accepted, messages, pings
}

const (
	opened = iota
	refusedDials
	accepted
	messages
	pings
)

// expected are the errors of calls that were given up, or whose node, listener, or channel was closed.
func (c *crowd) expected(what string, err error) {
	for _, ok := range []error{
		context.Canceled, context.DeadlineExceeded, transport.ErrClosed, transport.ErrGivenUp, channel.ErrDeadline,
		ref.ErrUnreachable, ref.ErrPingLost, io.EOF, syscall.ECONNRESET, syscall.EPIPE, os.ErrDeadlineExceeded,
	} {
		if errors.Is(err, ok) {
			return
		}
	}
	if err != nil {
		c.t.Errorf("%s: unexpected error %v", what, err)
	}
}

// route is a way from one node to another, directly or by a third.
func (c *crowd) route(r *rand.Rand) (from *ref.Node, route wire.Route) {
	p := r.Perm(len(c.nodes))
	to := c.nodes[p[1]].Addresses()
	route = wire.Route{to[r.IntN(len(to))]}
	if r.IntN(3) == 0 {
		by := c.nodes[p[2]].Addresses()
		route = append(wire.Route{by[r.IntN(len(by))]}, route...)
	}
	return c.nodes[p[0]], route
}

// breathes waits a moment, for time passes in a bubble only while everybody waits. It is false when ctx ends.
func breathes(ctx context.Context) bool {
	moment := time.NewTimer(time.Millisecond)
	defer moment.Stop()
	select {
	case <-moment.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// patience is a context that mostly lasts.
func patience(ctx context.Context, r *rand.Rand) (context.Context, context.CancelFunc) {
	d := time.Duration(r.IntN(8)*r.IntN(8)) * time.Millisecond
	if r.IntN(3) > 0 {
		d = 20 * time.Second
	}
	return context.WithTimeout(ctx, d)
}

// dial opens channels, talks, and closes them, until ctx ends.
func (c *crowd) dial(ctx context.Context, r *rand.Rand) {
	for breathes(ctx) {
		short, cancel := patience(ctx, r)
		from, route := c.route(r)
		conn, err := from.Dial(short, route, c.cfg)
		if err != nil {
			c.tallies[refusedDials].Add(1)
			c.expected("Dial", err)
		} else {
			c.tallies[opened].Add(1)
			c.talk(short, conn, r.IntN(8))
			c.expected("Close", conn.Close())
		}
		cancel()
	}
}

// talk sends messages and reads what comes back, with several goroutines.
func (c *crowd) talk(ctx context.Context, conn *ref.Conn, n int) {
	var talking sync.WaitGroup
	for i := range n {
		talking.Go(func() {
			if i%3 == 0 {
				c.expected("WriteBatch", conn.WriteBatch(ctx, [][]byte{nil, make([]byte, 100), make([]byte, 2000)}))
				return
			}
			c.expected("Write", conn.Write(ctx, make([]byte, i*300)))
		})
	}
	short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
	defer cancel()
	p := make([]byte, 100)
	for {
		_, err := conn.Read(short, p)
		if err == nil {
			c.tallies[messages].Add(1)
		} else if !errors.Is(err, transport.ErrMoreData) {
			c.expected("Read", err)
			break
		}
	}
	talking.Wait()
}

// serve listens at a node, accepts and echoes, and closes the listener now and then, until ctx ends.
func (c *crowd) serve(ctx context.Context, n *ref.Node, r *rand.Rand) {
	var serving sync.WaitGroup
	defer serving.Wait()
	for breathes(ctx) {
		l, err := n.Listen(wire.Address{}, ref.ListenConfig{
			Config: c.cfg, HalfOpen: 1 + r.IntN(4), Backlog: 1 + r.IntN(2), Failed: func(_ wire.Address, err error) { _ = err.Error() },
		})
		if err != nil {
			c.expected("Listen", err)
			return
		}
		for range 1 + r.IntN(10) {
			short, cancel := patience(ctx, r)
			conn, err := l.Accept(short)
			cancel()
			if err != nil {
				c.expected("Accept", err)
				continue
			}
			c.tallies[accepted].Add(1)
			serving.Go(func() { c.echo(ctx, conn) })
		}
		c.expected("Listener.Close", l.Close())
	}
}

func (c *crowd) echo(ctx context.Context, conn *ref.Conn) {
	defer conn.Close()
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	p := make([]byte, 3000)
	for {
		n, err := conn.Read(short, p)
		if err != nil {
			c.expected("Read", err)
			return
		}
		if err := conn.Write(short, p[:n]); err != nil {
			c.expected("Write", err)
			return
		}
	}
}

// work pings, and opens and closes workers, until ctx ends.
func (c *crowd) work(ctx context.Context, r *rand.Rand) {
	for breathes(ctx) {
		from, route := c.route(r)
		short, cancel := patience(ctx, r)
		if err := from.Ping(short, route); err == nil {
			c.tallies[pings].Add(1)
		} else {
			c.expected("Ping", err)
		}
		w, err := from.OpenWorker(wire.LocalAddress(fmt.Append(nil, "worker ", r.Uint32())))
		if err != nil {
			c.expected("OpenWorker", err)
		} else {
			c.expected("Send", w.Send(short, append(route, wire.LocalAddress([]byte("nobody"))), nil))
			c.expected("Worker.Close", w.Close())
		}
		cancel()
	}
}

// run lets all of that happen for a while, and closes the nodes in the middle of it.
func (c *crowd) run(ctx context.Context, seed uint64, lasts time.Duration) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	start := func(f func(r *rand.Rand)) {
		seed++
		r := rand.New(rand.NewPCG(seed, 0))
		running.Go(func() { f(r) })
	}
	for _, n := range c.nodes {
		start(func(r *rand.Rand) { c.serve(ctx, n, r) })
		start(func(r *rand.Rand) { c.dial(ctx, r) })
		start(func(r *rand.Rand) { c.dial(ctx, r) })
		start(func(r *rand.Rand) { c.work(ctx, r) })
	}
	select {
	case <-time.After(lasts):
	case <-ctx.Done():
	}
	for _, n := range c.nodes { // while everything goes on
		running.Go(func() { c.expected("Node.Close", n.Close()) })
		running.Go(func() { c.expected("Node.Close", n.Close()) })
	}
	select {
	case <-time.After(lasts / 10):
	case <-ctx.Done():
	}
	cancel()
	running.Wait()
}

// check asserts that something happened, that nothing is left, and that each message that was received is counted once more.
func (c *crowd) check(live func() int, before int) {
	t := c.t
	if live() != before {
		t.Errorf("%d secrets before, %d after", before, live())
	}
	for i, n := range c.nodes {
		counters := n.Counters()
		if counters.Waiting() != 0 {
			t.Errorf("node %d: %d messages are not accounted for: %+v", i, int64(counters.Waiting()), counters)
		}
		if counters.Received == 0 {
			t.Errorf("node %d has received nothing", i)
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
	for i := range c.tallies {
		if c.tallies[i].Load() == 0 {
			t.Errorf("tally %d is 0", i)
		}
	}
	t.Logf("%d opened, %d refused, %d accepted, %d messages, %d pongs", c.tallies[opened].Load(), c.tallies[refusedDials].Load(),
		c.tallies[accepted].Load(), c.tallies[messages].Load(), c.tallies[pings].Load())
}

// TRAN-022, NOISE-015, ROUT-006: whatever is called when, on nodes that are connected by a network that loses and reorders: calls end with the
// errors that they should, no goroutine and no secret is left, and no message is unaccounted for.
func TestCrowdOverSimulatedNetwork(t *testing.T) {
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				net, err := sim.New(sim.Config{Seed: seed, Path: sim.Path{
					Delay: time.Millisecond, Jitter: 2 * time.Millisecond, Loss: 0.05, Duplicate: 0.05,
				}})
				if err != nil {
					t.Fatal(err)
				}
				cfg, _, live := newCounted(t)
				cfg.HandshakeTimeout = 3 * time.Second
				c := &crowd{t: t, cfg: cfg}
				for i := range 4 {
					c.nodes = append(c.nodes, simulatedNode(t, net, byte(1+i), true))
				}
				before := live()
				c.run(t.Context(), seed, 5*time.Second)
				c.check(live, before)
			})
		})
	}
}

// The same over sockets of the system, which are all closed in the end.
func TestCrowdOverSockets(t *testing.T) {
	cfg, _, live := newCounted(t)
	cfg.HandshakeTimeout = time.Second
	before, files, goroutines := live(), openFiles(t), runtime.NumGoroutine()
	c := &crowd{t: t, cfg: cfg}
	for range 4 {
		c.nodes = append(c.nodes, newNode(t, ref.NodeConfig{
			Addresses: []wire.Address{at(wire.UDP), at(wire.TCP)}, Forward: onLoopback, MaxConnections: 3, ConnectTimeout: time.Second,
		}))
	}
	c.run(t.Context(), 1, time.Second)
	c.check(live, before)
	settles(t, "descriptors", files, func() int { return openFiles(t) })
	settles(t, "goroutines", goroutines, runtime.NumGoroutine)
}

// openFiles is how many descriptors the process has open, 0 where that cannot be told.
func openFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(files)
}

// settles waits until a number is not above what it was: closed TCP connections wait for their peers' end in the background.
func settles(t *testing.T, what string, want int, now func() int) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if now() <= want {
			return
		}
		<-tick.C
	}
	t.Errorf("%d %s before, %d after", want, what, now())
}

// The same of Dial, DialRoute, and Listen, whose nodes nobody sees: they end with their last channel.
func TestCrowdOfPrivateNodes(t *testing.T) {
	const each = 40
	relay := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP), at(wire.TCP)}, Forward: onLoopback})
	for _, kind := range []wire.AddressType{wire.UDP, wire.TCP} {
		t.Run(at(kind).String()[:3], func(t *testing.T) {
			cfg, _, live := newCounted(t)
			cfg.HandshakeTimeout = time.Second
			c := &crowd{t: t, cfg: cfg}
			before, files, goroutines := live(), openFiles(t), runtime.NumGoroutine()
			l, err := ref.Listen(t.Context(), at(kind), ref.ListenConfig{Config: cfg})
			if err != nil {
				t.Fatal(err)
			}
			var running sync.WaitGroup
			running.Go(func() {
				for {
					conn, err := l.Accept(t.Context())
					if err != nil {
						c.expected("Accept", err)
						return
					}
					c.tallies[accepted].Add(1)
					running.Go(func() { c.echo(t.Context(), conn) })
				}
			})
			var dials sync.WaitGroup
			var closed atomic.Bool
			for worker := range 4 {
				r := rand.New(rand.NewPCG(uint64(worker), 0))
				dials.Go(func() {
					for i := range each {
						if closed.Load() {
							return
						}
						short, cancel := patience(t.Context(), r)
						route := wire.Route{l.Address()}
						if r.IntN(3) == 0 {
							route = wire.Route{relay.Addresses()[r.IntN(2)], l.Address()}
						}
						conn, err := ref.DialRoute(short, route, cfg)
						switch {
						case err != nil && !closed.Load():
							c.expected("DialRoute", err)
						case err == nil:
							c.tallies[opened].Add(1)
							c.talk(short, conn, r.IntN(8))
							running.Go(func() { c.expected("Close", conn.Close()) })
							c.expected("Close", conn.Close())
						}
						if cancel(); worker == 0 && i == each*3/4 { // while others dial
							closed.Store(true)
							running.Go(func() { c.expected("Listener.Close", l.Close()) })
						}
					}
				})
			}
			dials.Wait()
			c.expected("Listener.Close", l.Close())
			running.Wait()
			if live() != before {
				t.Errorf("%d secrets before, %d after", before, live())
			}
			settles(t, "descriptors", files+2, func() int { return openFiles(t) }) // the relay keeps its connection for a while
			settles(t, "goroutines", goroutines+4, runtime.NumGoroutine)
			t.Logf("%d opened, %d accepted, %d messages", c.tallies[opened].Load(), c.tallies[accepted].Load(), c.tallies[messages].Load())
			if c.tallies[opened].Load() < each || c.tallies[accepted].Load() < each || c.tallies[messages].Load() == 0 {
				t.Error("hardly anything happened")
			}
		})
	}
}
