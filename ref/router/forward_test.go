package router_test

import (
	"bytes"
	"errors"
	"testing"

	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// REC-010: a hop drops what its own address makes too long for the next transport, and what just fits it forwards whole.
func TestTooLong(t *testing.T) {
	ip6 := [16]byte{0: 0x20, 1: 0x01, 15: 9}
	limits := 0
	for _, k := range []struct {
		name    string
		profile profile.Profile
		next    wire.Address
		limit   int
	}{
		{"TCP", profile.V1(), tcp(3, 9), 65535},
		{"UDP over IPv4", profile.V1(), udpR(), 65507},
		{"UDP over IPv6", profile.V1(), wire.UDPAddress6(ip6, 9), 65527},
		{"TCP over IPv6", profile.V1(), wire.TCPAddress6(ip6, 9), 65535},
		{"e09", profile.E09(), udpR(), 8192},
	} {
		t.Run(k.name, func(t *testing.T) {
			var count router.Counters
			r := newRouter(t, router.Config{Profile: k.profile, Allow: anyone, Metrics: &count})
			d := wire.Dialect(k.profile.HandshakeEnvelope())
			kind := wire.Payload
			if d.Untagged {
				kind = wire.Untyped
			}
			sent := func(body []byte) []byte {
				return encode(t, d, wire.Route{k.next}, wire.Route{udpH(), udpI(), locI()}, kind, body)
			}
			body := bytes.Repeat([]byte{9}, k.limit-len(sent(nil)))
			limits++
			// Locally given, so that no address is removed or replaced and the hop's own is all that comes to it.
			out, err := r.AppendForward([]byte("xx"), r.Decide(wire.Link{}, encode(t, d, wire.Route{k.next}, wire.Route{udpI(), locI()}, kind, body)), udpH())
			if err != nil || !bytes.Equal(out[2:], sent(body)) || len(out)-2 != k.limit {
				t.Fatalf("got %d bytes, %v, want %d", len(out)-2, err, k.limit)
			}
			body = append(body, 9)
			decided := r.Decide(wire.Link{}, encode(t, d, wire.Route{k.next}, wire.Route{udpI(), locI()}, kind, body))
			out, err = r.AppendForward([]byte("xx"), decided, udpH())
			if !errors.Is(err, router.Error{Reason: router.TooLong}) || string(out) != "xx" {
				t.Errorf("got %d bytes, %v, want TooLong", len(out), err)
			}
			if count.Forwarded != 1 || count.Dropped[router.TooLong] != 1 || count.Received != 2 || count.Waiting() != 0 {
				t.Errorf("counted %+v", count)
			}
		})
	}
	if limits != 5 {
		t.Errorf("%d limits checked", limits)
	}
}

// A pong can be longer than its ping, and then there is none.
func TestPongTooLong(t *testing.T) {
	var count router.Counters
	p := profile.E09()
	r := newRouter(t, router.Config{Profile: p, Metrics: &count})
	long := wire.LocalAddress(bytes.Repeat([]byte{7}, 255))
	returns := route(31, long)
	room := p.MessageLimit - len(encode(t, wire.Dialect{}, nil, returns, wire.Ping, nil))
	returns = append(returns, wire.LocalAddress(make([]byte, room-2)))
	ping := encode(t, wire.Dialect{}, nil, returns, wire.Ping, nil)
	if len(ping) != p.MessageLimit {
		t.Fatalf("ping of %d bytes", len(ping))
	}
	out, err := r.AppendPong([]byte("x"), r.Decide(wire.Link{Local: udpH(), Remote: udpI()}, ping))
	if !errors.Is(err, router.Error{Reason: router.TooLong}) || string(out) != "x" || count.Dropped[router.TooLong] != 1 || count.Answered != 0 {
		t.Errorf("got %d bytes, %v, counted %+v", len(out), err, count)
	}
}

// A decision is not made into another.
func TestAppendOfAnotherDecision(t *testing.T) {
	r := newRouter(t, router.Config{Allow: anyone})
	d := r.Decide(wire.Link{Local: udpH(), Remote: udpI()}, encode(t, wire.Dialect{}, nil, nil, wire.M1, nil))
	for name, call := range map[string]func(){
		"AppendForward": func() { _, _ = r.AppendForward(nil, d, udpH()) },
		"AppendPong":    func() { _, _ = r.AppendPong(nil, d) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s of %v: no panic", name, d.Kind)
				}
			}()
			call()
		}()
	}
}

func TestNoLocalAddress(t *testing.T) {
	var count router.Counters
	r := newRouter(t, router.Config{Allow: anyone, Metrics: &count})
	msg := encode(t, wire.Dialect{}, wire.Route{udpH(), udpR()}, nil, wire.Payload, nil)
	for _, local := range []wire.Address{{}, locI(), wire.UDPAddressDNS("h", 1)} {
		out, err := r.AppendForward(nil, r.Decide(wire.Link{Local: udpH(), Remote: udpI()}, msg), local)
		if !errors.Is(err, router.Error{Reason: router.Unreachable}) || out != nil {
			t.Errorf("from %v: got %d bytes, %v", local, len(out), err)
		}
	}
	if count.Dropped[router.Unreachable] != 3 || count.Waiting() != 0 {
		t.Errorf("counted %+v", count)
	}
}

// WIRE-014: a name is resolved before the rules are asked, and the message carries the number.
func TestResolved(t *testing.T) {
	link := wire.Link{Local: udpH(), Remote: udpI()}
	named := encode(t, wire.Dialect{}, wire.Route{udpH(), wire.UDPAddressDNS("R.Example", 4003), locR()}, nil, wire.Payload, []byte("body"))
	allow := func(source, next wire.Address) bool { return source == udpI() && next != udp(4, 4003) }
	for _, k := range []struct {
		name    string
		numeric wire.Address
		want    verdict
	}{
		{"found", udpR(), forwards(udpR())},
		{"found, IPv4-mapped", mapped(3, 4003), forwards(udpR())},
		{"not found", wire.Address{}, drops(router.Unresolved)},
		{"a name again", wire.UDPAddressDNS("r", 4003), dropsAt(router.Unresolved, wire.UDPAddressDNS("r", 4003))},
		{"local", locR(), dropsAt(router.Unresolved, locR())},
		{"of another kind", tcp(3, 4003), dropsAt(router.Unresolved, wire.UDPAddressDNS("r.example", 4003))},
		{"with another port", udp(3, 4004), dropsAt(router.Unresolved, wire.UDPAddressDNS("r.example", 4003))},
		{"this node", udp(2, 4003), dropsAt(router.OwnAddress, udp(2, 4003))},
		{"refused by the rule", udp(4, 4003), dropsAt(router.NotAllowed, udp(4, 4003))},
		{"unspecified", wire.UDPAddress4([4]byte{}, 4003), dropsAt(router.Unsendable, wire.UDPAddress4([4]byte{}, 4003))},
	} {
		t.Run(k.name, func(t *testing.T) {
			var count router.Counters
			r := newRouter(t, router.Config{Allow: allow, Metrics: &count, Bound: []wire.Address{udp(2, 4003)}})
			d := r.Decide(link, named)
			if want := wire.UDPAddressDNS("r.example", 4003); d.Kind != router.Resolve || d.Next != want {
				t.Fatalf("got %v (%v) of %v, want to resolve %v", d.Kind, d.Reason, d.Next, want)
			}
			if count.Waiting() != 1 {
				t.Errorf("counted %+v before", count)
			}
			d = r.Resolved(link, named, k.numeric)
			if got := (verdict{d.Kind, d.Reason, d.Next}); got != k.want {
				t.Fatalf("got %v (%v) next %v, want %v (%v) next %v", got.kind, got.reason, got.next, k.want.kind, k.want.reason, k.want.next)
			}
			if d.Kind == router.Forward {
				out, err := r.AppendForward(nil, d, udp(2, 1))
				want := encode(t, wire.Dialect{}, wire.Route{udpR(), locR()}, wire.Route{udp(2, 1), udpI()}, wire.Payload, []byte("body"))
				if err != nil || !bytes.Equal(out, want) {
					t.Errorf("got %x, %v, want %x", out, err, want)
				}
			}
			if count.Received != 1 || count.Waiting() != 0 {
				t.Errorf("counted %+v", count)
			}
		})
	}
}

// A message for a numeric address that waited for a connection is decided about as before.
func TestResolvedNumeric(t *testing.T) {
	r := newRouter(t, router.Config{Allow: anyone})
	link := wire.Link{Local: udpH(), Remote: udpI()}
	msg := encode(t, wire.Dialect{}, wire.Route{udpH(), tcp(3, 9)}, nil, wire.Payload, nil)
	for _, next := range []wire.Address{tcp(3, 9), tcp(4, 9)} { // what is numeric is not for the shell to change
		if d := r.Resolved(link, msg, next); d.Kind != router.Forward || d.Next != tcp(3, 9) {
			t.Errorf("got %v (%v) to %v", d.Kind, d.Reason, d.Next)
		}
	}
}

// MEM-003: in the steady state nothing is allocated, whatever becomes of a message.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	r := newRouter(t, router.Config{Allow: anyone, Bound: []wire.Address{tcp(2, 4000)}, Metrics: &router.Counters{}})
	link := wire.Link{Local: udpH(), Remote: udpI()}
	far := wire.Route{udpH(), wire.TCPAddress6([16]byte{0x20, 15: 3}, 9), udpR(), locR()}
	dst := make([]byte, 0, 4096)
	for name, msg := range map[string][]byte{
		"forward":      encode(t, wire.Dialect{}, far, wire.Route{udpI(), tcp(1, 1), locI()}, wire.Payload, make([]byte, 1024)),
		"pong":         encode(t, wire.Dialect{}, wire.Route{udpH()}, wire.Route{locI()}, wire.Ping, nil),
		"to local":     encode(t, wire.Dialect{}, wire.Route{udpH(), locR()}, wire.Route{udpI()}, wire.Payload, make([]byte, 1024)),
		"to this node": encode(t, wire.Dialect{}, wire.Route{udpH(), tcp(2, 4000)}, nil, wire.Payload, nil),
	} {
		step := func() {
			switch d := r.Decide(link, msg); d.Kind {
			case router.Forward:
				if _, err := r.AppendForward(dst, d, udpH()); err != nil {
					t.Error(err)
				}
			case router.Answer:
				if _, err := r.AppendPong(dst, d); err != nil {
					t.Error(err)
				}
			case router.Drop, router.Pong, router.ToNode, router.ToLocal, router.Resolve:
			}
		}
		step()
		if n := testing.AllocsPerRun(100, step); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// What the types should forbid.
func TestMisuse(t *testing.T) {
	r := newRouter(t, router.Config{})
	for name, call := range map[string]func(){
		"AppendForward": func() { _, _ = r.AppendForward(nil, router.Decision{}, udpH()) },
		"AppendPong":    func() { _, _ = r.AppendPong(nil, router.Decision{}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s of a dropped message did not panic", name)
				}
			}()
			call()
		}()
	}
}
