package channel_test

import (
	"slices"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// handleFrom is handle over a link, and checks where the reply leaves.
func (s *side) handleFrom(link wire.Link, msg []byte, leaves wire.Link) []byte {
	s.t.Helper()
	out, ev, err := s.c.HandleFrom(s.now, link, nil, slices.Clone(msg))
	must(s.t, err)
	if ev.Link != leaves {
		s.t.Errorf("a reply of %d bytes leaves over %v, want %v", len(out), ev.Link, leaves)
	}
	return out
}

func (s *side) leavesOver(link wire.Link) {
	s.t.Helper()
	if got := s.c.Link(); got != link {
		s.t.Errorf("messages leave over %v, want %v", got, link)
	}
}

// TRAN-012, ROUT-003, ROUT-004, ROUT-008: replies leave over the link of what they answer, and its addresses are in their routes. The channel
// settles on that of the m2 or m3 that verifies; none that comes later or is rejected moves it. Also in c09, whose messages have no routes.
func TestLinks(t *testing.T) {
	none := wire.Link{}
	for _, p := range []profile.Profile{profile.V1(), profile.C09(), profile.C010()} {
		t.Run(p.Name, func(t *testing.T) {
			o := overUDP(udp4)
			o.profile = p
			i, r, m1 := newPair(t, o)
			home := [2]wire.Link{udpLink(1, 3), udpLink(3, 1)}
			onRoutes := func(msg []byte, d wire.Dialect, link wire.Link) {
				t.Helper()
				m, err := wire.Parse(d, msg)
				must(t, err)
				if p.Routes && (!slices.Equal(m.Onward, wire.Route{link.Remote}) || !slices.Equal(m.Return, wire.Route{link.Local})) {
					t.Errorf("routes %v %v, want those of %v", m.Onward, m.Return, link)
				}
			}
			handshake, transport := wire.Dialect(p.HandshakeEnvelope()), wire.Dialect(p.TransportEnvelope())

			r.leavesOver(home[1])
			m2 := r.handleFrom(udpLink(33, 11), m1, udpLink(33, 11)) // m1 comes from another source than was thought
			onRoutes(m2, handshake, udpLink(33, 11))
			r.leavesOver(home[1])

			i.leavesOver(home[0])
			step := channel.StepM2
			bad := flip(m2, -1)
			if _, _, err := i.c.HandleFrom(0, udpLink(21, 66), nil, bad); err == nil {
				t.Error("a forged m2 was accepted")
			} else {
				i.isError(err, want{vault.ErrAuthentication, step, "NOISE-005"})
			}
			i.leavesOver(home[0])
			m3 := i.handleFrom(udpLink(21, 12), m2, udpLink(21, 12))
			onRoutes(m3, handshake, udpLink(21, 12))
			i.leavesOver(udpLink(21, 12))

			r.handleFrom(udpLink(43, 13), m3, none)
			r.leavesOver(udpLink(43, 13))
			for n := range byte(3) { // records from anywhere
				before := r.write("to the initiator")
				onRoutes(before, transport, udpLink(43, 13))
				i.handleFrom(udpLink(7, 20+n), before, none)
				r.handleFrom(udpLink(8, 30+n), i.write("to the responder"), none)
			}
			i.leavesOver(udpLink(21, 12))
			r.leavesOver(udpLink(43, 13))
		})
	}
}

// WIRE-010, ROUT-003: a pong leaves for the ping's source.
func TestPongLeavesForTheSource(t *testing.T) {
	_, r, _ := newPair(t, overUDP(udp6))
	ping := message(t, nil, nil, wire.Ping, nil)
	link := udpLink(33, 9)
	pong := r.handleFrom(link, ping, link)
	equalBytes(t, "pong", pong, message(t, wire.Route{link.Remote}, wire.Route{link.Local}, wire.Pong, nil))
	r.leavesOver(wire.Link{Local: udp6(3, 4003), Remote: udp6(1, 4001)})
}

// CHAN-011: on a stream if the IO is one, no hop lies between, and neither side gave a local address. It turns out with the first message of
// the peer that is accepted, and on datagrams nothing is fatal that is so on a stream.
func TestStream(t *testing.T) {
	address := wire.LocalAddress([]byte("address"))
	hop := wire.TCPAddress4([4]byte{10, 0, 0, 2}, 4002)
	udp := udp4(9, 4009)
	local := func(role channel.Role) func(*channel.Config) {
		return func(c *channel.Config) {
			if c.Role == role {
				c.Address = address
			}
		}
	}
	for _, tt := range []struct {
		name                 string
		change               func(*channel.Config)
		before               bool       // the initiator is on a stream before m2
		m1, m2, m3           wire.Route // the return route as it comes, nil as it was sent
		initiator, responder bool       // on a stream in the end
		responderAtM1        bool
	}{
		{"direct", nil, true, nil, nil, nil, true, true, true},
		{"no addresses", noAddresses, true, nil, nil, nil, true, true, true},
		{"another spelling of the source", nil, true, wire.Route{hop}, wire.Route{hop}, wire.Route{hop}, true, true, true},
		{"empty return routes", nil, true, wire.Route{}, wire.Route{}, wire.Route{}, true, true, true},
		{"initiator's address", local(channel.Initiator), false, nil, nil, nil, false, false, false},
		{"responder's address", local(channel.Responder), true, nil, nil, nil, false, false, false},
		{"route with a hop", func(c *channel.Config) {
			if c.Role == channel.Initiator {
				c.Route = wire.Route{c.Remote, hop}
			}
		}, false, nil, nil, nil, false, true, true},
		{"hop in m1", nil, true, wire.Route{hop, initiatorAddress()}, nil, nil, true, false, false},
		{"hop of another kind in m1", nil, true, wire.Route{udp}, nil, nil, true, false, false},
		{"hop in m2", nil, true, nil, wire.Route{hop, responderAddress()}, nil, false, true, true},
		{"hop in m3", nil, true, nil, nil, wire.Route{hop, initiatorAddress()}, true, false, true},
		{"local address in m2", nil, true, nil, wire.Route{hop, address}, nil, false, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i, r, m1 := newPair(t, options{change: tt.change})
			is := func(s *side, want bool) {
				t.Helper()
				if got := s.c.Stream(); got != want {
					t.Errorf("%v in state %v on a stream: %v, want %v", s.role, s.c.State(), got, want)
				}
			}
			comes := func(to *side, msg []byte, returned wire.Route) []byte {
				if returned == nil {
					returned = parse(t, msg).Return
				}
				return rerouted(t, msg, to.own(), returned)
			}
			is(i, tt.before)
			m2 := r.handle(comes(r, m1, tt.m1))
			is(r, tt.responderAtM1)
			if !tt.responderAtM1 { // nothing is fatal any more, and repeats are answered
				r.rejects(nil, want{wire.ErrTruncated, channel.StepM3, "WIRE-005"})
				equalBytes(t, "m2 again", r.handle(comes(r, m1, nil)), m2)
			}
			m3 := i.handle(comes(i, m2, tt.m2))
			if _, ok := i.c.Wake(); ok == i.c.Stream() {
				t.Errorf("m3 is repeated by timer: %v", ok)
			}
			r.handle(comes(r, m3, tt.m3))
			is(i, tt.initiator)
			is(r, tt.responder)
			records := [2][]byte{comes(i, r.write("hello"), nil), comes(r, i.write("hello"), nil)}
			for n, s := range []*side{i, r} {
				w := want{vault.ErrAuthentication, channel.StepRecord, "REC-004"}
				if s.c.Stream() {
					s.fails(flip(records[n], -1), w)
				} else {
					s.rejects(flip(records[n], -1), w)
					s.delivers(records[n], "hello")
				}
			}
		})
	}
}

// own is the onward route that reaches the side behind its transport address.
func (s *side) own() wire.Route {
	if s.address == (wire.Address{}) {
		return nil
	}
	return wire.Route{s.address}
}

// A message that is rejected puts nobody on datagrams: on a stream it is fatal, whatever route it shows.
func TestStreamOfRejectedMessages(t *testing.T) {
	shows := wire.Route{responderAddress(), wire.LocalAddress([]byte("address"))}
	i, r, m1 := newPair(t, options{})
	m2 := r.handle(m1)
	i.fails(rerouted(t, flip(m2, -1), nil, shows), want{vault.ErrAuthentication, channel.StepM2, "NOISE-005"})
	r.fails(message(t, nil, shows, wire.M3, make([]byte, 64)), want{vault.ErrAuthentication, channel.StepM3, "NOISE-005"})
	for _, s := range []*side{i, r} {
		if !s.c.Stream() {
			t.Errorf("the %v is on datagrams", s.role)
		}
	}
}

// WIRE-013: m1, m2, m3, and pings from an address that is never sent to are rejected, and the same from the genuine source is taken (NOISE-017).
// Records call for no answer.
func TestUnsendableSources(t *testing.T) {
	for name, remote := range map[string]wire.Address{
		"port 0": udp4(9, 0), "unspecified": wire.UDPAddress4([4]byte{}, 9), "multicast": wire.UDPAddress4([4]byte{224, 0, 0, 1}, 9),
		"link-local": wire.UDPAddress6([16]byte{0: 0xfe, 1: 0x80, 15: 1}, 9),
	} {
		t.Run(name, func(t *testing.T) {
			i, r, m1 := newPair(t, overUDP(udp4))
			from := func(s *side, msg []byte, step channel.Step) {
				t.Helper()
				before, xx := *s.c, *s.xx
				for _, m := range [][]byte{msg, message(t, nil, nil, wire.Ping, nil)} {
					out, ev, err := s.c.HandleFrom(0, wire.Link{Local: udp4(3, 4003), Remote: remote}, nil, slices.Clone(m))
					s.isError(err, want{channel.ErrUnsendable, step, "WIRE-013"})
					if out != nil || ev.Link != (wire.Link{}) || *s.c != before || *s.xx != xx {
						t.Errorf("a reply of %d bytes over %v, or a change", len(out), ev.Link)
					}
				}
			}
			from(r, m1, channel.StepM1)
			m2 := r.handle(m1)
			from(i, m2, channel.StepM2)
			m3 := i.handle(m2)
			from(r, m3, channel.StepM3)
			r.handle(m3)
			out, ev, err := r.c.HandleFrom(0, wire.Link{Local: udp4(3, 4003), Remote: remote}, nil, i.write("hello"))
			if err != nil || len(out) != 0 || string(ev.Payload) != "hello" {
				t.Errorf("record: got %q, %v", ev.Payload, err)
			}
		})
	}
}
