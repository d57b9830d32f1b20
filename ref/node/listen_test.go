package node_test

import (
	"bytes"
	"errors"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/key/keytest"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

const second = channel.Instant(1e9)

// pair makes two hosts, the second of which listens.
func pair(t testing.TB, p profile.Profile) (w *world, first, last *host) {
	w = newWorld(t, p, 7)
	first, last = w.add(nil), w.add(nil)
	return w, first, last
}

// capture keeps copies of what is sent and lets it pass.
func (w *world) capture() *[]packet {
	var all []packet
	w.tap = func(p packet) bool {
		all = append(all, packet{p.link, bytes.Clone(p.msg)})
		return true
	}
	return &all
}

// parse reads a captured message.
func (w *world) parse(p packet) wire.Message {
	w.t.Helper()
	m, err := wire.Parse(wire.Dialect(w.profile.HandshakeEnvelope()), p.msg)
	must(w.t, err)
	return m
}

// with writes the message with other routes.
func (w *world) with(m wire.Message, onward, returned wire.Route) []byte {
	w.t.Helper()
	m.Onward, m.Return = onward, returned
	out, err := wire.AppendMessage(nil, wire.Dialect(w.profile.HandshakeEnvelope()), &m)
	must(w.t, err)
	return out
}

// drops checks that a packet is dropped for a reason and changes nothing that can be seen.
func (h *host) drops(p packet, why router.Reason) node.Result {
	h.w.t.Helper()
	events, queue, before := len(h.events), len(h.w.queue), h.count
	r := h.receive(p)
	if r.Reason != why || r.Kind != node.None || len(h.events) != events || len(h.w.queue) != queue {
		h.w.t.Fatalf("got %v (%v), kind %d, %d messages; want %v", r.Reason, r.Err, r.Kind, len(h.w.queue)-queue, why)
	}
	before.Received++
	before.Dropped[why]++
	if h.count != before {
		h.w.t.Fatalf("counted %+v, want %+v", h.count, before)
	}
	return r
}

// CHAN-010, TRAN-015: the same m1 again has the same m2, by the route of the first; any other m1 makes a new responder, from the same source
// too; once the channel is open, a repeat is dropped.
func TestRepeatedM1(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	l := last.listen(wire.Address{})
	sent := w.capture()
	i := first.dial(wire.Route{last.udp})
	m1 := w.queue[0]
	w.queue = nil
	last.receive(m1)
	m2 := w.queue[0]
	// Again, and with another return route.
	elsewhere := packet{m1.link, w.with(w.parse(m1), wire.Route{last.udp}, wire.Route{first.udp, local("x")})}
	for _, repeat := range []packet{m1, elsewhere} {
		w.queue = nil
		last.receive(repeat)
		if len(w.queue) != 1 || !bytes.Equal(w.queue[0].msg, m2.msg) || w.queue[0].link != m2.link {
			t.Fatalf("the repeat brought %d messages, over %v", len(w.queue), w.queue[0].link)
		}
	}
	if l.HalfOpen() != 1 {
		t.Fatalf("%d half open, want 1", l.HalfOpen())
	}
	// Another m1 from the same source: a responder with an address of its own.
	w.queue = []packet{m2}
	w.run()
	r := last.one(node.Opened).channel
	if first.one(node.Opened).channel != i || l.HalfOpen() != 0 {
		t.Fatal("the handshake did not complete")
	}
	i2, r2 := first.open(last, wire.Route{last.udp})
	if r2 == r || r2.Address() == r.Address() || i2.Address() == i.Address() || r.Listener() != l || i.Listener() != nil {
		t.Errorf("addresses %v %v, %v %v", r.Address(), r2.Address(), i.Address(), i2.Address())
	}
	last.drops(m1, router.Repeated)
	last.drops(elsewhere, router.Repeated)
	for _, m := range *sent { // CHAN-010: no transport message carries it
		if got := w.parse(m); got.Type == wire.Payload && len(got.Return) != 1 {
			t.Errorf("return route %v", got.Return)
		}
	}
	// When the channel has ended, the same bytes are a new handshake.
	must(t, last.n.Close(r))
	if r := last.receive(m1); r.Kind != node.None || r.Reason != router.NotDropped || l.HalfOpen() != 1 {
		t.Errorf("after the end: %v, %d half open", r.Reason, l.HalfOpen())
	}
}

// TRAN-012, NOISE-008: an m1 that somebody else has copied is a handshake of his own, with another ephemeral key. It takes nothing from the
// handshake whose m1 it was, not even when it comes first.
func TestCopiedM1(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	third := w.add(nil)
	l := last.listen(wire.Address{})
	i := first.dial(wire.Route{last.udp})
	m1 := w.queue[0]
	copied := packet{wire.Link{Local: third.udp, Remote: last.udp}, m1.msg}
	var m2s []packet
	for _, m := range []packet{copied, m1, copied} {
		w.queue = nil
		last.receive(m)
		m2s = append(m2s, w.queue...)
	}
	if len(m2s) != 3 || l.HalfOpen() != 2 {
		t.Fatalf("%d answers, %d half open, want 3 and 2", len(m2s), l.HalfOpen())
	}
	for n, source := range []wire.Address{third.udp, first.udp, third.udp} {
		if m2s[n].link.Remote != source {
			t.Errorf("answer %d leaves for %v, want %v", n, m2s[n].link.Remote, source)
		}
	}
	if noise := func(m packet) []byte { return w.parse(m).Body[:32] }; bytes.Equal(noise(m2s[0]), noise(m2s[1])) {
		t.Error("two handshakes share an ephemeral key")
	}
	w.queue = m2s[1:2]
	w.run()
	if r := last.one(node.Opened).channel; first.one(node.Opened).channel != i || r == nil || l.HalfOpen() != 1 {
		t.Error("the handshake did not complete")
	}
}

// CHAN-012: half-open handshakes are bounded, the oldest gives way, open channels stay.
func TestHalfOpenBound(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	l, err := last.n.Listen(wire.Address{}, node.ListenConfig{NewAgreement: last.agreement, HalfOpen: 3})
	must(t, err)
	i, r := first.open(last, wire.Route{last.udp})
	var started []*node.Channel
	for n := range 5 {
		w.queue = nil
		first.dial(wire.Route{last.udp})
		p := w.queue[0]
		w.queue = nil
		res := last.receive(p)
		if len(w.queue) != 1 {
			t.Fatalf("%d messages", len(w.queue))
		}
		if n < 3 {
			if res.Kind != node.None || l.HalfOpen() != n+1 {
				t.Fatalf("handshake %d: kind %d, %d half open", n, res.Kind, l.HalfOpen())
			}
			started = append(started, res.Channel)
			continue
		}
		oldest := started[0]
		ev := last.one(node.Failed)
		if ev.channel != oldest || !errors.Is(ev.err, node.ErrGaveWay) || oldest.Machine.State() != channel.Failed || l.HalfOpen() != 3 {
			t.Fatalf("got %+v, %d half open", ev, l.HalfOpen())
		}
		started = started[1:]
	}
	w.queue = nil
	w.write(i, "still open")
	last.delivers(r, "still open")
	// NOISE-013: those that are left are forgotten at their deadline.
	first.take()
	w.tap = func(packet) bool { return false }
	w.pass(w.now + channel.DefaultDeadline)
	if all := last.take(); len(all) != 3 || l.HalfOpen() != 0 {
		t.Fatalf("%d events, %d half open", len(all), l.HalfOpen())
	}
	for _, ev := range first.take() {
		if ev.kind != node.Failed || !errors.Is(ev.err, channel.ErrDeadline) {
			t.Errorf("initiator: %+v", ev)
		}
	}
	if _, ok := last.n.Wake(); ok {
		t.Error("a timer is left")
	}
	w.tap = nil
	w.write(r, "still open") // NOISE-019
	first.delivers(i, "still open")
}

// CHAN-012: a handshake that has ended among others that go on, open or failed, does not give way in the place of one that is half open.
func TestHalfOpenOrder(t *testing.T) {
	for _, ends := range []int{0, 1, 2} { // which of three: the oldest, the one between, the newest
		w, first, last := pair(t, profile.V1())
		l, err := last.n.Listen(wire.Address{}, node.ListenConfig{NewAgreement: last.agreement, HalfOpen: 3})
		must(t, err)
		var half []*node.Channel
		start := func() (m2 packet) {
			t.Helper()
			first.dial(wire.Route{last.udp})
			m1 := w.queue[0]
			w.queue = nil
			half = append(half, last.receive(m1).Channel)
			m2, w.queue = w.queue[0], nil
			return m2
		}
		var m2s []packet
		for range 3 {
			m2s = append(m2s, start())
		}
		w.queue = []packet{m2s[ends]}
		w.run()
		open := last.one(node.Opened).channel
		if open != half[ends] || l.HalfOpen() != 2 {
			t.Fatalf("%d: %d half open", ends, l.HalfOpen())
		}
		half = append(half[:ends], half[ends+1:]...)
		if start(); len(last.events) != 0 {
			t.Fatalf("%d: got %+v where there is room", ends, last.events)
		}
		for n := range 3 {
			start() // r.Channel is the one that gave way
			if ev := last.one(node.Failed); ev.channel != half[n] || !errors.Is(ev.err, node.ErrGaveWay) || l.HalfOpen() != 3 {
				t.Errorf("%d: the wrong one of %d gave way: %v", ends, l.HalfOpen(), ev.err)
			}
		}
		if open.Machine.State() != channel.Open {
			t.Errorf("%d: the open channel is %v", ends, open.Machine.State())
		}
	}
}

// TRAN-015, CHAN-012: an m1 whose half-open handshake gave way is a new one when it comes again, and brings another m2. Who took the first
// m2 has an m3 for nobody.
func TestRepeatAfterGivingWay(t *testing.T) {
	for _, late := range []bool{false, true} { // whether the first m2 arrives, too late
		w, first, last := pair(t, profile.V1())
		_, err := last.n.Listen(wire.Address{}, node.ListenConfig{NewAgreement: last.agreement, HalfOpen: 1})
		must(t, err)
		var m1s, m2s [2]packet
		for n := range m1s {
			first.dial(wire.Route{last.udp})
			m1s[n] = w.queue[0]
			w.queue = nil
			last.receive(m1s[n])
			m2s[n], w.queue = w.queue[0], nil
		}
		last.one(node.Failed)
		if late {
			w.queue = []packet{m2s[0]}
			w.run()
			first.one(node.Opened)
			if len(last.events) != 0 || last.count.Dropped[router.UnknownAddress] != 1 {
				t.Errorf("an m3 for a handshake that gave way: %+v, counted %+v", last.events, last.count)
			}
			continue
		}
		last.receive(m1s[0])
		last.one(node.Failed) // the second one, for there is room for one
		if again := w.queue[0]; bytes.Equal(again.msg, m2s[0].msg) {
			t.Error("the same m2 of another handshake") // NOISE-008
		}
		w.run()
		first.one(node.Opened)
		last.one(node.Opened)
	}
}

// Lost handshake messages are sent again (TRAN-014), and the channel opens; whichever is lost, and however often before the deadline.
func TestLostHandshake(t *testing.T) {
	for name, lost := range map[string][]int{
		"m1": {0}, "m2": {1}, "m3": {2}, "m1 twice": {0, 1}, "m2 twice": {1, 3}, "m3 twice": {2, 3}, "each": {0, 2, 5},
	} {
		t.Run(name, func(t *testing.T) {
			w, first, last := pair(t, profile.V1())
			last.listen(wire.Address{})
			n, dropped := 0, 0
			w.tap = func(packet) bool {
				defer func() { n++ }()
				for _, at := range lost {
					if n == at {
						dropped++
						return false
					}
				}
				return true
			}
			i := first.dial(wire.Route{last.udp})
			w.pass(w.now + 5*second)
			if first.one(node.Opened).channel != i || dropped != len(lost) {
				t.Fatalf("%d lost", dropped)
			}
			r := last.one(node.Opened).channel
			w.write(r, "hello")
			first.delivers(i, "hello")
			w.write(i, "hello")
			last.delivers(r, "hello")
			w.conserved()
		})
	}
}

// A timer that is set anew finds its place among the others: the handshake that was to repeat m1 first opens, and its m3 comes last.
func TestTimersInOrder(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	last.listen(wire.Address{})
	first.dial(wire.Route{last.udp}) // m1 again at 0.5 s
	m1 := w.queue[0]
	w.queue = nil
	w.now = second / 10
	first.dial(wire.Route{wire.UDPAddress4([4]byte{10, 99}, 1)}) // m1 again at 0.6 s
	w.now = 3 * second / 10
	w.queue = []packet{m1}
	w.run()
	first.one(node.Opened) // m3 again at 0.8 s
	for _, want := range []channel.Instant{6 * second / 10, 8 * second / 10} {
		at, ok := first.n.Wake()
		if !ok || at != want {
			t.Fatalf("due at %d, %v, want %d", at, ok, want)
		}
		if r, ok := first.n.Advance(at, nil); !ok || len(r.Out) == 0 {
			t.Errorf("at %d: %d bytes, %v", at, len(r.Out), ok)
		}
	}
}

// NOISE-013: without an answer the handshake fails at its deadline, and the address is free again.
func TestDialDeadline(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	sent := w.capture()
	i := first.dialWith(wire.Route{last.udp}, func(c *node.DialConfig) { c.Deadline = 4 * second })
	w.pass(4*second - 1)
	if len(first.events) != 0 || len(*sent) != 4 { // at 0, 0.5, 1.5, 3.5
		t.Fatalf("%+v, %d sent", first.events, len(*sent))
	}
	for _, p := range *sent {
		if !bytes.Equal(p.msg, (*sent)[0].msg) {
			t.Error("a repeat differs")
		}
	}
	w.pass(4 * second)
	if ev := first.one(node.Failed); ev.channel != i || !errors.Is(ev.err, channel.ErrDeadline) {
		t.Fatalf("got %+v", ev)
	}
	if last.count.Dropped[router.NobodyHere] != 4 {
		t.Errorf("counted %+v", last.count)
	}
	first.drops(packet{wire.Link{Local: last.udp, Remote: first.udp},
		w.with(wire.Message{Type: wire.M2}, wire.Route{first.udp, i.Address()}, nil)}, router.UnknownAddress)
}

// A refused m1 leaves nothing behind.
func TestRefusedM1(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	counted := keytest.NewVault(w.vault)
	w.vault = counted
	agreements := 0
	var fail error
	l, err := last.n.Listen(wire.Address{}, node.ListenConfig{NewAgreement: func() (key.Agreement, error) {
		agreements++
		if fail != nil {
			return nil, fail
		}
		return last.agreement()
	}})
	must(t, err)
	first.dial(wire.Route{last.udp})
	good := w.queue[0]
	m := w.parse(good)
	w.queue = nil
	live := counted.Live()
	change := func(body []byte, returned wire.Route) packet {
		m := m
		m.Body = body
		return packet{good.link, w.with(m, wire.Route{last.udp}, returned)}
	}
	long := bytes.Repeat([]byte{9}, 33)
	bad := []packet{
		change(nil, nil), change(m.Body[:31], nil), change(append(bytes.Clone(m.Body), 0), nil), change(long, nil),
	}
	for _, p := range bad {
		last.drops(p, router.Rejected)
	}
	fail = errors.New("no key")
	if r := last.drops(good, router.Rejected); !errors.Is(r.Err, fail) {
		t.Errorf("got %v", r.Err)
	}
	fail = nil
	zero := packet{wire.Link{Local: first.udp.WithPort(0), Remote: last.udp}, good.msg}
	last.drops(zero, router.Unsendable) // WIRE-013
	_, timed := last.n.Wake()
	if l.HalfOpen() != 0 || timed || agreements != len(bad)+1 || counted.Live() != live {
		t.Errorf("%d half open, timer %v, %d agreements, %d secrets, had %d", l.HalfOpen(), timed, agreements, counted.Live(), live)
	}
	w.queue = []packet{good}
	w.run()
	first.one(node.Opened)
	last.one(node.Opened)
}

// An unwilling agreement does not let go of its keys.
type unwilling struct{ key.Agreement }

var errUnwilling = errors.New("a key that is not destroyed")

func (a unwilling) Close() error { return errors.Join(a.Agreement.Close(), errUnwilling) }

// The owner hears of keys that outlive a refused m1, whose channel nobody ever saw.
func TestRefusedM1KeepsKeys(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	_, err := last.n.Listen(wire.Address{}, node.ListenConfig{NewAgreement: func() (key.Agreement, error) {
		a, err := last.agreement()
		return unwilling{a}, err
	}})
	must(t, err)
	first.dial(wire.Route{last.udp})
	m1 := w.queue[0]
	w.queue = nil
	m := w.parse(m1)
	m.Body = m.Body[1:]
	m1.msg = w.with(m, m.Onward, m.Return)
	var e *channel.Error
	if r := last.drops(m1, router.Rejected); !errors.Is(r.Err, errUnwilling) || !errors.As(r.Err, &e) || e.Requirement != "NOISE-006" {
		t.Errorf("got %v", r.Err)
	}
}

// CHAN-012: 1,024 handshakes may be half open unless the configuration has it otherwise, and as many pings may wait.
func TestDefaults(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	l := last.listen(wire.Address{})
	first.dial(wire.Route{last.udp})
	m1 := w.queue[0]
	m := w.parse(m1)
	m.Body = bytes.Clone(m.Body)
	for n := range 1026 {
		w.queue = nil
		m.Body[0], m.Body[1] = byte(n), byte(n>>8)
		r := last.receive(packet{m1.link, w.with(m, m.Onward, m.Return)})
		if gaveWay := r.Kind == node.Failed; gaveWay != (n >= 1024) || l.HalfOpen() != min(n+1, 1024) || len(w.queue) != 1 {
			t.Fatalf("handshake %d: kind %d, %d half open, %d messages", n, r.Kind, l.HalfOpen(), len(w.queue))
		}
	}
	link := first.linkTo(last.udp)
	for n := range 1026 {
		if _, _, err := first.n.Ping(w.now, link, nil, nil); errors.Is(err, node.ErrTooManyPings) != (n >= 1024) {
			t.Fatalf("ping %d: got %v", n, err)
		}
	}
}
