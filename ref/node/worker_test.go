package node_test

import (
	"bytes"
	"errors"
	"testing"

	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// Workers that are open to the network talk over hops in plaintext, and the return route leads back.
func TestWorkers(t *testing.T) {
	for _, p := range []profile.Profile{profile.V1(), profile.E09()} {
		w := newWorld(t, p, 1)
		kinds := []wire.AddressType{wire.UDP, wire.UDP, wire.UDP}
		first, last, route := row(w, kinds)
		must(t, first.n.OpenWorker(local("me")))
		must(t, last.n.OpenWorker(local("you")))
		link := first.linkTo(route[0])
		onward := append(bytesRoute(route), local("you"), local("inside"))
		out, err := first.n.Send(nil, link, local("me"), onward, []byte("question"))
		must(t, err)
		w.send(link, out)
		w.run()
		q := last.one(node.Message)
		if q.payload != "question" || q.worker != local("you") || !q.onward.Equal(wire.Route{local("inside")}) {
			t.Fatalf("%s: got %+v", p.Name, q)
		}
		out, err = last.n.Send(nil, q.link, q.worker, q.returned, []byte("answer"))
		must(t, err)
		w.send(q.link, out)
		w.run()
		if a := first.one(node.Message); a.payload != "answer" || a.worker != local("me") || !a.returned.Equal(append(bytesRoute(route), local("you"))) {
			t.Fatalf("%s: got %+v", p.Name, a)
		}
		// Without a worker there is nobody to answer.
		out, err = first.n.Send(nil, link, wire.Address{}, append(bytesRoute(route), local("you")), []byte("news"))
		must(t, err)
		w.send(link, out)
		w.run()
		if q := last.one(node.Message); q.payload != "news" || q.returned[len(q.returned)-1].IsLocal() {
			t.Fatalf("%s: got %+v", p.Name, q)
		}
		must(t, last.n.CloseWorker(local("you")))
		w.send(link, out)
		w.run()
		if last.count.Dropped[router.UnknownAddress] != 1 || len(last.events) != 0 {
			t.Errorf("%s: counted %+v", p.Name, last.count)
		}
		w.conserved()
	}
}

func bytesRoute(r wire.Route) wire.Route { return append(wire.Route{}, r...) }

func TestSendErrors(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	must(t, first.n.OpenWorker(local("me")))
	link := first.linkTo(last.udp)
	for name, k := range map[string]struct {
		link    wire.Link
		worker  wire.Address
		onward  wire.Route
		payload int
		want    error
	}{
		"no link":      {wire.Link{}, local("me"), wire.Route{last.udp}, 1, node.ErrConfig},
		"no route":     {link, local("me"), nil, 1, node.ErrConfig},
		"wrong route":  {link, local("me"), wire.Route{last.tcp}, 1, node.ErrConfig},
		"no worker":    {link, local("you"), wire.Route{last.udp}, 1, node.ErrUnknownAddress},
		"over UDP":     {link, local("me"), wire.Route{last.udp}, 65507, router.Error{Reason: router.TooLong}},
		"over TCP":     {first.linkTo(last.tcp), local("me"), wire.Route{last.tcp}, 65535, wire.ErrTooLong},
		"no form":      {link, local("me"), wire.Route{last.udp, wire.UDPAddressDNS("A", 1)}, 1, wire.ErrForm},
		"just fits":    {link, local("me"), wire.Route{last.udp}, 65507 - 24, nil},
		"one too much": {link, local("me"), wire.Route{last.udp}, 65507 - 23, router.Error{Reason: router.TooLong}},
	} {
		out, err := first.n.Send([]byte("what dst holds does not count"), k.link, k.worker, k.onward, make([]byte, k.payload))
		if !errors.Is(err, k.want) || (out != nil) != (err == nil) {
			t.Errorf("%s: got %d bytes, %v, want %v", name, len(out), err, k.want)
		}
	}
	e09 := newWorld(t, profile.E09(), 1)
	from, to := e09.add(nil), e09.add(nil)
	for size, want := range map[int]error{8192 - 22: nil, 8192 - 21: router.Error{Reason: router.TooLong}} {
		_, err := from.n.Send(nil, from.linkTo(to.udp), wire.Address{}, wire.Route{to.udp, local("x")}, bytes.Repeat([]byte{9}, size))
		if !errors.Is(err, want) {
			t.Errorf("e09, %d bytes: got %v, want %v", size, err, want)
		}
	}
	if err := first.n.CloseWorker(local("you")); !errors.Is(err, node.ErrUnknownAddress) {
		t.Errorf("got %v", err)
	}
	for name, k := range map[string]struct {
		address wire.Address
		want    error
	}{"in use": {local("me"), node.ErrAddressInUse}, "transport": {last.udp, node.ErrConfig}, "empty": {wire.Address{}, node.ErrConfig}} {
		if err := first.n.OpenWorker(k.address); !errors.Is(err, k.want) {
			t.Errorf("%s: got %v, want %v", name, err, k.want)
		}
	}
	_ = w
}

// ROUT-009: the plaintext address of a channel is for the node's own applications.
func TestPlaintextAddress(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	last.listen(wire.Address{})
	i, r := first.open(last, wire.Route{last.udp})
	plain := local("plain")
	must(t, last.n.SetPlaintext(plain, r))
	if got := last.n.Plaintext(plain); got != r {
		t.Fatal("not the channel")
	}
	if last.n.Plaintext(r.Address()) != nil || last.n.Plaintext(local("x")) != nil {
		t.Error("another address is one too")
	}
	if err := last.n.SetPlaintext(plain, r); !errors.Is(err, node.ErrAddressInUse) {
		t.Errorf("twice: got %v", err)
	}
	w.write(last.n.Plaintext(plain), "handed over")
	first.delivers(i, "handed over")
	secret := []byte("not to be sent")
	sent := w.capture()
	last.drops(packet{wire.Link{Local: first.udp, Remote: last.udp},
		w.with(wire.Message{Type: wire.Payload, Body: secret}, wire.Route{last.udp, plain}, nil)}, router.PlaintextAddress)
	w.run()
	for _, p := range *sent {
		if bytes.Contains(p.msg, secret) {
			t.Error("it was sent")
		}
	}
	must(t, last.n.Close(r))
	if last.n.Plaintext(plain) != nil {
		t.Error("it outlives the channel")
	}
	if err := last.n.SetPlaintext(plain, r); !errors.Is(err, node.ErrConfig) {
		t.Errorf("of a closed channel: got %v", err)
	}
	if err := first.n.SetPlaintext(plain, first.dial(wire.Route{last.udp})); !errors.Is(err, node.ErrConfig) || first.n.Plaintext(plain) != nil {
		t.Errorf("of a channel that is not open: got %v", err)
	}
	must(t, last.n.OpenWorker(plain))
}
