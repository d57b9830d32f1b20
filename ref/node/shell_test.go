package node_test

import (
	"bytes"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// Receive and Tick leave open channels to their owners: the node tells, and does nothing.
func TestOwnedChannels(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	last.listen(wire.Address{})
	sent := w.capture()
	i, r := first.open(last, wire.Route{last.udp})
	link := wire.Link{Local: first.udp, Remote: last.udp}

	// A repeated m2 is the owner's too, and its answer is the same m3 (TRAN-014).
	m2, m3 := (*sent)[1], (*sent)[2]
	if res := first.n.Receive(w.now, link, nil, m2.msg); res.Kind != node.Record || res.Channel != i {
		t.Fatalf("got %+v", res)
	}
	res := i.Handle(w.now, link, nil, m2.msg)
	if res.Kind != node.None || res.Reason != router.NotDropped || !bytes.Equal(res.Out, m3.msg) || res.Link != link {
		t.Fatalf("got %+v", res)
	}

	w.tap = nil
	w.write(r, "hello")
	record := w.queue[0]
	w.queue = nil
	before, counted := *i.Machine, first.count
	res = first.n.Receive(w.now, link, []byte("dst"), record.msg)
	if res.Kind != node.Record || res.Channel != i || res.Link != link || string(res.Out) != "dst" || *i.Machine != before {
		t.Fatalf("got %+v", res)
	}
	if counted.Received++; first.count != counted { // whether it is delivered is not known yet
		t.Errorf("counted %+v, want %+v", first.count, counted)
	}
	if res = first.n.Receive(w.now, link, nil, record.msg); res.Kind != node.Record { // the first has changed nothing
		t.Fatalf("again: got %+v", res)
	}
	res = i.Handle(w.now, link, []byte("dst"), record.msg)
	if res.Kind != node.Delivered || string(res.Payload) != "hello" || res.Channel != i || string(res.Out) != "dst" {
		t.Fatalf("got %+v", res)
	}
	if first.count.Delivered != counted.Delivered+1 {
		t.Errorf("counted %+v", first.count)
	}
	res = i.Handle(w.now, link, []byte("dst"), record.msg)
	if res.Kind != node.None || res.Reason != router.Rejected || res.Err == nil || string(res.Out) != "dst" { // REC-007
		t.Fatalf("replay: got %+v", res)
	}
}

// What is due of an open channel, m3 again, is the owner's to do.
func TestDue(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	last.listen(wire.Address{})
	sent := w.capture()
	i, r := first.open(last, wire.Route{last.udp})
	m3 := (*sent)[2]
	if r, ok := first.n.Tick(w.now, []byte("dst")); ok || string(r.Out) != "dst" {
		t.Fatalf("too early: %+v", r)
	}
	repeats := 0
	for {
		at, ok := first.n.Wake()
		if !ok {
			break
		}
		w.now = at
		res, ok := first.n.Tick(w.now, nil)
		if !ok || res.Kind != node.Due || res.Channel != i || len(res.Out) != 0 {
			t.Fatalf("got %+v, %v", res, ok)
		}
		if _, again := first.n.Tick(w.now, nil); again {
			t.Fatal("told twice")
		}
		out, err := i.Machine.Tick(w.now, nil)
		must(t, err)
		if len(out) > 0 {
			if repeats++; !bytes.Equal(out, m3.msg) {
				t.Fatal("another message")
			}
		}
		if at, ok := i.Machine.Wake(); ok {
			first.n.Rearm(i, at)
		}
	}
	if repeats < 3 || repeats > 5 { // TRAN-014: within the deadline
		t.Errorf("%d repeats", repeats)
	}
	must(t, first.n.Close(i))
	first.n.Rearm(i, 1) // the owner comes late
	if _, ok := first.n.Wake(); ok {
		t.Error("a timer of a closed channel")
	}
	_ = r
}

// A ping that is answered and a record that verifies stop timers: nothing is left when nothing is open.
func TestTimersEnd(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	last.listen(wire.Address{})
	i, r := first.open(last, wire.Route{last.udp})
	w.write(r, "now m3 is not repeated any more")
	first.delivers(i, "now m3 is not repeated any more")
	sent := w.capture()
	w.pass(w.now + channel.MaxDeadline)
	if len(*sent) != 0 {
		t.Errorf("%d messages", len(*sent))
	}
	for n, h := range w.all {
		if at, ok := h.n.Wake(); ok {
			t.Errorf("host %d: a timer at %d", n, at)
		}
	}
}

// A decision by another router of the same configuration is as good (Dispatch), and a name that is resolved goes on (Resolved).
func TestDispatch(t *testing.T) {
	w := newWorld(t, profile.V1(), 1)
	first, hop, last := w.add(nil), w.add(relays), w.add(nil)
	last.listen(wire.Address{})
	other, err := router.New(router.Config{Profile: w.profile, Metrics: &last.count})
	must(t, err)
	i := first.dial(wire.Route{hop.udp, wire.UDPAddressDNS("last.example", 4000)})
	m1 := w.queue[0]
	w.queue = nil
	link := wire.Link{Local: hop.udp, Remote: first.udp}
	r := hop.n.Receive(w.now, link, nil, m1.msg)
	if want := wire.UDPAddressDNS("last.example", 4000); r.Kind != node.Resolve || r.Decision.Next != want || len(r.Out) != 0 {
		t.Fatalf("got %+v", r)
	}
	if r = hop.n.Resolved(link, []byte("dst"), m1.msg, wire.Address{}); r.Kind != node.None || r.Reason != router.Unresolved || string(r.Out) != "dst" {
		t.Fatalf("not found: got %+v", r)
	}
	if r = hop.n.Resolved(link, nil, m1.msg, last.udp); r.Kind != node.Forward || r.Decision.Next != last.udp {
		t.Fatalf("found: got %+v", r)
	}
	out, err := hop.n.AppendForward(nil, r.Decision, hop.udp)
	must(t, err)
	link = wire.Link{Local: last.udp, Remote: hop.udp}
	r = last.n.Dispatch(w.now, other.Decide(link, out), nil, out)
	if r.Kind != node.None || len(r.Out) == 0 || r.Link != link {
		t.Fatalf("got %+v", r)
	}
	w.send(r.Link, r.Out)
	w.run()
	if first.one(node.Opened).channel != i || last.one(node.Opened).channel == nil {
		t.Error("not opened")
	}
}

// MEM-003: records and forwarded messages cost no allocation.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	w := newWorld(t, profile.V1(), 1)
	first, last, route := row(w, mixed(2, wire.UDP))
	hop := w.all[1]
	last.listen(wire.Address{})
	i, r := first.open(last, route)
	w.write(r, "quiet")
	first.delivers(i, "quiet")
	payload := make([]byte, 1024)
	const rounds = 100
	toHop, toLast := make([][]byte, rounds+1), make([][]byte, rounds+1)
	fromFirst := wire.Link{Local: hop.udp, Remote: first.udp}
	local := hop.localFor(last.tcp)
	for n := range toHop {
		var err error
		toHop[n], err = i.Machine.Write(nil, payload)
		must(t, err)
		res := hop.n.Receive(w.now, fromFirst, nil, toHop[n])
		toLast[n], err = hop.n.AppendForward(nil, res.Decision, local)
		must(t, err)
	}
	dst := make([]byte, 0, 4096)
	n := 0
	if got := testing.AllocsPerRun(rounds, func() {
		res := hop.n.Process(w.now, fromFirst, dst, toHop[n])
		if _, err := hop.n.AppendForward(dst, res.Decision, local); err != nil {
			t.Error(err)
		}
		n++
	}); got != 0 {
		t.Errorf("forwarding allocates %v times", got)
	}
	n = 0
	fromHop := wire.Link{Local: last.tcp, Remote: local}
	if got := testing.AllocsPerRun(rounds, func() {
		if res := last.n.Process(w.now, fromHop, dst, toLast[n]); res.Kind != node.Delivered {
			t.Errorf("record %d: %+v", n, res)
		}
		n++
	}); got != 0 {
		t.Errorf("a record allocates %v times", got)
	}
}
