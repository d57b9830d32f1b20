package node_test

import (
	"errors"
	"fmt"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// ROUT-001: who takes what.
func TestAddressed(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	last.listen(wire.Address{})
	last.listen(local("listener"))
	must(t, last.n.OpenWorker(local("worker")))
	_, r := first.open(last, wire.Route{last.udp})
	must(t, last.n.SetPlaintext(local("plain"), r))
	half := first.dial(wire.Route{last.udp})
	last.receive(w.queue[0])
	w.queue = nil
	_ = half

	all := []wire.Type{wire.Ping, wire.Pong, wire.Payload, wire.M1, wire.M2, wire.M3}
	const body = "a body of thirty-two bytes, fine"
	takes := func(r router.Reason) map[wire.Type]router.Reason {
		m := map[wire.Type]router.Reason{}
		for _, kind := range all {
			m[kind] = r
		}
		m[wire.Ping], m[wire.Pong] = router.PingForChannel, router.PingForChannel
		return m
	}
	but := func(m map[wire.Type]router.Reason, t wire.Type, r router.Reason) map[wire.Type]router.Reason {
		m[t] = r
		return m
	}
	unknown := map[wire.Type]router.Reason{}
	for _, kind := range all {
		unknown[kind] = router.UnknownAddress
	}
	toNode := takes(router.NobodyHere)
	toNode[wire.Ping], toNode[wire.Pong], toNode[wire.M1] = router.NotDropped, router.UnexpectedPong, router.NotDropped
	plain := map[wire.Type]router.Reason{}
	for _, kind := range all {
		plain[kind] = router.PlaintextAddress // ROUT-009
	}
	checked := 0
	for _, k := range []struct {
		name    string
		address wire.Address
		want    map[wire.Type]router.Reason
	}{
		{"the node", wire.Address{}, toNode},
		{"the listener", local("listener"), but(takes(router.Rejected), wire.M1, router.NotDropped)},
		{"the worker", local("worker"), but(takes(router.Rejected), wire.Payload, router.NotDropped)},
		{"the plaintext address", local("plain"), plain},
		{"the channel", r.Address(), takes(router.Rejected)},
		{"nobody", local("nobody"), unknown},
	} {
		for i, kind := range all {
			t.Run(fmt.Sprintf("%v for %s", kind, k.name), func(t *testing.T) {
				checked++
				m := wire.Message{Type: kind}
				if kind > wire.Pong {
					m.Body = []byte(body)
					m.Body[0] = byte(i) // no two m1 are repeats
					m.Body[1] = byte(k.address.Len())
				}
				onward := wire.Route{last.udp}
				if k.address != (wire.Address{}) {
					onward = append(onward, k.address)
				}
				msg := w.with(m, onward, wire.Route{first.udp, local("x")})
				got := last.receive(packet{wire.Link{Local: first.udp, Remote: last.udp}, msg})
				if got.Reason != k.want[kind] {
					t.Errorf("got %v (%v), want %v", got.Reason, got.Err, k.want[kind])
				}
				answers := kind == wire.Ping || kind == wire.M1
				if sent := len(w.queue) > 0; sent != (answers && k.want[kind] == router.NotDropped) {
					t.Errorf("%d messages", len(w.queue))
				}
				w.queue = nil
			})
		}
	}
	if checked != 36 {
		t.Errorf("%d checked", checked)
	}
	last.take()
	w.conserved()
}

// ROUT-001: a channel without a local address has what comes over its link for the node; one on a stream has m1 too.
func TestAlone(t *testing.T) {
	for _, kind := range []wire.AddressType{wire.UDP, wire.TCP} {
		w, first, last := pair(t, profile.V1())
		last.listen(wire.Address{})
		first.listen(wire.Address{})
		to := last.udp
		if kind == wire.TCP {
			to = last.tcp
		}
		alone := func(c *node.DialConfig) { c.Alone = true }
		i := first.dialWith(wire.Route{to}, alone)
		link := first.linkTo(to)
		if i.Address() != (wire.Address{}) || i.Machine.Stream() != (kind == wire.TCP) {
			t.Fatalf("address %v, stream %v", i.Address(), i.Machine.Stream())
		}
		agreement, err := first.agreement()
		must(t, err)
		if _, _, err := first.n.Dial(w.now, link, node.DialConfig{Agreement: agreement, Alone: true}, nil); !errors.Is(err, node.ErrAddressInUse) {
			t.Errorf("a second one: got %v", err)
		}
		if kind == wire.UDP { // one with an address is no second one
			other := first.dial(wire.Route{to})
			w.queue = w.queue[:1]
			must(t, first.n.Close(other))
		}
		w.run()
		r := last.one(node.Opened).channel
		if first.one(node.Opened).channel != i || i.Machine.Stream() { // CHAN-011: the node's side has an address
			t.Fatal("on a stream though the peer gave a local address")
		}
		w.write(r, "hello")
		first.delivers(i, "hello")
		w.write(i, "hello")
		last.delivers(r, "hello")
		// m1 over that link is for the listener, for the channel is on datagrams.
		last.dial(wire.Route{link.Local})
		w.run()
		last.one(node.Opened)
		first.one(node.Opened)
		must(t, first.n.Close(i))
		w.write(r, "to nobody")
		w.run()
		if first.count.Dropped[router.NobodyHere] != 1 {
			t.Errorf("counted %+v", first.count)
		}
		w.conserved()
	}
}

// While it is on a stream, m1 that comes over its connection is its own (ROUT-001), and what it rejects is fatal (section 6).
func TestAloneOnStream(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	first.listen(wire.Address{})
	i := first.dialWith(wire.Route{last.tcp}, func(c *node.DialConfig) { c.Alone = true })
	m1 := w.queue[0]
	w.queue = nil
	first.receive(packet{wire.Link{Local: last.tcp, Remote: m1.link.Local}, w.with(w.parse(m1), nil, nil)})
	if ev := first.one(node.Failed); ev.channel != i || !errors.Is(ev.err, channel.ErrUnexpected) || len(w.queue) != 0 {
		t.Errorf("got %+v", ev)
	}
	// The link is free again, and the old channel does not take it along when its owner closes it.
	next := first.dialWith(wire.Route{last.tcp}, func(c *node.DialConfig) { c.Alone = true })
	must(t, first.n.Close(i))
	last.listen(wire.Address{})
	w.run()
	if got := first.one(node.Opened).channel; got != next {
		t.Errorf("got %v", got)
	}
}

// A channel on a stream from end to end: the peer is no node. What does not verify is fatal (REC-005).
func TestStream(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	i := first.dialWith(wire.Route{last.tcp}, func(c *node.DialConfig) { c.Alone = true })
	agreement, err := last.agreement()
	must(t, err)
	link := first.linkTo(last.tcp)
	peer, err := channel.New(channel.Config{Role: channel.Responder, Profile: w.profile, Agreement: agreement, Stream: true,
		Local: link.Remote, Remote: link.Local})
	must(t, err)
	_, err = peer.Start(0, nil)
	must(t, err)
	m2, _, err := peer.Handle(0, nil, w.queue[0].msg)
	must(t, err)
	w.queue = nil
	back := wire.Link{Local: link.Remote, Remote: link.Local}
	first.receive(packet{back, m2})
	if first.one(node.Opened).channel != i || !i.Machine.Stream() {
		t.Fatal("not on a stream")
	}
	_, _, err = peer.Handle(0, nil, w.queue[0].msg)
	must(t, err)
	w.queue = nil
	record, err := peer.Write(nil, []byte("hello"))
	must(t, err)
	bad := append(record[:len(record)-1:len(record)-1], record[len(record)-1]^1)
	first.receive(packet{back, record})
	if ev := first.one(node.Delivered); ev.payload != "hello" || ev.channel != i {
		t.Fatalf("got %+v", ev)
	}
	first.receive(packet{back, bad})
	if ev := first.one(node.Failed); ev.channel != i || i.Machine.State() != channel.Failed {
		t.Fatalf("got %+v", ev)
	}
	first.drops(packet{back, record}, router.NobodyHere)
}

// ROUT-008, TRAN-012: no message moves an open channel's reply route, whether it verifies or not.
func TestNoRedirect(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	mallory := w.add(nil)
	last.listen(wire.Address{})
	sent := w.capture()
	i, r := first.open(last, wire.Route{last.udp})
	w.write(i, "one")
	last.delivers(r, "one")
	m3, record := w.parse((*sent)[2]), w.parse((*sent)[3])
	before := r.Machine.ReplyRoute()
	from := wire.Link{Local: mallory.udp, Remote: last.udp}
	divert := wire.Route{mallory.udp, local("mine")}
	last.drops(packet{from, w.with(m3, wire.Route{last.udp, r.Address()}, divert)}, router.Rejected)
	last.drops(packet{from, w.with(record, wire.Route{last.udp, r.Address()}, divert)}, router.Rejected) // REC-007
	// A genuine record that mallory carries is delivered, and moves nothing.
	w.tap = func(packet) bool { return false }
	w.write(i, "two")
	two := w.queue[0]
	w.run()
	w.tap = nil
	w.queue = []packet{{from, w.with(w.parse(two), wire.Route{last.udp, r.Address()}, divert)}}
	last.delivers(r, "two")
	if got := r.Machine.ReplyRoute(); !got.Equal(before) || r.Machine.Link() != (wire.Link{Local: last.udp, Remote: first.udp}) {
		t.Errorf("the reply route moved from %v to %v", before, got)
	}
	w.write(r, "back")
	first.delivers(i, "back")
}

func TestDialConfig(t *testing.T) {
	for _, k := range []struct {
		name    string
		profile profile.Profile
		remote  wire.Address
		change  func(*node.DialConfig)
		want    error
	}{
		{"no agreement", profile.V1(), wire.UDPAddress4([4]byte{10, 9}, 1), func(c *node.DialConfig) { c.Agreement = nil }, channel.ErrConfig},
		{"another route", profile.V1(), wire.UDPAddress4([4]byte{10, 9}, 1),
			func(c *node.DialConfig) { c.Route = wire.Route{wire.UDPAddress4([4]byte{10, 8}, 1)} }, node.ErrConfig},
		{"port 0", profile.V1(), wire.UDPAddress4([4]byte{10, 9}, 0), nil, node.ErrConfig},
		{"a name", profile.V1(), wire.UDPAddressDNS("a", 1), nil, node.ErrConfig},
		{"e09 to the node", profile.E09(), wire.UDPAddress4([4]byte{10, 9}, 1), nil, node.ErrConfig},
		{"c010 to a local address", profile.C010(), wire.UDPAddress4([4]byte{10, 9}, 1),
			func(c *node.DialConfig) { c.Route = wire.Route{wire.UDPAddress4([4]byte{10, 9}, 1), local("x")} }, node.ErrConfig},
		{"good", profile.V1(), wire.UDPAddress4([4]byte{10, 9}, 1), nil, nil},
	} {
		w := newWorld(t, k.profile, 1)
		h := w.add(nil)
		agreement, err := h.agreement()
		must(t, err)
		cfg := node.DialConfig{Agreement: agreement}
		if k.change != nil {
			k.change(&cfg)
		}
		c, out, err := h.n.Dial(0, wire.Link{Local: h.udp, Remote: k.remote}, cfg, nil)
		_, timed := h.n.Wake()
		if !errors.Is(err, k.want) || (c != nil) != (err == nil) || (out != nil) != (err == nil) || timed != (err == nil) {
			t.Errorf("%s: got %v, want %v", k.name, err, k.want)
		}
	}
	w := newWorld(t, profile.V1(), 1)
	h := w.add(nil)
	agreement, err := h.agreement()
	must(t, err)
	if _, _, err := h.n.Dial(0, wire.Link{}, node.DialConfig{Agreement: agreement}, nil); !errors.Is(err, node.ErrConfig) {
		t.Errorf("no link: got %v", err)
	}
}
