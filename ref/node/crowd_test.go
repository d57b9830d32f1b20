package node_test

import (
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/transport/sim"
	"ockamtest/ref/wire"
)

// A crowd is many nodes and routers, and messages along random routes over mixed transports.
type crowd struct {
	*simulation
	random         *rand.Rand
	nodes, routers []*host
	ends           map[*node.Channel]*end
	order          []*end

	opened, failed, pongs, pingsLost, plain int
	wrong                                   int // delivered to the wrong end, twice, or altered
}

// An end is one end of a channel, and the state of what comes to it.
type end struct {
	c         *node.Channel
	peer      *end
	sent      uint64
	got       map[uint64]bool
	delivered int
}

func newCrowd(t testing.TB, seed uint64, nodes, routers int) *crowd {
	c := &crowd{random: rand.New(rand.NewPCG(seed, 1)), ends: map[*node.Channel]*end{}}
	c.simulation = newSimulation(t, profile.V1(), seed, sim.Path{
		Delay: 10 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.01, Duplicate: 0.01,
	})
	for range routers {
		c.routers = append(c.routers, c.add(relays))
	}
	for range nodes {
		h := c.add(nil)
		h.listen(wire.Address{})
		must(t, h.n.OpenWorker(local("worker")))
		c.nodes = append(c.nodes, h)
	}
	c.happened = c.note
	return c
}

// route is a random route over 0 to 4 different routers, over random transports.
func (c *crowd) route(to *host) wire.Route {
	var r wire.Route
	for _, i := range c.random.Perm(len(c.routers))[:c.random.IntN(5)] {
		r = append(r, c.some(c.routers[i]))
	}
	return append(r, c.some(to))
}

// some is one of a host's addresses.
func (c *crowd) some(h *host) wire.Address {
	if c.random.IntN(2) == 0 {
		return h.tcp
	}
	return h.udp
}

func (c *crowd) node() *host { return c.nodes[c.random.IntN(len(c.nodes))] }

// note keeps account of events.
func (c *crowd) note(h *host, r node.Result) {
	switch r.Kind {
	case node.Opened:
		c.opened++
		e := &end{c: r.Channel, got: map[uint64]bool{}}
		if r.Channel.Listener() == nil { // dialled: the ends find each other by what they say
			c.order = append(c.order, e)
		}
		c.ends[r.Channel] = e
	case node.Failed:
		c.failed++
	case node.Ponged:
		c.pongs++
	case node.PingLost:
		c.pingsLost++
	case node.Message:
		c.plain++
	case node.Delivered:
		c.take(c.ends[r.Channel], r.Payload)
	case node.None, node.Forward, node.Resolve, node.Record, node.Due:
	}
}

// take checks a payload: a serial number and the number of the channel, which is the place of its initiator in order.
func (c *crowd) take(e *end, payload []byte) {
	if len(payload) != 64 {
		c.wrong++
		return
	}
	serial, number := binary.LittleEndian.Uint64(payload), binary.LittleEndian.Uint64(payload[8:])
	if e.peer == nil && number < uint64(len(c.order)) && e != c.order[number] && c.order[number].peer == nil { // the first that comes pairs them
		e.peer, c.order[number].peer = c.order[number], e
	}
	intact := number < uint64(len(c.order)) && (e == c.order[number] || e.peer == c.order[number])
	for i, b := range payload[16:] {
		intact = intact && b == byte(serial)+byte(i)
	}
	if !intact || e.got[serial] || serial >= e.peer.sent {
		c.wrong++
		return
	}
	e.got[serial] = true
	e.delivered++
}

// say sends a payload from one end of a channel.
func (c *crowd) say(e *end, number int) {
	payload := binary.LittleEndian.AppendUint64(nil, e.sent)
	payload = binary.LittleEndian.AppendUint64(payload, uint64(number))
	for i := range 48 {
		payload = append(payload, byte(e.sent)+byte(i))
	}
	e.sent++
	out, err := e.c.Machine.Write(c.out, payload)
	must(c.t, err)
	c.originated++
	c.post(e.c.Machine.Link(), out)
}

// mischief sends what is not for a channel: pings, plaintext for workers, and messages that somebody has to drop.
func (c *crowd) mischief() {
	from, to := c.node(), c.node()
	route := c.route(to)
	link := from.linkTo(route[0])
	m := wire.Message{Onward: route, Return: wire.Route{link.Local}, Type: wire.Payload, Body: []byte("plain")}
	switch c.random.IntN(9) {
	case 0:
		if _, out, err := from.n.Ping(c.now, link, route, nil); err == nil {
			c.originated++
			c.post(link, out)
		}
		return
	case 1, 2:
		m.Onward = append(m.Onward, local("worker"))
	case 3:
		m.Onward = append(m.Onward, local("nobody"))
	case 4: // over an end point
		m.Onward = append(m.Onward, c.some(c.node()))
	case 5: // a circle
		m.Onward = append(wire.Route{route[0]}, route...)
	case 6:
		m.Onward = wire.Route{c.some(c.routers[0]), to.udp.WithPort(0), to.udp}
		link = from.linkTo(m.Onward[0])
	case 7:
		m.Onward = append(wire.Route{c.some(c.routers[0])}, wire.UDPAddressDNS("nowhere.example", 1), to.udp)
		link = from.linkTo(m.Onward[0])
	case 8: // to where nobody is
		m.Onward = append(wire.Route{c.some(c.routers[0])}, wire.UDPAddress4([4]byte{172, 16, 0, 1}, 1))
		link = from.linkTo(m.Onward[0])
	}
	m.Return = wire.Route{link.Local}
	msg, err := wire.AppendMessage(nil, wire.Dialect{}, &m)
	must(c.t, err)
	c.originated++
	c.post(link, msg)
}

// memory is what is on the heap.
func memory() runtime.MemStats {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m
}

// 2,000 nodes and 200 routers, random routes: every message is delivered, answered, or counted as dropped, here or by the network.
func TestCrowd(t *testing.T) {
	nodes, routers, rounds := 2000, 200, 40
	if testing.Short() {
		nodes, routers, rounds = 100, 10, 10
	}
	start, before := time.Now(), memory()
	c := newCrowd(t, 7, nodes, routers)
	for _, h := range c.nodes {
		c.begin(h, c.route(c.node()), func(*node.DialConfig) {})
		c.until(c.now+millisecond, millisecond)
	}
	c.until(c.now+2*channel.DefaultDeadline, 100*millisecond)
	handshakes := time.Since(start)
	open := memory()
	if c.opened < 2*nodes*98/100 || c.failed > nodes/50 {
		t.Fatalf("%d ends opened of %d, %d failed", c.opened, 2*nodes, c.failed)
	}
	begun, sentBefore := time.Now(), c.net.Stats()
	said := 0
	for range rounds {
		for number, e := range c.order {
			c.say(e, number)
			said++
			if e.peer != nil {
				c.say(e.peer, number)
				said++
			}
		}
		for range len(c.order) / 4 {
			c.mischief()
		}
		c.until(c.now+50*millisecond, 10*millisecond)
	}
	c.until(c.now+node.DefaultPingTimeout+second, 100*millisecond)
	spent, after := time.Since(begun), memory()
	c.conserves()
	delivered := 0
	for _, e := range c.ends {
		delivered += e.delivered
	}
	n, sum := c.net.Stats(), c.totals()
	carried := n.Sent - sentBefore.Sent
	t.Logf("%d nodes, %d routers: %d ends of channels opened, %d handshakes failed, in %v", nodes, routers, c.opened, c.failed, handshakes)
	t.Logf("%d payloads said, %d delivered, %d wrong; %d pongs, %d pings lost, %d messages to workers", said, delivered, c.wrong, c.pongs, c.pingsLost, c.plain)
	t.Logf("%d messages over hops in %v: %v and %d bytes allocated each, the simulation included", carried, spent, spent/time.Duration(carried),
		(after.TotalAlloc-open.TotalAlloc)/carried)
	t.Logf("heap: %d KiB per node with its channels and listener, the simulation included; %d KiB more after the messages",
		(open.HeapAlloc-before.HeapAlloc)/uint64(len(c.all))/1024, (max(after.HeapAlloc, open.HeapAlloc)-open.HeapAlloc)/uint64(len(c.all))/1024)
	t.Logf("dropped: %v; the network: %v, %d for nobody", reasons(sum), n, c.stray)
	if c.wrong != 0 || delivered < said*90/100 || c.pongs == 0 || c.plain == 0 {
		t.Errorf("%d of %d delivered, %d wrong", delivered, said, c.wrong)
	}
	for _, r := range []router.Reason{router.NotAllowed, router.OwnAddress, router.Unsendable, router.Unresolved, router.UnknownAddress, router.Rejected} {
		if sum.Dropped[r] == 0 {
			t.Errorf("nothing was dropped because %v", r)
		}
	}
	runtime.KeepAlive(c)
}
