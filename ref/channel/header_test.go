package channel_test

import (
	"errors"
	"fmt"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// ROUT-008, TRAN-012: records are taken with whatever routes and from wherever they come, in any order: what the record before looked like
// makes no difference.
func TestHeadersAlternate(t *testing.T) {
	i, r := openPair(t, overUDP(udp4))
	home, other := udpLink(3, 1), udpLink(3, 77)
	routes := []struct{ onward, returned wire.Route }{
		{wire.Route{home.Local}, nil},
		{wire.Route{home.Local}, wire.Route{udp4(9, 9)}},
		{nil, wire.Route{udp4(9, 9), listenerAddress()}},
		{nil, nil},
		{wire.Route{udp4(200, 1)}, nil}, // ROUT-002: removed whatever it says
	}
	delivered := 0
	for n := range 100 {
		payload := fmt.Append(nil, "message ", n)
		msg, err := i.c.Write(nil, payload)
		must(t, err)
		if k := n * 7 % 11; k < len(routes) {
			msg = rerouted(t, msg, routes[k].onward, routes[k].returned)
		}
		link := home
		if n%3 == 0 {
			link = other
		}
		_, ev, err := r.c.HandleFrom(0, link, nil, msg)
		if err != nil || string(ev.Payload) != string(payload) {
			t.Fatalf("message %d: got %q, %v", n, ev.Payload, err)
		}
		delivered++
		if _, _, err := r.c.HandleFrom(0, link, nil, msg); !errors.Is(err, channel.ErrReplayed) {
			t.Fatalf("message %d again: got %v, want ErrReplayed", n, err)
		}
	}
	if delivered != 100 || r.c.Link() != home {
		t.Errorf("%d delivered; messages leave over %v, want %v", delivered, r.c.Link(), home)
	}
}

// REC-010: a message with the header of the record before, and too long, is refused for its length.
func TestLongMessageWithGoodHeader(t *testing.T) {
	i, r := openPair(t, options{profile: profile.C010(), datagrams: true, change: overUDP(udp4).change})
	r.delivers(i.write("first"), "first")
	long := append(i.write("second"), make([]byte, wire.MaxMessage)...)
	r.rejects(long, want{channel.ErrTooLong, channel.StepRecord, "REC-010"})
	r.delivers(i.write("third"), "third")
}
