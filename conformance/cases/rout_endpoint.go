package cases

import (
	"context"
	"errors"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// ROUT-002: "A node that receives a message over a transport removes its first onward address if that is a transport address, of any
// kind and spelling ... It removes no second one." ROUT-003: "A node that receives over a transport makes the source ... the first return
// address: in place of a first address of that transport's kind, whatever it says, else in front of the route. So a reply, pong and m2
// included, leaves for the source and for no address that the sender wrote." ROUT-007: "An end point is no open relay".
func routEndPoint() []conformance.Case {
	return []conformance.Case{{
		ID:           "rout/end-point-leading-address",
		Title:        "A channel opens and echoes whatever transport address, of any kind and spelling, leads the kit's onward routes.",
		Requirements: []string{"ROUT-002"},
		Profiles:     v1(),
		Run:          anyLeader,
	}, {
		ID:           "rout/end-point-no-relay",
		Title:        "A message that names a further hop behind the peer's address is neither taken nor forwarded.",
		Requirements: []string{"ROUT-007", "ROUT-002"},
		Transports:   overUDP(),
		Roles:        responder(),
		Profiles:     []string{"v1", "e09"},
		Run:          noRelay,
	}, {
		ID:           "rout/end-point-no-relay-stream",
		Title:        "A message over TCP that names another connection of the peer's as further hop does not reach that.",
		Requirements: []string{"ROUT-007"},
		Transports:   streams(),
		Roles:        responder(),
		Profiles:     v1(),
		Run:          noRelayOnStream,
	}, {
		ID:           "rout/end-point-return-route",
		Title:        "Whatever address leads the kit's return route, the peer's handshake message goes to the source, and to nobody else.",
		Requirements: []string{"ROUT-003"},
		Transports:   overUDP(),
		Profiles:     routed(),
		Run:          forgedReturnRoute,
	}, {
		ID:           "rout/end-point-return-route-stream",
		Title:        "Whatever address of its kind leads the kit's return route over TCP, the peer's messages are for the source.",
		Requirements: []string{"ROUT-003"},
		Transports:   streams(),
		Profiles:     v1(),
		Run:          forgedOnStream,
	}, {
		ID:           "rout/end-point-ping",
		Title:        "A pong goes to the source of the ping, and to no address in the ping's return route.",
		Requirements: []string{"ROUT-003"},
		Transports:   overUDP(),
		Roles:        responder(),
		Profiles:     v1(),
		Run:          forgedPing,
	}}
}

// leaders are addresses that are not the peer's.
func leaders() []adversary.Address {
	return []adversary.Address{
		"\x02\x00\xc0\x00\x02\x01\xa0\x0f",                                                 // UDP, IPv4
		"\x01\x00\xc0\x00\x02\x01\xa0\x0f",                                                 // TCP, IPv4
		"\x02\x01\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\xa0\x0f", // UDP, IPv6
		"\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x7f\x00\x00\x01\xa0\x0f", // UDP, IPv4 in IPv6
		"\x01\x02\x0bexample.org\xa0\x0f",                                                  // TCP, DNS
	}
}

func anyLeader(ctx context.Context, env conformance.Env) error {
	for _, a := range leaders() {
		s, err := adversary.Dial(ctx, env)
		if err != nil {
			return err
		}
		s.Onward = append(adversary.Route{a}, s.Onward[1:]...)
		s.Leading = a
		if err = s.Establish(); err == nil {
			err = s.EchoRandom(controlSize)
		}
		if err != nil {
			return blame("ROUT-002", "an exchange as with the peer's own address in the lead", err)
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

// noRelay names a hop that the peer could reach: another source of the kit's.
func noRelay(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	hop, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	if err := hop.Begin(); err != nil { // the peer has heard of it
		return err
	}
	genuine := s.Onward
	s.Onward = slices.Concat(genuine[:1], adversary.Route{hop.Own()}, genuine[1:]) // right behind the peer's own address
	if err := s.SendMessage(wire.M1, s.MakeM1()); err != nil {
		return err
	}
	if err := nothingFor(env, hop, "ROUT-007", "a message that was to be forwarded"); err != nil {
		return err
	}
	answer, err := s.Answer(env.Quiet())
	if err := s.NoAnswer("ROUT-002", "an m1 that names a further hop", answer, err); err != nil {
		return err
	}
	return errors.Join(hop.Close(), s.Close())
}

// noRelayOnStream leaves open what becomes of the message: an end point that is no node looks at no onward route. It does not judge a peer that
// serves one connection at a time.
func noRelayOnStream(ctx context.Context, env conformance.Env) error {
	hop, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	if err := hop.Begin(); err != nil {
		return err
	}
	for _, t := range []wire.Type{wire.M1, wire.Payload} {
		s, err := beside(ctx, env)
		if err != nil {
			return err
		}
		s.Onward = slices.Concat(s.Onward[:1], adversary.Route{hop.Own()}, s.Onward[1:])
		if err := s.SendMessage(t, s.MakeM1()); err != nil {
			return err
		}
		if err := nothingFor(env, hop, "ROUT-007", "a message that was to be forwarded"); err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return hop.Close()
}

// nothingFor requires that nothing comes to a session that waits for nothing.
func nothingFor(env conformance.Env, s *adversary.Session, requirement, words string) error {
	answer, err := s.Answer(env.Quiet())
	if err != nil || answer == nil {
		return err
	}
	return adversary.Fail(requirement, "nothing sent to another address for "+words, s.Describe(answer))
}

// victim is a source of the kit's that the peer knows and that has nothing to do with what follows.
func victim(ctx context.Context, env conformance.Env, s *adversary.Session) (*adversary.Session, error) {
	if s.Initiator() {
		v, err := adversary.Dial(ctx, env)
		if err != nil {
			return nil, err
		}
		return v, v.Begin()
	}
	other, err := otherSource(ctx, env, s)
	if err != nil {
		return nil, err
	}
	v, err := adversary.NewSession(env, other.Link)
	if err != nil {
		return nil, err
	}
	return v, v.SendRaw(nil)
}

func forgedReturnRoute(ctx context.Context, env conformance.Env) error {
	return errors.Join(returnRouteNames(ctx, env, wire.UDP), returnRouteNames(ctx, env, wire.TCP))
}

// returnRouteNames leads the kit's return routes with a victim's address. As a UDP address it gives way to the source; as a TCP address it
// stays behind it.
func returnRouteNames(ctx context.Context, env conformance.Env, kind wire.AddressType) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	v, err := victim(ctx, env, s)
	if err != nil {
		return err
	}
	s.Return = adversary.Route{adversary.Address([]byte{byte(kind)}) + v.Own()[1:]}
	lost := s.Establish()
	if lost == nil {
		lost = s.EchoRandom(controlSize)
	}
	if err := nothingFor(env, v, "ROUT-003", "a message whose return route names it"); err != nil {
		return err
	}
	if lost != nil {
		return blame("ROUT-003", "answers to the source, whatever the return route says", lost)
	}
	return errors.Join(v.Close(), s.Close())
}

// forgedOnStream leads the kit's return route with an address of somebody else. The answer comes over the connection in any case: what it is for
// shows in its onward route, unless that is empty.
func forgedOnStream(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	forged := leaders()[1]
	s.Return = adversary.Route{forged}
	if err := s.Establish(); err != nil {
		return blame("ROUT-003", "answers to the source, whatever the return route says", err)
	}
	for range 2 {
		if err := s.EchoRandom(controlSize); err != nil {
			return blame("ROUT-003", "answers to the source, whatever the return route says", err)
		}
		if slices.Contains(s.Heard.Onward, forged) {
			return adversary.Fail("ROUT-003", "the source in place of a first return address of its kind", "the address that the sender wrote")
		}
	}
	return s.Close()
}

// forgedPing does not judge a peer that answers no pings.
func forgedPing(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	v, err := victim(ctx, env, s)
	if err != nil {
		return err
	}
	toNode(s)
	s.Return = adversary.Route{v.Own()}
	if err := s.SendMessage(wire.Ping, nil); err != nil {
		return err
	}
	if err := nothingFor(env, v, "ROUT-003", "a ping whose return route names it"); err != nil {
		return err
	}
	return errors.Join(v.Close(), s.Close())
}
