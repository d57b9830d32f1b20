package node_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// row makes two end points with routers in between, and the route from the first to the last over the given transports. There is one more
// link than routers.
func row(w *world, kinds []wire.AddressType) (first, last *host, route wire.Route) {
	first = w.add(nil)
	for range len(kinds) - 1 {
		w.add(relays)
	}
	last = w.add(nil)
	for i, kind := range kinds {
		to := w.all[len(w.all)-len(kinds)+i]
		if kind == wire.TCP {
			route = append(route, to.tcp)
		} else {
			route = append(route, to.udp)
		}
	}
	return first, last, route
}

// mixed are transports in turns.
func mixed(links int, first wire.AddressType) []wire.AddressType {
	kinds := make([]wire.AddressType, links)
	for i := range kinds {
		kinds[i] = wire.TCP + (first-wire.TCP+wire.AddressType(i))%2
	}
	return kinds
}

// ROUT-010: a channel works end to end through 0 to 8 routers over mixed transports, for the node's listener and for one at a local address.
// What passes the hops has neither the payload nor the applications' addresses in it.
func TestChannelThroughHops(t *testing.T) {
	for hops := range 9 {
		for name, kinds := range map[string][]wire.AddressType{
			"TCP first": mixed(hops+1, wire.TCP), "UDP first": mixed(hops+1, wire.UDP),
			"TCP": slices.Repeat([]wire.AddressType{wire.TCP}, hops+1), "UDP": slices.Repeat([]wire.AddressType{wire.UDP}, hops+1),
		} {
			for _, address := range []wire.Address{{}, local("listener")} {
				t.Run(fmt.Sprintf("%d hops, %s, listener %d bytes", hops, name, address.Len()), func(t *testing.T) {
					throughHops(t, kinds, address)
				})
			}
		}
	}
}

func throughHops(t *testing.T, kinds []wire.AddressType, listener wire.Address) {
	w := newWorld(t, profile.V1(), 1)
	first, last, route := row(w, kinds)
	const canary, application = "the canary sings", "me, the application"
	packets := 0
	w.tap = func(p packet) bool {
		packets++
		if bytes.Contains(p.msg, []byte(canary)) || bytes.Contains(p.msg, []byte(application)) || bytes.Contains(p.msg, []byte("app")) {
			t.Errorf("a hop sees what it should not: %q", p.msg)
		}
		return true
	}
	last.listen(listener)
	to := route
	if listener != (wire.Address{}) {
		to = append(slices.Clone(route), listener)
	}
	i, r := first.open(last, to)
	// ROUT-008: each end learnt the route to the other's own local address.
	if got, want := i.Machine.ReplyRoute(), append(slices.Clone(route), r.Address()); !got.Equal(want) {
		t.Errorf("initiator's reply route %v, want %v", got, want)
	}
	if got, want := len(r.Machine.ReplyRoute()), len(kinds)+1; got != want || r.Machine.ReplyRoute()[want-1] != i.Address() {
		t.Errorf("responder's reply route %v", r.Machine.ReplyRoute())
	}
	if !bytes.Equal(i.Machine.ChannelBinding(), r.Machine.ChannelBinding()) {
		t.Error("the ends have different bindings")
	}
	out, err := i.Machine.WriteRouted(nil, []byte(canary), wire.Route{app()}, wire.Route{local(application)})
	must(t, err)
	w.send(i.Machine.Link(), out)
	ev := last.delivers(r, canary)
	if !ev.onward.Equal(wire.Route{app()}) || !ev.returned.Equal(wire.Route{local(application)}) {
		t.Errorf("inner routes %v %v", ev.onward, ev.returned)
	}
	for n := range 3 {
		w.write(r, fmt.Sprint(canary, n))
		first.delivers(i, fmt.Sprint(canary, n))
		w.write(i, fmt.Sprint(canary, n))
		last.delivers(r, fmt.Sprint(canary, n))
	}
	if want := (3 + 7) * len(kinds); packets != want || w.lost != 0 {
		t.Errorf("%d packets, %d lost, want %d", packets, w.lost, want)
	}
	w.conserved()
}

// Flipping any byte of a record at any place of its way delivers nothing altered, and does not disturb the channel (ROUT-009, REC-004).
func TestFlippedBytes(t *testing.T) {
	w := newWorld(t, profile.V1(), 2)
	first, last, route := row(w, mixed(3, wire.UDP))
	last.listen(wire.Address{})
	i, r := first.open(last, route)
	flips, kept := 0, 0
	for place := range route {
		// A record that is caught at this place, and of which only altered copies go on. Past that place the network is whole.
		var caught []packet
		passed := 0
		w.tap = func(p packet) bool {
			if passed++; passed == place+1 {
				caught = append(caught, packet{p.link, bytes.Clone(p.msg)})
				return false
			}
			return true
		}
		payload := fmt.Sprint("genuine ", place)
		w.write(i, payload)
		w.run()
		w.tap = nil
		if len(caught) != 1 {
			t.Fatalf("caught %d packets", len(caught))
		}
		for at := range caught[0].msg {
			bad := bytes.Clone(caught[0].msg)
			bad[at] ^= 1
			w.queue = append(w.queue, packet{caught[0].link, bad})
			w.run()
			flips++
			for _, h := range w.all {
				for _, ev := range h.take() {
					// A flip in the outer routes may leave the record as it was, and that one copy is genuine.
					if ev.kind != node.Delivered || ev.channel != r || ev.payload != payload || h != last {
						t.Fatalf("byte %d at place %d: %+v", at, place, ev)
					}
					if kept++; kept > place+1 {
						t.Fatalf("byte %d at place %d: delivered twice", at, place)
					}
				}
			}
		}
		if r.Machine.Link() != (wire.Link{Local: last.udp, Remote: w.all[2].udp}) {
			t.Fatalf("the reply route moved to %v", r.Machine.Link())
		}
		w.write(r, "still here")
		first.delivers(i, "still here")
		w.write(i, "and there")
		last.delivers(r, "and there")
	}
	if flips < 200 {
		t.Errorf("%d flips", flips)
	}
}

// Many channels between two nodes run at once; the end of some does not disturb the others (CHAN-006, CHAN-010).
func TestManyChannels(t *testing.T) {
	const channels = 64
	w := newWorld(t, profile.V1(), 3)
	first, last, route := row(w, mixed(2, wire.UDP))
	last.listen(wire.Address{})
	last.listen(local("second"))
	ends := map[*node.Channel]*node.Channel{}
	var order []*node.Channel
	for n := range channels {
		to := route
		if n%2 == 1 {
			to = append(slices.Clone(route), local("second"))
		}
		order = append(order, first.dial(to))
	}
	w.run()
	if a, b := len(first.take()), len(last.events); a != channels || b != channels {
		t.Fatalf("%d and %d events", a, b)
	}
	addresses := map[wire.Address]bool{}
	for _, ev := range last.take() {
		reply := ev.channel.Machine.ReplyRoute()
		for _, c := range order {
			if reply[len(reply)-1] == c.Address() {
				ends[c] = ev.channel
			}
		}
		addresses[ev.channel.Address()] = true
	}
	if len(ends) != channels || len(addresses) != channels {
		t.Fatalf("%d pairs, %d addresses", len(ends), len(addresses))
	}
	for round := range 3 {
		for n, c := range order {
			w.write(c, fmt.Sprint("out ", round, n))
			w.write(ends[c], fmt.Sprint("back ", round, n))
		}
		w.run()
		out, back := last.take(), first.take()
		if len(out) != len(order) || len(back) != len(order) {
			t.Fatalf("delivered %d and %d of %d", len(out), len(back), len(order))
		}
		for n, c := range order {
			if out[n].channel != ends[c] || out[n].payload != fmt.Sprint("out ", round, n) || back[n].channel != c || back[n].payload != fmt.Sprint("back ", round, n) {
				t.Fatalf("round %d, channel %d: %+v %+v", round, n, out[n], back[n])
			}
		}
		// The first half of those that are left ends, on one side or the other, and what comes for it is for nobody.
		gone := order[:len(order)/2]
		order = order[len(order)/2:]
		for n, c := range gone {
			if n%2 == 0 {
				must(t, last.n.Close(ends[c]))
				w.write(c, "to nobody")
			} else {
				must(t, first.n.Close(c))
				w.write(ends[c], "to nobody")
			}
		}
		w.run()
		if len(first.events)+len(last.events) != 0 {
			t.Fatalf("events of closed channels: %+v %+v", first.events, last.events)
		}
	}
	w.conserved()
}
