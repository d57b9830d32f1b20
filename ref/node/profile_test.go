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

// The same application over each profile that has a node.
func TestProfiles(t *testing.T) {
	ran := 0
	for _, p := range profile.All() {
		if !p.Routes {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			ran++
			w := newWorld(t, p, 1)
			kinds := []wire.AddressType{wire.UDP, wire.UDP}
			if p.LeadingAddress == profile.IgnoreLeading { // end points only
				kinds = kinds[:1]
			}
			first, last, route := row(w, kinds)
			listener := wire.Address{}
			if p.Listener == profile.ResponderOnly {
				listener = local("listener")
				route = append(route, listener)
			}
			last.listen(listener)
			i, r := first.open(last, route)
			if shares := r.Address() == listener; shares != (p.Listener == profile.ResponderOnly) {
				t.Errorf("responder at %v", r.Address())
			}
			for n := range 3 {
				w.write(i, fmt.Sprint("out", n))
				last.delivers(r, fmt.Sprint("out", n))
				w.write(r, fmt.Sprint("back", n))
				first.delivers(i, fmt.Sprint("back", n))
			}
			id := first.ping(route[:len(kinds)])
			w.run()
			if ev := first.one(node.Ponged); ev.ping != id {
				t.Errorf("got %+v", ev)
			}
			must(t, last.n.Close(r))
			w.conserved()
		})
	}
	if ran != 3 {
		t.Errorf("%d profiles, want 3", ran)
	}
}

// Where responders share the listener's address, each source has one, and a new m1 of the source takes the place of one that is half open.
func TestSharedAddress(t *testing.T) {
	w := newWorld(t, profile.E09(), 5)
	a, b, last := w.add(nil), w.add(nil), w.add(nil)
	l := last.listen(local("listener"))
	route := wire.Route{last.udp, local("listener")}
	ia, ra := a.open(last, route)
	ib, rb := b.open(last, route)
	w.write(ia, "from a")
	last.delivers(ra, "from a")
	w.write(ib, "from b")
	last.delivers(rb, "from b")
	w.write(rb, "to b")
	b.delivers(ib, "to b")

	// What comes from a source that has an open channel is for that channel.
	a.dial(route)
	m1 := w.queue[0]
	w.queue = nil
	last.drops(m1, router.Rejected)
	must(t, last.n.Close(ra))
	last.receive(m1) // now it is a new handshake
	if len(w.queue) != 1 || l.HalfOpen() != 1 {
		t.Fatalf("%d messages, %d half open", len(w.queue), l.HalfOpen())
	}
	w.queue = nil
	// The same again is no new one; it is rejected, for e09 has no repeats.
	last.drops(m1, router.Rejected)
	newest := a.dial(route)
	w.run()
	all := last.take()
	if len(all) != 2 || all[0].kind != node.Failed || !errors.Is(all[0].err, node.ErrGaveWay) || all[1].kind != node.Opened || l.HalfOpen() != 0 {
		t.Fatalf("got %+v", all)
	}
	a.take()
	w.write(newest, "the newest")
	last.delivers(all[1].channel, "the newest")
	w.write(rb, "to b")
	b.delivers(ib, "to b")
	// At the deadline nothing happens to what is open.
	w.pass(w.now + channel.MaxDeadline)
	w.write(ib, "still")
	last.delivers(rb, "still")
	must(t, l.Close())
	w.write(ib, "too late")
	w.run()
	if last.count.Dropped[router.UnknownAddress] != 1 {
		t.Errorf("counted %+v", last.count)
	}
}
