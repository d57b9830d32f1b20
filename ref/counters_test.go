package ref_test

import (
	"bytes"
	"context"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// lockedCounters is a router.Metrics for several goroutines.
type lockedCounters struct {
	mu  sync.Mutex
	all router.Counters
}

func (c *lockedCounters) count(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

func (c *lockedCounters) CountReceived()                 { c.count(c.all.CountReceived) }
func (c *lockedCounters) CountForwarded()                { c.count(c.all.CountForwarded) }
func (c *lockedCounters) CountAnswered()                 { c.count(c.all.CountAnswered) }
func (c *lockedCounters) CountDelivered()                { c.count(c.all.CountDelivered) }
func (c *lockedCounters) CountDropped(why router.Reason) { c.count(func() { c.all.CountDropped(why) }) }

// ROUT-006: every message that a node receives is counted, and once more as what became of it; NodeConfig.Metrics gets the same numbers.
func TestCounters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, hub := newWires(), transport.NewHub(transport.HubConfig{})
		end := w.listen(host(2))
		udp := func(n byte, port uint16) wire.Address { return wire.UDPAddress4([4]byte{10, 0, 0, n}, port) }
		socket, err := hub.Listen(udp(1, 4000))
		if err != nil {
			t.Fatal(err)
		}
		source, err := hub.Listen(udp(3, 4000))
		if err != nil {
			t.Fatal(err)
		}
		cfg, _ := newConfig(t)
		var metrics lockedCounters
		n := w.node(t, 1, func(c *ref.NodeConfig) {
			c.Sockets = []transport.PacketConn{socket}
			c.Metrics = &metrics
			c.Forward = func(_, next wire.Address) bool { return next.Port() != 666 }
			c.Resolve = func(_ context.Context, name string) ([]netip.Addr, error) {
				if name == "known.example" {
					return []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, 2})}, nil
				}
				return nil, errNobody
			}
		})
		l, err := n.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		openWorker(t, n, "worker")
		local := func(s string) wire.Address { return wire.LocalAddress([]byte(s)) }
		payload := func(route ...wire.Address) []byte {
			return payloadTo(t, append(wire.Route{udp(1, 4000)}, route...), nil)
		}
		long := make(wire.Route, 20)
		for i := range long {
			long[i] = udp(9, 9)
		}
		m1 := message(wire.M1, bytes.Repeat([]byte{9}, 32))
		forwarded := func(c *router.Counters) { c.Forwarded++ }
		delivered := func(c *router.Counters) { c.Delivered++ }
		dropped := func(why router.Reason) func(*router.Counters) { return func(c *router.Counters) { c.Dropped[why]++ } }
		var want router.Counters
		steps := 0
		for name, test := range map[string]struct {
			msg    []byte
			became func(*router.Counters)
		}{
			"junk":                       {[]byte("junk"), dropped(router.Malformed)},
			"nothing":                    {nil, dropped(router.Malformed)},
			"ping":                       {header(wire.Ping), func(c *router.Counters) { c.Answered++ }},
			"pong":                       {header(wire.Pong), dropped(router.UnexpectedPong)},
			"m1":                         {m1, delivered},
			"m1 of zeros":                {message(wire.M1, make([]byte, 32)), dropped(router.Rejected)},
			"m2 for nobody":              {message(wire.M2, make([]byte, 96)), dropped(router.NobodyHere)},
			"for a worker":               {payload(local("worker")), delivered},
			"for nobody":                 {payload(local("nobody")), dropped(router.UnknownAddress)},
			"for a TCP address":          {payload(host(2)), forwarded},
			"for a UDP address":          {payload(udp(3, 4000)), forwarded},
			"for a name":                 {payload(wire.TCPAddressDNS("known.example", 4000)), forwarded},
			"for an unknown name":        {payload(wire.TCPAddressDNS("unknown.example", 4000)), dropped(router.Unresolved)},
			"for a name of UDP":          {payload(wire.UDPAddressDNS("known.example", 4000)), forwarded},
			"for the node again":         {payload(udp(1, 4000)), dropped(router.OwnAddress)},
			"for its listener":           {payload(host(1)), dropped(router.OwnAddress)},
			"for a port that is refused": {payload(udp(3, 666)), dropped(router.NotAllowed)},
			"for port 0":                 {payload(udp(3, 0)), dropped(router.Unsendable)},
			"for whom nobody connects":   {payload(host(77)), dropped(router.Unreachable)},
			"for another kind of IP":     {payload(wire.UDPAddress6([16]byte{0: 0x20, 15: 1}, 9)), dropped(router.Unreachable)},
			"too many addresses":         {payload(long...), dropped(router.TooManyAddresses)},
		} {
			if err := source.WriteTo(t.Context(), test.msg, udp(1, 4000)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			want.Received++
			test.became(&want)
			if got := n.Counters(); got != want {
				t.Errorf("%s: counted %+v, want %+v", name, got, want)
				want = got
			}
			if want.Waiting() != 0 {
				t.Errorf("%s: %d messages wait", name, int64(want.Waiting()))
			}
			steps++
		}
		if steps != 21 {
			t.Errorf("%d messages, want 21", steps)
		}
		if metrics.all != want {
			t.Errorf("Metrics counted %+v, want %+v", metrics.all, want)
		}
		l.Close()
		if conn, err := end.Accept(t.Context()); err != nil {
			t.Error(err)
		} else {
			conn.Close()
		}
		closeNodes(t, n)
	})
}

// WIRE-014: names are looked up beside everything else, so many at a time, and the rule is asked about the numeric address. What comes beyond
// is dropped.
func TestLookups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		sinks := []*wireListener{w.listen(host(2)), w.listen(host(3))}
		var asked lockedCounters
		n := w.node(t, 1, func(cfg *ref.NodeConfig) {
			cfg.ResolveTimeout = 3 * time.Second
			cfg.Resolve = func(ctx context.Context, name string) ([]netip.Addr, error) {
				asked.CountReceived()
				if name == "slow.example" {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				if name == "private.example" {
					return []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, 3})}, nil
				}
				return []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, 2})}, nil
			}
			cfg.Forward = func(_, next wire.Address) bool {
				_, numeric := transport.AddrPort(next)
				if !numeric {
					t.Errorf("the rule was asked about %v", next)
				}
				return next == host(2)
			}
		})
		source, err := w.dial(host(5).WithPort(0), host(1))
		if err != nil {
			t.Fatal(err)
		}
		send := func(name string, times int) {
			t.Helper()
			for range times {
				if err := source.Write(t.Context(), payloadTo(t, wire.Route{host(1), wire.TCPAddressDNS(name, 4000)}, []byte(name))); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
		}
		const bound = 64
		send("private.example", 3)
		send("slow.example", bound-1)
		began := time.Now()
		send("quick.example", 1)
		conn, err := sinks[0].Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := string(body(t, conn)); got != "quick.example" || time.Since(began) != 0 {
			t.Errorf("got %q after %v, want the message with the quick name at once", got, time.Since(began))
		}
		send("slow.example", 1)
		send("slow.example", 10) // beyond the bound
		c := n.Counters()
		if c.Dropped[router.NotAllowed] != 3 || c.Dropped[router.Unresolved] != 10 || c.Waiting() != bound {
			t.Errorf("counted %+v, want 3 not allowed, 10 not resolved, %d waiting", c, bound)
		}
		if got := asked.all.Received; got != 3+bound+1 {
			t.Errorf("%d names looked up, want %d", got, 3+bound+1)
		}
		<-time.After(3 * time.Second)
		synctest.Wait()
		if c := n.Counters(); c.Dropped[router.Unresolved] != 10+bound || c.Waiting() != 0 {
			t.Errorf("counted %+v after the deadline, want %d not resolved", c, 10+bound)
		}
		send("quick.example", 1)
		if got := string(body(t, conn)); got != "quick.example" {
			t.Errorf("got %q", got)
		}
		conn.Close()
		source.Close()
		closeNodes(t, n)
	})
}
