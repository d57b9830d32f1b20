package router_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// verdict is a decision without the message.
type verdict struct {
	kind   router.Kind
	reason router.Reason
	next   wire.Address
}

// A scene is one message at one router, whose link is UDP from I to H unless it says otherwise.
type scene struct {
	name            string
	cfg             router.Config
	link            wire.Link
	dialect         wire.Dialect
	onward, returns wire.Route
	kind            wire.Type
	body            []byte
	want            verdict
	// onwardLeft and returned are the routes of Decision.Message, checked unless the message is dropped.
	onwardLeft, returned wire.Route
}

func (s *scene) run(t *testing.T) {
	var count router.Counters
	s.cfg.Metrics = &count
	r := newRouter(t, s.cfg)
	link := s.link
	if link.IsZero() {
		link = wire.Link{Local: udpH(), Remote: udpI()}
	}
	msg := encode(t, s.dialect, s.onward, s.returns, s.kind, s.body)
	before := bytes.Clone(msg)
	d := r.Decide(link, msg)
	if got := (verdict{d.Kind, d.Reason, d.Next}); got != s.want {
		t.Fatalf("got %v (%v) next %v, want %v (%v) next %v", got.kind, got.reason, got.next, s.want.kind, s.want.reason, s.want.next)
	}
	if !bytes.Equal(msg, before) || d.Link != link {
		t.Error("the message or the link was changed")
	}
	wantCount := router.Counters{Received: 1}
	if d.Kind == router.Drop {
		wantCount.Dropped[d.Reason] = 1
	}
	if count != wantCount {
		t.Errorf("counted %+v, want %+v", count, wantCount)
	}
	if d.Kind == router.Drop {
		return
	}
	m := d.Message
	if m.Type != s.kind || !bytes.Equal(m.Body, s.body) || !slices.Equal(m.Onward, s.onwardLeft) || !slices.Equal(m.Return, s.returned) {
		t.Errorf("got %v, want onward %v, return %v", m, s.onwardLeft, s.returned)
	}
}

// encode writes a message also with the forms of addresses that only decoders know.
func encode(t testing.TB, d wire.Dialect, onward, returns wire.Route, kind wire.Type, body []byte) []byte {
	t.Helper()
	out := []byte{wire.Version}
	for _, route := range []wire.Route{onward, returns} {
		out = append(out, byte(len(route)))
		for _, a := range route {
			if name, ok := a.Name(); ok {
				out = append(append(append(out, byte(a.Type()), byte(wire.DNS), byte(len(name))), name...), byte(a.Port()), byte(a.Port()>>8))
				continue
			}
			if ip, ok := a.IP6(); ok && a.Validate() != nil { // IPv4-mapped
				for i := 0; i < len(ip) && d.IPv6LittleEndian; i += 2 {
					ip[i], ip[i+1] = ip[i+1], ip[i]
				}
				out = append(append(append(out, byte(a.Type()), byte(wire.IPv6)), ip[:]...), byte(a.Port()), byte(a.Port()>>8))
				continue
			}
			var err error
			out, err = wire.AppendAddress(out, d, a)
			must(t, err)
		}
	}
	if kind != wire.Untyped {
		out = append(out, byte(kind))
	}
	return append(out, body...)
}

func run(t *testing.T, scenes []scene) {
	names := map[string]bool{}
	for _, s := range scenes {
		if names[s.name] {
			t.Fatalf("two scenes %q", s.name)
		}
		names[s.name] = true
		t.Run(s.name, s.run)
	}
}

func drops(why router.Reason) verdict                      { return verdict{kind: router.Drop, reason: why} }
func dropsAt(why router.Reason, next wire.Address) verdict { return verdict{router.Drop, why, next} }
func forwards(next wire.Address) verdict                   { return verdict{kind: router.Forward, next: next} }
func is(kind router.Kind) verdict                          { return verdict{kind: kind} }

// mapped is an IPv4 address in the form that encoders do not write.
func mapped(last byte, port uint16) wire.Address {
	return wire.UDPAddress6([16]byte{10: 0xff, 11: 0xff, 12: 10, 15: last}, port)
}

// route is n times the same address.
func route(n int, a wire.Address) wire.Route { return slices.Repeat(wire.Route{a}, n) }

// ROUT-001: for whom a message is.
func TestAddressed(t *testing.T) {
	body, fromI := []byte("body"), wire.Route{udpI()}
	run(t, []scene{
		{name: "ping", kind: wire.Ping, onward: wire.Route{udpH()}, returns: fromI, want: is(router.Answer), returned: fromI},
		{name: "ping with empty routes", kind: wire.Ping, want: is(router.Answer), returned: fromI},
		{name: "pong", kind: wire.Pong, onward: wire.Route{udpH()}, want: is(router.Pong), returned: fromI},
		{name: "m1", kind: wire.M1, onward: wire.Route{udpH()}, body: body, want: is(router.ToNode), returned: fromI},
		{name: "record", kind: wire.Payload, body: body, want: is(router.ToNode), returned: fromI},
		{name: "record to a local address", kind: wire.Payload, onward: wire.Route{udpH(), locR()}, body: body,
			want: is(router.ToLocal), onwardLeft: wire.Route{locR()}, returned: fromI},
		{name: "local address without the node", kind: wire.M3, onward: wire.Route{locR()}, body: body,
			want: is(router.ToLocal), onwardLeft: wire.Route{locR()}, returned: fromI},
		{name: "ping to a local address", kind: wire.Ping, onward: wire.Route{udpH(), locR()},
			want: is(router.ToLocal), onwardLeft: wire.Route{locR()}, returned: fromI},
		{name: "what follows a local address stays", kind: wire.Payload, onward: wire.Route{udpH(), locR(), udpR()},
			want: is(router.ToLocal), onwardLeft: wire.Route{locR(), udpR()}, returned: fromI},
	})
}

// ROUT-002: a leading transport address of any kind and spelling names the receiver; in e09 only its own does.
func TestLeadingAddress(t *testing.T) {
	fromI := wire.Route{udpI()}
	e09 := router.Config{Profile: profile.E09(), Allow: anyone, Bound: []wire.Address{udp(9, 4002)}}
	c010 := router.Config{Profile: profile.C010()}
	little := wire.Dialect(e09.Profile.HandshakeEnvelope())
	body := []byte("body")
	named := func(name string, first wire.Address) scene {
		return scene{name: name, kind: wire.M1, onward: wire.Route{first}, body: body, want: is(router.ToNode), returned: fromI}
	}
	in := func(cfg router.Config, dialect wire.Dialect, kind wire.Type, s scene) scene {
		s.cfg, s.dialect, s.kind = cfg, dialect, kind
		return s
	}
	run(t, []scene{
		named("own", udpH()),
		named("behind address translation", udp(77, 7)),
		named("of the other kind", tcp(2, 4002)),
		named("IPv4-mapped", mapped(2, 4002)),
		named("a name", wire.UDPAddressDNS("H.example.", 4002)),
		named("a name without canonical form", wire.UDPAddressDNS("-_-", 4002)),
		named("port 0", udp(2, 0)),
		{name: "no second one", cfg: router.Config{Allow: anyone}, kind: wire.M1, onward: wire.Route{udpH(), tcp(9, 9)}, body: body,
			want: forwards(tcp(9, 9)), onwardLeft: wire.Route{tcp(9, 9)}, returned: fromI},
		in(e09, little, wire.Untyped, named("e09 own", udpH())),
		in(e09, little, wire.Untyped, named("e09 own, IPv4-mapped", mapped(2, 4002))),
		{name: "e09 bound", cfg: e09, dialect: little, kind: wire.Untyped, onward: wire.Route{udp(9, 4002)}, body: body,
			want: dropsAt(router.OwnAddress, udp(9, 4002))},
		// ROUT-005: it would leave with as many onward addresses as it came with.
		{name: "e09 another", cfg: e09, dialect: little, kind: wire.Untyped, onward: wire.Route{udpR()}, body: body,
			want: dropsAt(router.OwnAddress, udpR())},
		in(c010, wire.Dialect{}, wire.M1, named("c010 another", udp(77, 7))),
	})
}

// ROUT-003: the source is the first return address, in place of one of its kind.
func TestSource(t *testing.T) {
	overTCP := wire.Link{Local: tcp(2, 4000), Remote: tcp(1, 54321)}
	scenes := []scene{
		{name: "no return route", returned: wire.Route{udpI()}},
		{name: "the same", returns: wire.Route{udpI(), locI()}, returned: wire.Route{udpI(), locI()}},
		{name: "another of its kind", returns: wire.Route{udp(77, 7), locI()}, returned: wire.Route{udpI(), locI()}},
		{name: "a name of its kind", returns: wire.Route{wire.UDPAddressDNS("a", 7)}, returned: wire.Route{udpI()}},
		{name: "a second of its kind stays", returns: wire.Route{udpI(), udp(77, 7)}, returned: wire.Route{udpI(), udp(77, 7)}},
		{name: "of the other kind", returns: wire.Route{tcp(1, 9)}, returned: wire.Route{udpI(), tcp(1, 9)}},
		{name: "local", returns: wire.Route{locI()}, returned: wire.Route{udpI(), locI()}},
		{name: "TCP", link: overTCP, returns: wire.Route{tcp(1, 4000), locI()}, returned: wire.Route{tcp(1, 54321), locI()}},
		{name: "UDP over TCP", link: overTCP, returns: wire.Route{udpI()}, returned: wire.Route{tcp(1, 54321), udpI()}},
		{name: "255 of which one is replaced", returns: route(255, udpI()), returned: append(wire.Route{udpI()}, route(254, udpI())...)},
		{name: "255 that all stay", returns: route(255, locI()), returned: append(wire.Route{udpI()}, route(255, locI())...)},
	}
	for i := range scenes {
		scenes[i].kind, scenes[i].want = wire.M1, is(router.ToNode)
	}
	run(t, scenes)
}

// ROUT-005, ROUT-007, WIRE-013, WIRE-014, WIRE-015: what is not forwarded.
func TestForward(t *testing.T) {
	open := router.Config{Allow: anyone, Bound: []wire.Address{udp(2, 5000), tcp(2, 4000)}}
	refusing := router.Config{Allow: func(source, next wire.Address) bool { return source == udpI() && next == udpR() }}
	toNext := func(name string, next wire.Address, want verdict) scene {
		return scene{name: name, cfg: open, onward: wire.Route{udpH(), next}, want: want}
	}
	with := func(s scene, change func(*scene)) scene { change(&s); return s }
	scenes := []scene{
		toNext("allowed", udpR(), forwards(udpR())),
		with(toNext("off unless configured", udpR(), dropsAt(router.NotAllowed, udpR())), func(s *scene) { s.cfg = router.Config{} }),
		with(toNext("allowed by the rule", udpR(), forwards(udpR())), func(s *scene) { s.cfg = refusing }),
		with(toNext("refused for the next address", udp(4, 4), dropsAt(router.NotAllowed, udp(4, 4))), func(s *scene) { s.cfg = refusing }),
		with(toNext("refused for the source", udpR(), dropsAt(router.NotAllowed, udpR())), func(s *scene) {
			s.cfg, s.link = refusing, wire.Link{Local: udpH(), Remote: udp(7, 7)}
		}),
		toNext("IPv4-mapped is IPv4", mapped(3, 4003), forwards(udpR())),
		toNext("back to the source", udpI(), forwards(udpI())),
		toNext("own link", udpH(), dropsAt(router.OwnAddress, udpH())),
		toNext("own link, IPv4-mapped", mapped(2, 4002), dropsAt(router.OwnAddress, udpH())),
		toNext("own link's number as a name", wire.UDPAddressDNS("10.0.0.2.", 4002), dropsAt(router.OwnAddress, udpH())),
		toNext("bound", udp(2, 5000), dropsAt(router.OwnAddress, udp(2, 5000))),
		toNext("bound, of the other kind", tcp(2, 4000), dropsAt(router.OwnAddress, tcp(2, 4000))),
		toNext("bound to another port", udp(2, 5001), forwards(udp(2, 5001))),
		toNext("port 0", udp(3, 0), dropsAt(router.Unsendable, udp(3, 0))),
		toNext("link-local", wire.UDPAddress6([16]byte{0xfe, 0x80, 15: 1}, 9), dropsAt(router.Unsendable, wire.UDPAddress6([16]byte{0xfe, 0x80, 15: 1}, 9))),
		toNext("unspecified", wire.UDPAddress4([4]byte{}, 9), dropsAt(router.Unsendable, wire.UDPAddress4([4]byte{}, 9))),
		toNext("unspecified IPv6", wire.UDPAddress6([16]byte{}, 9), dropsAt(router.Unsendable, wire.UDPAddress6([16]byte{}, 9))),
		toNext("multicast", wire.UDPAddress4([4]byte{224, 0, 0, 1}, 9), dropsAt(router.Unsendable, wire.UDPAddress4([4]byte{224, 0, 0, 1}, 9))),
		toNext("multicast IPv6", wire.UDPAddress6([16]byte{0xff, 2, 15: 1}, 9), dropsAt(router.Unsendable, wire.UDPAddress6([16]byte{0xff, 2, 15: 1}, 9))),
		toNext("broadcast", wire.UDPAddress4([4]byte{255, 255, 255, 255}, 9), dropsAt(router.Unsendable, wire.UDPAddress4([4]byte{255, 255, 255, 255}, 9))),
		toNext("a name", wire.UDPAddressDNS("R.Example.", 9), verdict{kind: router.Resolve, next: wire.UDPAddressDNS("r.example", 9)}),
		with(toNext("a name where nothing is forwarded", wire.UDPAddressDNS("r", 9), dropsAt(router.NotAllowed, wire.UDPAddressDNS("r", 9))),
			func(s *scene) { s.cfg = router.Config{} }),
		toNext("no name", wire.UDPAddressDNS("a_b", 9), dropsAt(router.NoForm, wire.UDPAddressDNS("a_b", 9))),
		with(toNext("no name further on", udpR(), dropsAt(router.NoForm, udpR())), func(s *scene) {
			s.onward = append(s.onward, wire.UDPAddressDNS("0x7f.1", 9))
		}),
		with(toNext("no name in the return route", udpR(), dropsAt(router.NoForm, udpR())), func(s *scene) {
			s.returns = wire.Route{udpI(), wire.UDPAddressDNS("a..", 9)}
		}),
		with(toNext("no name that the source replaces", udpR(), forwards(udpR())), func(s *scene) {
			s.returns = wire.Route{wire.UDPAddressDNS("a..", 9)}
		}),
		with(toNext("names further on and back", udpR(), forwards(udpR())), func(s *scene) {
			s.onward, s.returns = append(s.onward, wire.TCPAddressDNS("B.", 9)), wire.Route{udpI(), wire.UDPAddressDNS("A", 9)}
			s.onwardLeft, s.returned = wire.Route{udpR(), wire.TCPAddressDNS("b", 9)}, wire.Route{udpI(), wire.UDPAddressDNS("a", 9)}
		}),
	}
	for i := range scenes {
		s := &scenes[i]
		s.kind, s.body = wire.Payload, []byte("ciphertext")
		if s.onwardLeft == nil {
			s.onwardLeft, s.returned = wire.Route{s.want.next}, wire.Route{udpI()}
		}
	}
	run(t, scenes)
}

// ROUT-011 and REC-010: how many addresses a relay takes.
func TestMaxAddresses(t *testing.T) {
	relay := func(name string, max, onward, returns int, want verdict) scene {
		s := scene{name: name, cfg: router.Config{Allow: anyone, MaxAddresses: max}, kind: wire.Payload, want: want,
			onward: append(wire.Route{udpH()}, route(onward-1, udpR())...), returns: route(returns, udpI())}
		s.onwardLeft, s.returned = s.onward[1:], s.returns
		return s
	}
	locals := relay("256th by the source", 510, 2, 255, dropsAt(router.RouteFull, udpR()))
	locals.returns = route(255, locI())
	last := relay("255th by the source", 510, 2, 253, forwards(udpR()))
	last.returns = route(253, locI())
	last.returned = append(wire.Route{udpI()}, last.returns...)
	run(t, []scene{
		relay("16", 0, 14, 2, forwards(udpR())),
		relay("17", 0, 14, 3, dropsAt(router.TooManyAddresses, udpR())),
		relay("17, configured", 17, 14, 3, forwards(udpR())),
		relay("4 at a small relay", 3, 2, 2, dropsAt(router.TooManyAddresses, udpR())),
		relay("255 return addresses with the hop's", 510, 255, 254, forwards(udpR())),
		relay("256 return addresses with the hop's", 510, 255, 255, dropsAt(router.RouteFull, udpR())),
		last, locals,
		{name: "an end point takes more", kind: wire.M1, onward: append(wire.Route{udpH(), locR()}, route(200, udpR())...), returns: route(255, udpI()),
			want: is(router.ToLocal), onwardLeft: append(wire.Route{locR()}, route(200, udpR())...), returned: route(255, udpI())},
	})
}

// WIRE-010: pings that are not answered.
func TestPing(t *testing.T) {
	run(t, []scene{
		{name: "255 addresses", kind: wire.Ping, returns: route(254, locI()), want: is(router.Answer),
			returned: append(wire.Route{udpI()}, route(254, locI())...)},
		{name: "256 addresses", kind: wire.Ping, returns: route(255, locI()), want: drops(router.RouteFull)},
		{name: "5 addresses in c010", cfg: router.Config{Profile: profile.C010()}, kind: wire.Ping, returns: route(4, locI()),
			want: is(router.Answer), returned: append(wire.Route{udpI()}, route(4, locI())...)},
		{name: "6 addresses in c010", cfg: router.Config{Profile: profile.C010()}, kind: wire.Ping, returns: route(5, locI()),
			want: drops(router.RouteFull)},
		{name: "no form", kind: wire.Ping, returns: wire.Route{udpI(), wire.UDPAddressDNS("a_", 1)}, want: drops(router.NoForm)},
		{name: "source port 0", kind: wire.Ping, link: wire.Link{Local: udpH(), Remote: udp(1, 0)}, want: drops(router.Unsendable)},
		{name: "link-local source", kind: wire.Ping, want: drops(router.Unsendable),
			link: wire.Link{Local: udpH(), Remote: wire.UDPAddress6([16]byte{0xfe, 0x80, 15: 1}, 9)}},
		{name: "for a hop further on", kind: wire.Ping, cfg: router.Config{Allow: anyone}, onward: wire.Route{udpH(), udpR()}, returns: wire.Route{udpI()},
			want: forwards(udpR()), onwardLeft: wire.Route{udpR()}, returned: wire.Route{udpI()}},
	})
}

// A node is bound to an address however that is written.
func TestBoundInAnotherForm(t *testing.T) {
	r := newRouter(t, router.Config{Allow: anyone, Bound: []wire.Address{mapped(3, 4003)}})
	msg := encode(t, wire.Dialect{}, wire.Route{udpH(), udpR()}, wire.Route{udpI()}, wire.Payload, nil)
	if d := r.Decide(wire.Link{Local: udpH(), Remote: udpI()}, msg); d.Kind != router.Drop || d.Reason != router.OwnAddress {
		t.Errorf("got %v (%v)", d.Kind, d.Reason)
	}
}

// Malformed messages are dropped, with the place and the requirement.
func TestMalformed(t *testing.T) {
	var count router.Counters
	r := newRouter(t, router.Config{Allow: anyone, Metrics: &count})
	link := wire.Link{Local: udpH(), Remote: udpI()}
	whole := encode(t, wire.Dialect{}, wire.Route{udpH(), udpR()}, wire.Route{udpI()}, wire.Payload, nil)
	for n := range whole {
		d := r.Decide(link, whole[:n])
		var e *wire.Error
		if d.Kind != router.Drop || d.Reason != router.Malformed || !errors.As(d.Err, &e) || e.Requirement != "WIRE-005" || d.Message != nil {
			t.Errorf("first %d bytes: got %v (%v), %v", n, d.Kind, d.Reason, d.Err)
		}
	}
	if got, want := count.Dropped[router.Malformed], uint64(len(whole)); got != want || count.Received != want {
		t.Errorf("counted %+v, want %d", count, want)
	}
	if d := r.Decide(link, whole); d.Kind != router.Forward {
		t.Errorf("the whole message: got %v (%v)", d.Kind, d.Reason)
	}
}

// REC-010: what a profile does not carry.
func TestMessageLimit(t *testing.T) {
	for _, p := range []profile.Profile{profile.E09(), profile.C010()} {
		r := newRouter(t, router.Config{Profile: p})
		link := wire.Link{Local: udpH(), Remote: udpI()}
		msg := append([]byte{1, 0, 0, 2}, bytes.Repeat([]byte{9}, p.MessageLimit-4)...)
		if d := r.Decide(link, msg); d.Kind != router.ToNode {
			t.Errorf("%s: %d bytes: got %v (%v)", p.Name, len(msg), d.Kind, d.Reason)
		}
		if d := r.Decide(link, append(msg, 9)); d.Kind != router.Drop || d.Reason != router.TooLong || d.Message != nil {
			t.Errorf("%s: %d bytes: got %v (%v)", p.Name, len(msg)+1, d.Kind, d.Reason)
		}
	}
}

// A message that came over no transport has no source, and its routes stay as they are.
func TestNoTransport(t *testing.T) {
	var asked []wire.Address
	r := newRouter(t, router.Config{Allow: func(source, next wire.Address) bool {
		asked = append(asked, source, next)
		return true
	}})
	d := r.Decide(wire.Link{}, encode(t, wire.Dialect{}, wire.Route{udpR()}, wire.Route{locI()}, wire.Payload, nil))
	if d.Kind != router.Forward || d.Next != udpR() || !slices.Equal(asked, []wire.Address{{}, udpR()}) {
		t.Fatalf("got %v (%v) to %v, asked %v", d.Kind, d.Reason, d.Next, asked)
	}
	out, err := r.AppendForward(nil, d, udpH())
	if want := encode(t, wire.Dialect{}, wire.Route{udpR()}, wire.Route{udpH(), locI()}, wire.Payload, nil); err != nil || !bytes.Equal(out, want) {
		t.Errorf("got %x, %v, want %x", out, err, want)
	}
	d = r.Decide(wire.Link{}, encode(t, wire.Dialect{}, nil, nil, wire.Ping, nil))
	pong, err := r.AppendPong(nil, d)
	if want := []byte{1, 0, 0, 1}; err != nil || !bytes.Equal(pong, want) { // ROUT-004: both routes are empty
		t.Errorf("got pong %x, %v, want %x", pong, err, want)
	}
}

func TestConfig(t *testing.T) {
	for name, cfg := range map[string]router.Config{
		"no profile":            {},
		"no routes":             {Profile: profile.C09()},
		"c010 forwards nothing": {Profile: profile.C010(), Allow: anyone},
		"negative":              {Profile: profile.V1(), MaxAddresses: -1},
		"bound to a name":       {Profile: profile.V1(), Bound: []wire.Address{wire.TCPAddressDNS("a", 1)}},
		"bound to nothing":      {Profile: profile.V1(), Bound: []wire.Address{{}}},
	} {
		if r, err := router.New(cfg); r != nil || !errors.Is(err, router.ErrConfig) {
			t.Errorf("%s: got %v, want ErrConfig", name, err)
		}
	}
}

// Each reason has a text of its own and the ID of a requirement.
func TestReasons(t *testing.T) {
	texts := map[string]bool{}
	for i := range router.Reasons {
		r := router.Reason(i)
		if texts[r.String()] || (r.Requirement() == "") != (r == router.NotDropped) || !strings.Contains(router.Error{Reason: r}.Error(), r.String()) {
			t.Errorf("reason %d: %q (%s)", i, r, r.Requirement())
		}
		texts[r.String()] = true
	}
	if len(texts) != router.Reasons || router.Reasons < 18 {
		t.Errorf("%d texts of %d reasons", len(texts), router.Reasons)
	}
	if got := router.Reason(router.Reasons).String(); got != "invalid reason" {
		t.Errorf("got %q", got)
	}
}
