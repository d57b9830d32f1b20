package node_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

func (h *host) ping(route wire.Route) node.PingID {
	h.w.t.Helper()
	link := h.linkTo(route[0])
	id, out, err := h.n.Ping(h.w.now, link, route, nil)
	must(h.w.t, err)
	h.w.send(link, out)
	return id
}

// WIRE-010: a ping is answered by the node at the end of its route, however far, and the pong is for whoever pinged.
func TestPing(t *testing.T) {
	for hops := range 5 {
		for _, first := range []wire.AddressType{wire.TCP, wire.UDP} {
			t.Run(fmt.Sprint(hops, first), func(t *testing.T) {
				w := newWorld(t, profile.V1(), 1)
				from, to, route := row(w, mixed(hops+1, first))
				id := from.ping(route)
				w.run()
				if ev := from.one(node.Ponged); ev.ping != id || !ev.returned.Equal(route) || ev.link.Remote != route[0] {
					t.Errorf("got %+v", ev)
				}
				if to.count.Answered != 1 || from.count.Delivered != 1 || len(to.events) != 0 {
					t.Errorf("counted %+v, %+v", to.count, from.count)
				}
				if got := from.n.Sizes(); got != [...]int{4: 0} {
					t.Errorf("the node remembers %v", got)
				}
				w.conserved()
			})
		}
	}
}

// Pings by the same first hop are told apart by the route of the pong, and where that does not tell, the oldest gets it.
func TestPingsOfOneSource(t *testing.T) {
	w := newWorld(t, profile.V1(), 1)
	from, hop, a, b := w.add(nil), w.add(relays), w.add(nil), w.add(nil)
	dead := wire.UDPAddress4([4]byte{10, 99}, 1)
	lost, toA, toB := from.ping(wire.Route{hop.udp, dead}), from.ping(wire.Route{hop.udp, a.udp}), from.ping(wire.Route{hop.udp, b.udp})
	again := from.ping(wire.Route{hop.udp, a.udp})
	w.run()
	got := from.take()
	if len(got) != 3 || got[0].ping != toA || got[1].ping != toB || got[2].ping != again {
		t.Fatalf("got %+v, want pongs to %d, %d, %d", got, toA, toB, again)
	}
	// A pong that tells no route.
	from.receive(packet{wire.Link{Local: hop.udp, Remote: from.udp}, []byte{1, 0, 0, 1}})
	if ev := from.one(node.Ponged); ev.ping != lost || !ev.returned.Equal(wire.Route{hop.udp}) {
		t.Errorf("got %+v", ev)
	}
	// One more than pings; one from elsewhere.
	from.drops(packet{wire.Link{Local: hop.udp, Remote: from.udp}, []byte{1, 0, 0, 1}}, router.UnexpectedPong)
	from.ping(wire.Route{hop.udp, dead})
	from.drops(packet{wire.Link{Local: a.udp, Remote: from.udp}, []byte{1, 0, 0, 1}}, router.UnexpectedPong)
}

func TestPingLost(t *testing.T) {
	w := newWorld(t, profile.V1(), 1)
	from := w.add(func(c *node.Config) { c.Pings, c.PingTimeout = 2, 3*second })
	to := w.add(nil)
	nobody := wire.UDPAddress4([4]byte{10, 99}, 1)
	one := from.ping(wire.Route{nobody})
	w.pass(1 * second)
	two := from.ping(wire.Route{nobody})
	if _, out, err := from.n.Ping(w.now, from.linkTo(to.udp), nil, nil); !errors.Is(err, node.ErrTooManyPings) || out != nil {
		t.Fatalf("got %v", err)
	}
	w.pass(3*second - 1)
	if len(from.events) != 0 {
		t.Fatal("too early")
	}
	w.pass(3 * second)
	if got := from.one(node.PingLost).ping; got != one {
		t.Errorf("got %d, want %d", got, one)
	}
	w.pass(4 * second)
	if got := from.one(node.PingLost).ping; got != two {
		t.Errorf("got %d, want %d", got, two)
	}
	from.drops(packet{wire.Link{Local: nobody, Remote: from.udp}, []byte{1, 0, 0, 1}}, router.UnexpectedPong)
	id := from.ping(wire.Route{to.udp})
	w.run()
	if got := from.one(node.Ponged).ping; got != id || id == one || id == two {
		t.Errorf("got %d, want %d", got, id)
	}
}

func TestPingConfig(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	link := first.linkTo(last.udp)
	for name, k := range map[string]struct {
		link  wire.Link
		route wire.Route
		want  error
	}{
		"no link":       {wire.Link{}, nil, node.ErrConfig},
		"port 0":        {wire.Link{Local: first.udp, Remote: last.udp.WithPort(0)}, nil, node.ErrConfig},
		"another route": {link, wire.Route{first.udp}, node.ErrConfig},
		"no form":       {link, wire.Route{last.udp, wire.UDPAddressDNS("a_", 1)}, wire.ErrForm},
		"too long":      {link, append(wire.Route{last.udp}, make(wire.Route, 255)...), wire.ErrTooMany},
	} {
		id, out, err := first.n.Ping(w.now, k.link, k.route, nil)
		if !errors.Is(err, k.want) || id != 0 || out != nil {
			t.Errorf("%s: got %v, want %v", name, err, k.want)
		}
	}
	if _, ok := first.n.Wake(); ok {
		t.Error("a timer is left")
	}
	// Without a route it is for the other end of the link.
	_, out, err := first.n.Ping(w.now, link, nil, nil)
	must(t, err)
	if m := w.parse(packet{link, out}); !m.Onward.Equal(wire.Route{last.udp}) || !m.Return.Equal(wire.Route{first.udp}) {
		t.Errorf("got routes %v, %v", m.Onward, m.Return)
	}
}

// REC-010: a ping whose pong would be too long is dropped as such.
func TestPongTooLong(t *testing.T) {
	w, first, last := pair(t, profile.E09())
	returned := append(wire.Route{first.udp}, slices.Repeat(wire.Route{wire.LocalAddress(make([]byte, 255))}, 31)...)
	m := wire.Message{Type: wire.Ping}
	room := w.profile.MessageLimit - len(w.with(m, nil, returned))
	ping := w.with(m, nil, append(returned, wire.LocalAddress(make([]byte, room-2))))
	if len(ping) != w.profile.MessageLimit {
		t.Fatalf("a ping of %d bytes", len(ping))
	}
	last.drops(packet{wire.Link{Local: first.udp, Remote: last.udp}, ping}, router.TooLong)
}
