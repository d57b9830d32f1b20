package channel_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// message encodes a v1 message.
func message(t testing.TB, onward, returned wire.Route, kind wire.Type, body []byte) []byte {
	t.Helper()
	out, err := wire.AppendMessage(nil, wire.Dialect{}, &wire.Message{Onward: onward, Return: returned, Type: kind, Body: body})
	must(t, err)
	return out
}

func parse(t testing.TB, msg []byte) wire.Message {
	t.Helper()
	m, err := wire.Parse(wire.Dialect{}, msg)
	must(t, err)
	return m
}

// rerouted returns msg with other routes.
func rerouted(t testing.TB, msg []byte, onward, returned wire.Route) []byte {
	t.Helper()
	m := parse(t, msg)
	return message(t, onward, returned, m.Type, m.Body)
}

// ROUT-003, ROUT-008: replies leave for the source and what the sender wrote behind it; what he wrote of himself does not count.
func TestReplyRoute(t *testing.T) {
	source := initiatorAddress()
	udp := wire.UDPAddress4([4]byte{10, 9, 8, 7}, 6543)
	lie := wire.TCPAddress4([4]byte{8, 8, 8, 8}, 53)
	named := wire.TCPAddressDNS("example.com", 4000)
	me := wire.LocalAddress([]byte{1, 2, 3, 4})
	for _, tt := range []struct {
		name           string
		returned, want wire.Route
	}{
		{"empty", nil, wire.Route{source}},
		{"as it is", wire.Route{source}, wire.Route{source}},
		{"another address of the same kind", wire.Route{lie}, wire.Route{source}},
		{"a name", wire.Route{named}, wire.Route{source}},
		{"another kind", wire.Route{udp}, wire.Route{source, udp}},
		{"a local address", wire.Route{me}, wire.Route{source, me}},
		{"hops", wire.Route{lie, udp, lie, me}, wire.Route{source, udp, lie, me}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i, r, m1 := newPair(t, options{datagrams: true})
			m2 := r.handle(rerouted(t, m1, nil, tt.returned))
			if got := parse(t, m2).Onward; !slices.Equal(got, tt.want) {
				t.Errorf("m2 goes to %v, want %v", got, tt.want)
			}
			m3 := i.handle(rerouted(t, m2, nil, nil))
			if got := r.c.ReplyRoute(); got != nil {
				t.Errorf("a reply route before open: %v", got)
			}
			r.handle(rerouted(t, m3, nil, tt.returned))
			if got := r.c.ReplyRoute(); !slices.Equal(got, tt.want) {
				t.Errorf("the reply route is %v, want %v", got, tt.want)
			}
			if got := parse(t, r.write("hello")).Onward; !slices.Equal(got, tt.want) {
				t.Errorf("a record goes to %v, want %v", got, tt.want)
			}
			// ROUT-008: it never changes, not even by a message that verifies.
			r.delivers(rerouted(t, i.write("hello"), nil, wire.Route{lie, me, udp}), "hello")
			if got := r.c.ReplyRoute(); !slices.Equal(got, tt.want) {
				t.Errorf("the reply route has become %v", got)
			}
			route := r.c.ReplyRoute()
			route[0] = lie
			if got := r.c.ReplyRoute(); !slices.Equal(got, tt.want) {
				t.Error("the reply route was lent")
			}
		})
	}
}

// WIRE-013: addresses behind the source, in forms that decoders accept and encoders do not write, leave in the form that they do.
func TestReplyRouteIsCanonical(t *testing.T) {
	other := wire.TCPAddress6([16]byte{10: 0xff, 11: 0xfe, 12: 8, 13: 8, 14: 8, 15: 8}, 53)
	written := wire.Route{initiatorAddress(), wire.TCPAddressDNS("example.com", 4000), other}
	want := wire.Route{initiatorAddress(), wire.TCPAddressDNS("example.com", 4000), wire.TCPAddress4([4]byte{8, 8, 8, 8}, 53)}
	respelled := func(msg []byte) []byte {
		msg = rerouted(t, msg, nil, written)
		for from, to := range map[string]string{"example.com": "Example.COM", "\xff\xfe\x08\x08": "\xff\xff\x08\x08"} {
			if !bytes.Contains(msg, []byte(from)) {
				t.Fatalf("%q is not in the message", from)
			}
			msg = bytes.Replace(msg, []byte(from), []byte(to), 1)
		}
		return msg
	}
	i, r, m1 := newPair(t, options{datagrams: true})
	m2 := r.handle(respelled(m1))
	if got := parse(t, m2).Onward; !slices.Equal(got, want) {
		t.Errorf("m2 goes to %v, want %v", got, want)
	}
	r.handle(respelled(i.handle(rerouted(t, m2, nil, nil))))
	if got := r.c.ReplyRoute(); !slices.Equal(got, want) {
		t.Errorf("the reply route is %v, want %v", got, want)
	}
	i.delivers(rerouted(t, r.write("hello"), nil, nil), "hello")
}

// ROUT-008: the reply route is that of the m3 that verified, not of m1 and not of one that did not.
func TestReplyRouteOfRejectedMessages(t *testing.T) {
	lie := wire.Route{initiatorAddress(), wire.LocalAddress([]byte("hijack"))}
	i, r, m1 := newPair(t, options{datagrams: true})
	m2 := rerouted(t, r.handle(rerouted(t, m1, nil, lie)), nil, nil) // it names the hijacker
	i.rejects(rerouted(t, flip(m2, -1), nil, lie), want{vault.ErrAuthentication, channel.StepM2, "NOISE-005"})
	m3 := i.handle(m2)
	r.rejects(rerouted(t, flip(m3, -1), nil, lie), want{vault.ErrAuthentication, channel.StepM3, "NOISE-005"})
	r.handle(m3)
	for _, s := range []*side{i, r} {
		if got := s.c.ReplyRoute(); len(got) != 1 {
			t.Errorf("%v's reply route is %v, want one address", s.role, got)
		}
	}
}

// ROUT-001, ROUT-002: one leading transport address is removed, whatever it says; then the channel's own address is for the channel, an
// empty route for the node: m1 for its listener, other messages for the one channel that gave no local address.
func TestOnwardRoute(t *testing.T) {
	own := wire.LocalAddress([]byte{9, 8, 7, 6})
	other := wire.LocalAddress([]byte{6, 7, 8, 9})
	listener := wire.LocalAddress([]byte("listener"))
	tcp, named := wire.TCPAddress4([4]byte{8, 8, 8, 8}, 53), wire.UDPAddressDNS("example.com", 4000)
	for _, tt := range []struct {
		name     string
		onward   wire.Route
		m1, rest bool // reach a channel that has an address
		bare     bool // all reach one that has none
	}{
		{"empty", nil, true, false, true},
		{"any transport address", wire.Route{tcp}, true, false, true},
		{"a name", wire.Route{named}, true, false, true},
		{"our own address", wire.Route{own}, true, true, false},
		{"transport, our own", wire.Route{tcp, own}, true, true, false},
		{"our own and more", wire.Route{tcp, own, other}, true, true, false},
		{"the listener", wire.Route{tcp, listener}, true, false, false},
		{"another address", wire.Route{other}, false, false, false},
		{"transport, another", wire.Route{tcp, other}, false, false, false},
		{"two transports", wire.Route{tcp, tcp}, false, false, false},
		{"two transports, our own", wire.Route{tcp, named, own}, false, false, false},
		{"another, our own", wire.Route{other, own}, false, false, false},
	} {
		for _, address := range []wire.Address{own, {}} {
			t.Run(fmt.Sprintf("%s/%v", tt.name, address), func(t *testing.T) {
				m1Reaches, restReaches := tt.bare, tt.bare
				if address == own {
					m1Reaches, restReaches = tt.m1, tt.rest
				}
				o := options{datagrams: true, change: func(c *channel.Config) {
					if c.Role == channel.Responder && address == own {
						c.Address, c.Listener = own, listener
					}
				}}
				i, r, m1 := newPair(t, o)
				addressed := func(msg []byte, step channel.Step, reaches bool) []byte {
					t.Helper()
					other := rerouted(t, msg, tt.onward, parse(t, msg).Return)
					if reaches {
						return other
					}
					r.rejects(other, want{channel.ErrNotAddressed, step, "ROUT-001"})
					return msg
				}
				m2 := r.handle(addressed(m1, channel.StepM1, m1Reaches))
				wantReturn := wire.Route{responderAddress()}
				if address == own {
					wantReturn = append(wantReturn, own)
				}
				if got := parse(t, m2).Return; !slices.Equal(got, wantReturn) {
					t.Errorf("m2's return route is %v, want %v", got, wantReturn)
				}
				r.handle(addressed(i.handle(m2), channel.StepM3, restReaches))
				r.delivers(addressed(i.write("hello"), channel.StepRecord, restReaches), "hello")
				if got := parse(t, r.write("hello")).Return; !slices.Equal(got, wire.Route{responderAddress()}) {
					t.Errorf("CHAN-010: a record's return route is %v", got)
				}
			})
		}
	}
}

// A message for another address never reaches the channel, so that on a stream too it is dropped and nothing has changed.
func TestNotAddressedOnStream(t *testing.T) {
	i, r, m1 := newPair(t, options{})
	elsewhere := wire.Route{responderAddress(), wire.LocalAddress([]byte("elsewhere"))}
	r.rejects(rerouted(t, m1, elsewhere, nil), want{channel.ErrNotAddressed, channel.StepM1, "ROUT-001"})
	r.handle(i.handle(r.handle(m1)))
	r.delivers(i.write("hello"), "hello")
}

// WIRE-010: a ping for the node is answered with one pong, in every state but the last ones; a pong and a ping for the channel are not.
func TestPing(t *testing.T) {
	own := wire.LocalAddress([]byte{9, 8, 7, 6})
	ping := message(t, wire.Route{responderAddress()}, wire.Route{initiatorAddress(), own}, wire.Ping, nil)
	pong := message(t, wire.Route{initiatorAddress(), own}, wire.Route{responderAddress()}, wire.Pong, nil)
	for _, o := range []options{{}, {datagrams: true}, {datagrams: true, profile: profile.C010()}} {
		i, r, m1 := newPair(t, o)
		quiet := func() {
			t.Helper()
			before, xx := *r.c, *r.xx
			equalBytes(t, "pong", r.handle(ping), pong)
			equalBytes(t, "answer to a pong", r.handle(rerouted(t, pong, nil, nil)), nil)
			equalBytes(t, "pong over nothing", r.handle([]byte{1, 0, 0, 0}), message(t, wire.Route{initiatorAddress()}, wire.Route{responderAddress()}, wire.Pong, nil))
			if *r.c != before || *r.xx != xx {
				t.Error("a ping has changed the channel")
			}
		}
		quiet()
		m2 := r.handle(m1)
		quiet()
		r.handle(i.handle(m2))
		quiet()
		r.delivers(i.write("hello"), "hello")
	}

	_, r, _ := newPair(t, options{datagrams: true, change: func(c *channel.Config) { c.Address = own }})
	for _, msg := range [][]byte{ping, pong} {
		r.rejects(rerouted(t, msg, wire.Route{responderAddress(), own}, nil), want{channel.ErrUnexpected, channel.StepM1, "CHAN-001"})
	}
	// REC-010: a pong with a 256th address is not sent.
	full := slices.Repeat(wire.Route{own}, 255)
	r.rejects(rerouted(t, ping, nil, full), want{wire.ErrTooMany, channel.StepM1, "WIRE-008"})
	// c09 has no node: whatever arrives is for the channel.
	_, r, _ = newPair(t, options{datagrams: true, profile: profile.C09()})
	r.rejects([]byte{1, 0, 0, 0}, want{channel.ErrUnexpected, channel.StepM1, "CHAN-001"})
}

// CHAN-008: in a channel, routes are empty, and the messages of the inner one are the payloads of the outer one.
func TestTunnel(t *testing.T) {
	outer := [2]*side{}
	outer[0], outer[1] = openPair(t, options{})
	inner := options{change: func(c *channel.Config) { noAddresses(c); c.MessageLimit = outer[0].c.Limit() }}
	i, r := newSide(t, channel.Initiator, inner), newSide(t, channel.Responder, inner)
	through := func(from, to int, msg []byte) []byte {
		t.Helper()
		record := outer[from].write(string(msg))
		return bytes.Clone(outer[to].delivers(record, string(msg)).Payload)
	}
	r.start()
	m1 := i.start()
	equalBytes(t, "head of m1", m1[:4], []byte{1, 0, 0, 3})
	m2 := r.handle(through(0, 1, m1))
	equalBytes(t, "head of m2", m2[:4], []byte{1, 0, 0, 4})
	m3 := i.handle(through(1, 0, m2))
	equalBytes(t, "head of m3", m3[:4], []byte{1, 0, 0, 5})
	r.handle(through(0, 1, m3))
	if got, want := i.c.Limit(), outer[0].c.Limit()-24; got != want {
		t.Errorf("limit %d, want %d", got, want)
	}
	big := string(make([]byte, i.c.Limit()))
	r.delivers(through(0, 1, i.write(big)), big)
}

// The rows of section 11 that make a message impossible: it is refused, and no counter is used.
func TestCannotTravel(t *testing.T) {
	local := wire.Route{wire.LocalAddress([]byte("me"))}
	for _, tt := range []struct {
		name             string
		profile          profile.Profile
		payload          string
		onward, returned wire.Route
	}{
		{"c09 has no inner routes", profile.C09(), "x", local, nil},
		{"c010 has no inner onward route", profile.C010(), "x", local, nil},
		{"c010 misreads local return addresses", profile.C010(), "x", nil, local},
		{"e09 wants an inner onward route", profile.E09(), "x", nil, nil},
		{"e09 mistakes 03 for m1", profile.E09(), "\x03x", local, nil},
		{"e09 mistakes 00 for a ping", profile.E09(), "\x00", local, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i, _ := openPair(t, options{profile: tt.profile, known: true, datagrams: true})
			before, xx := *i.c, *i.xx
			out, err := i.c.WriteRouted(nil, []byte(tt.payload), tt.onward, tt.returned)
			i.isError(err, want{channel.ErrCannotTravel, channel.StepWrite, ""})
			if out != nil || *i.c != before || *i.xx != xx {
				t.Errorf("%d bytes, or something has changed", len(out))
			}
		})
	}
}

// e09, section 11: an ephemeral key that begins like a type byte cannot travel. The handshake ends, with an error.
func TestEphemeralCannotTravel(t *testing.T) {
	k := known(t, profile.X25519AES256())
	p := profile.E09()
	p.ForbiddenBodies = []byte{k.M1[0]}
	i := newSide(t, channel.Initiator, options{profile: p, known: true, datagrams: true})
	out, err := i.c.Start(0, nil)
	w := want{channel.ErrCannotTravel, channel.StepM1, ""}
	i.isError(err, w)
	if out != nil {
		t.Errorf("%s was sent", hex.EncodeToString(out))
	}
	i.dead(w)
	p.ForbiddenBodies = []byte{k.M2[0]}
	_, r, m1 := newPair(t, options{profile: p, known: true, datagrams: true})
	r.fails(m1, w)
}

// e09, section 11: a first address is removed only if it is the receiver's own, and an inner message without onward route is dropped.
func TestRoutesOfE09(t *testing.T) {
	o := options{profile: profile.E09(), known: true, datagrams: true}
	i, r := openPair(t, o)
	d := wire.Dialect(o.profile.TransportEnvelope())
	record, err := i.c.WriteRouted(nil, []byte("hello"), onwardOf(o.profile), nil)
	must(t, err)
	m, err := wire.Parse(d, record)
	must(t, err)
	reroute := func(onward ...wire.Address) []byte {
		m := m
		m.Onward = onward
		out, err := wire.AppendMessage(nil, d, &m)
		must(t, err)
		return out
	}
	w := want{channel.ErrNotAddressed, channel.StepRecord, "ROUT-001"}
	r.rejects(reroute(), w)
	r.rejects(reroute(responderAddress()), w)
	r.rejects(reroute(responderAddress().WithPort(1), listenerAddress()), w)
	r.rejects(reroute(responderAddress(), responderAddress(), listenerAddress()), w)
	r.delivers(reroute(responderAddress(), listenerAddress()), "hello")

	inner, err := wire.AppendMessage(nil, wire.Dialect(o.profile.InnerEnvelope()), &wire.Message{Type: wire.Untyped, Body: []byte("lost")})
	must(t, err)
	m.Body, err = i.xx.Encrypt(make([]byte, 0, 64), inner)
	must(t, err)
	r.refuses(reroute(listenerAddress()), want{channel.ErrInner, channel.StepRecord, ""})
	if r.c.State() != channel.Open {
		t.Errorf("state %v, want open", r.c.State())
	}
}

// A Config's slices are not kept: changing them later changes nothing.
func TestConfigIsNotKept(t *testing.T) {
	var route wire.Route
	i := newSide(t, channel.Initiator, options{datagrams: true, change: func(c *channel.Config) {
		route = wire.Route{c.Remote, wire.LocalAddress([]byte("listener"))}
		c.Route = route
	}})
	expected := slices.Clone(route)
	clear(route)
	if got := parse(t, i.start()).Onward; !slices.Equal(got, expected) {
		t.Errorf("m1 goes to %v, want %v", got, expected)
	}
}

// Profiles without transport header send no route at all (c09); a message of theirs that has one is refused.
func TestC09HasNoRoutes(t *testing.T) {
	_, r, m1 := newPair(t, options{profile: profile.C09(), datagrams: true})
	m := parse(t, m1)
	for name, routes := range map[string][2]wire.Route{
		"onward": {{responderAddress()}, nil}, "return": {nil, {initiatorAddress()}},
	} {
		t.Run(name, func(t *testing.T) {
			r.rejects(message(t, routes[0], routes[1], m.Type, m.Body), want{wire.ErrTooMany, channel.StepM1, "WIRE-008"})
		})
	}
	r.handle(m1)
}
