package node_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
)

// A world is nodes and a network that loses nothing and keeps the order, in memory and in virtual time.
type world struct {
	t       testing.TB
	profile profile.Profile
	vault   vault.Vault
	random  *rand.ChaCha8
	now     channel.Instant
	all     []*host
	hosts   map[wire.Address]*host // by transport address, those of outgoing connections too
	queue   []packet
	tap     func(packet) bool // false: the packet is lost
	lost    int               // packets for nobody, or lost by the tap
	steps   int
}

// A packet is a message under way: link is the sender's.
type packet struct {
	link wire.Link
	msg  []byte
}

// A host is a node with a UDP address and a TCP address.
type host struct {
	w        *world
	n        *node.Node
	udp, tcp wire.Address
	conns    map[wire.Address]wire.Address // the local address of the connection to a TCP address
	count    router.Counters
	static   vault.Secret
	events   []event
}

// An event is a Result that an application would see, with bytes of its own.
type event struct {
	kind     node.Kind
	channel  *node.Channel
	err      error
	payload  string
	onward   wire.Route
	returned wire.Route
	link     wire.Link
	worker   wire.Address
	ping     node.PingID
}

func newWorld(t testing.TB, p profile.Profile, seed uint64) *world {
	t.Helper()
	w := &world{t: t, profile: p, hosts: map[wire.Address]*host{}}
	var s [32]byte
	binary.LittleEndian.PutUint64(s[:], seed)
	w.random = rand.NewChaCha8(s)
	var err error
	w.vault, err = software.New(software.Config{Random: w.random})
	must(t, err)
	return w
}

// add adds a host; change may change its configuration.
func (w *world) add(change func(*node.Config)) *host {
	w.t.Helper()
	i := len(w.all)
	ip := [4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}
	h := &host{w: w, udp: wire.UDPAddress4(ip, 4000), tcp: wire.TCPAddress4(ip, 4000), conns: map[wire.Address]wire.Address{}}
	cfg := node.Config{Rand: w.random}
	cfg.Router = router.Config{Profile: w.profile, Bound: []wire.Address{h.udp, h.tcp}, Metrics: &h.count}
	if change != nil {
		change(&cfg)
	}
	var err error
	h.n, err = node.New(cfg)
	must(w.t, err)
	a := vault.Attributes{Type: vault.X25519PrivateKey}
	if w.profile.Suite.P256 {
		a.Type = vault.P256PrivateKey
	}
	h.static, err = w.vault.Generate(a)
	must(w.t, err)
	w.all = append(w.all, h)
	w.hosts[h.udp], w.hosts[h.tcp] = h, h
	return h
}

// relays makes a host forward for everybody.
func relays(c *node.Config) { c.Router.Allow = func(wire.Address, wire.Address) bool { return true } }

// agreement is a fresh agreement with the host's key.
func (h *host) agreement() (key.Agreement, error) {
	return key.NewXX(key.XXConfig{Vault: h.w.vault, Static: h.static, Suite: h.w.profile.Suite, Policy: key.AnyKey(),
		AssociatedData: h.w.profile.AssociatedData})
}

func (h *host) listen(address wire.Address) *node.Listener {
	h.w.t.Helper()
	l, err := h.n.Listen(address, node.ListenConfig{NewAgreement: h.agreement})
	must(h.w.t, err)
	return l
}

// localFor is the address from which the host sends to a transport address: for TCP that of a connection, which is made if there is none.
func (h *host) localFor(remote wire.Address) wire.Address {
	if remote.Type() == wire.UDP {
		return h.udp
	}
	local, ok := h.conns[remote]
	if !ok {
		local = h.tcp.WithPort(uint16(50000 + len(h.conns)))
		h.conns[remote] = local
		h.w.hosts[local] = h
	}
	return local
}

func (h *host) linkTo(remote wire.Address) wire.Link {
	return wire.Link{Local: h.localFor(remote), Remote: remote}
}

// dial sends m1 along a route.
func (h *host) dial(route wire.Route) *node.Channel {
	h.w.t.Helper()
	return h.dialWith(route, func(*node.DialConfig) {})
}

func (h *host) dialWith(route wire.Route, change func(*node.DialConfig)) *node.Channel {
	h.w.t.Helper()
	agreement, err := h.agreement()
	must(h.w.t, err)
	link := h.linkTo(route[0])
	cfg := node.DialConfig{Agreement: agreement, Route: route}
	change(&cfg)
	c, out, err := h.n.Dial(h.w.now, link, cfg, nil)
	must(h.w.t, err)
	h.w.send(link, out)
	return c
}

// write sends a payload through an open channel.
func (w *world) write(c *node.Channel, payload string) {
	w.t.Helper()
	var onward wire.Route
	if w.profile.InnerOnwardNeeded {
		onward = wire.Route{app()}
	}
	out, err := c.Machine.WriteRouted(nil, []byte(payload), onward, nil)
	for errors.Is(err, channel.ErrCannotTravel) { // section 11: a ciphertext that begins with a type byte
		out, err = c.Machine.WriteRouted(nil, []byte(payload), onward, nil)
	}
	must(w.t, err)
	w.send(c.Machine.Link(), out)
}

func (w *world) send(link wire.Link, msg []byte) {
	w.queue = append(w.queue, packet{link, bytes.Clone(msg)})
}

// run carries messages until none is under way.
func (w *world) run() {
	w.t.Helper()
	for len(w.queue) > 0 {
		p := w.queue[0]
		w.queue = w.queue[1:]
		if w.steps++; w.steps > 1e6 {
			w.t.Fatal("messages circle")
		}
		h := w.hosts[p.link.Remote]
		if h == nil || w.tap != nil && !w.tap(p) {
			w.lost++
			continue
		}
		h.receive(p)
	}
}

// receive gives a packet to the host. At most one message comes of it.
func (h *host) receive(p packet) node.Result {
	h.w.t.Helper()
	link := wire.Link{Local: p.link.Remote, Remote: p.link.Local}
	if link.Remote.Type() == wire.TCP {
		h.conns[link.Remote] = link.Local
	}
	before := len(h.w.queue)
	const canary = "dst"
	r := h.n.Process(h.w.now, link, []byte(canary), p.msg)
	if string(r.Out[:len(canary)]) != canary {
		h.w.t.Fatal("dst was overwritten")
	}
	h.consume(r, len(canary))
	if sent := len(h.w.queue) - before; sent > 1 { // ROUT-005
		h.w.t.Fatalf("%d messages of one", sent)
	}
	return r
}

// consume sends what comes out, and remembers events.
func (h *host) consume(r node.Result, start int) {
	h.w.t.Helper()
	if len(r.Out) > start {
		h.w.send(r.Link, r.Out[start:])
	}
	switch r.Kind {
	case node.None:
	case node.Forward:
		local := h.localFor(r.Decision.Next)
		if out, err := h.n.AppendForward(nil, r.Decision, local); err == nil {
			h.w.send(wire.Link{Local: local, Remote: r.Decision.Next}, out)
		}
	case node.Resolve, node.Record, node.Due:
		h.w.t.Fatalf("unexpected result %d", r.Kind)
	case node.Opened, node.Failed, node.Delivered, node.Message, node.Ponged, node.PingLost:
		h.events = append(h.events, event{r.Kind, r.Channel, r.Err, string(r.Payload), slices.Clone(r.Onward), slices.Clone(r.Return),
			r.Link, r.Worker, r.Ping})
	}
}

// pass lets time pass until an instant, with everything that happens meanwhile.
func (w *world) pass(until channel.Instant) {
	w.t.Helper()
	for {
		w.run()
		next, h := until, (*host)(nil)
		for _, one := range w.all {
			if at, ok := one.n.Wake(); ok && at <= next && (h == nil || at < next) {
				next, h = at, one
			}
		}
		w.now = max(w.now, next)
		if h == nil {
			return
		}
		r, ok := h.n.Advance(w.now, nil)
		if !ok {
			w.t.Fatal("nothing is due at the time of Wake")
		}
		h.consume(r, 0)
	}
}

// take returns the host's events and forgets them.
func (h *host) take() []event {
	all := h.events
	h.events = nil
	return all
}

// one returns the only event, which has to be of a kind.
func (h *host) one(kind node.Kind) event {
	h.w.t.Helper()
	all := h.take()
	if len(all) != 1 || all[0].kind != kind {
		h.w.t.Fatalf("got events %+v, want one of kind %d", all, kind)
	}
	return all[0]
}

// open opens a channel along a route to a host and returns both ends.
func (h *host) open(to *host, route wire.Route) (i, r *node.Channel) {
	h.w.t.Helper()
	i = h.dial(route)
	h.w.run()
	if got := h.one(node.Opened).channel; got != i {
		h.w.t.Fatal("another channel was opened")
	}
	return i, to.one(node.Opened).channel
}

// delivers checks that c brings exactly this payload to h.
func (h *host) delivers(c *node.Channel, payload string) event {
	h.w.t.Helper()
	h.w.run()
	ev := h.one(node.Delivered)
	if ev.channel != c || ev.payload != payload {
		h.w.t.Fatalf("got %q, want %q (same channel: %v)", ev.payload, payload, ev.channel == c)
	}
	return ev
}

// conserved checks that every message that a host received was counted once more.
func (w *world) conserved() {
	w.t.Helper()
	for i, h := range w.all {
		if h.count.Waiting() != 0 {
			w.t.Errorf("host %d: %+v", i, h.count)
		}
	}
}

func app() wire.Address              { return wire.LocalAddress([]byte("app")) }
func local(name string) wire.Address { return wire.LocalAddress([]byte(name)) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
