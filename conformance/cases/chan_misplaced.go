package cases

import (
	"context"
	"errors"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// CHAN-003: "After open, types 3, 4, 5 that reach the channel are dropped and change neither keys, counters, route, nor state". CHAN-014: "A
// message for the node or for another address does not reach the channel (ROUT-001) and is not fatal to it, also before open: a ping for the
// node is answered and the handshake goes on." What is misplaced here is genuine otherwise, and comes again in its place.
func chanMisplaced() []conformance.Case {
	return []conformance.Case{{
		ID:           "chan/record-of-handshake-type",
		Title:        "A genuine record in a message of type 3, 4, or 5 is not delivered, and is when it comes again as a payload.",
		Requirements: []string{"CHAN-003"},
		Profiles:     []string{"v1", "c010"}, // who have type bytes on transport messages
		Run:          recordOfHandshakeType,
	}, {
		ID:           "chan/other-address-before-open",
		Title:        "A handshake message for a local address that the peer does not have is not fatal to the handshake that is under way.",
		Requirements: []string{"CHAN-014"},
		Profiles:     []string{"v1", "e09"}, // c010 is an end point for which everything is
		Run:          otherAddressBeforeOpen,
	}, {
		ID:           "chan/other-address-after-open",
		Title:        "A record for a local address that the peer does not have does not reach the channel, and is not fatal to it.",
		Requirements: []string{"CHAN-014"},
		Profiles:     []string{"v1", "e09"}, // c010 is an end point for which everything is
		Run:          otherAddressAfterOpen,
	}, {
		ID:           "chan/ping-beside-channel",
		Title:        "A ping for the node is answered while a handshake is under way, and while a channel is open, and both go on.",
		Requirements: []string{"CHAN-014"},
		Profiles:     v1(),
		Run:          pingBesideChannel,
	}}
}

// recordOfHandshakeType leaves nothing open: what is dropped uses up no counter, so that the same record is good afterwards.
func recordOfHandshakeType(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	for _, t := range []wire.Type{wire.M1, wire.M2, wire.M3, wire.M3} {
		payload, err := s.RandomPayload(controlSize)
		if err != nil {
			return err
		}
		m := s.Outer(wire.Payload, s.SealPayload(payload)) // a handshake message would have the kit's local address too
		m.Type = t
		if err := s.SendFrame(m.Bytes()); err != nil {
			return err
		}
		if err := misplaced(env, s, "CHAN-003", "a genuine record as "+adversary.TypeName(t), m.Body, payload); err != nil {
			return err
		}
	}
	return s.Close()
}

// misplaced requires that a genuine record which has just been sent in a wrong place was not delivered, and sends it in the right one, where
// it has to be.
func misplaced(env conformance.Env, s *adversary.Session, requirement, words string, record, payload []byte) error {
	answer, err := s.Answer(env.Quiet())
	if err := s.NoAnswer(requirement, words, answer, err); err != nil {
		return err
	}
	return inPlace(s, requirement, words, record, payload)
}

// inPlace sends a record that has to be delivered although it came before, described by words.
func inPlace(s *adversary.Session, requirement, words string, record, payload []byte) error {
	if err := s.SendRecord(record); err != nil {
		return err
	}
	if err := s.ExpectEcho(payload, nil); err != nil {
		return blame(requirement, "the echo of a genuine payload, which came before as "+words, err)
	}
	return nil
}

// nobodyLocal is an address that no peer has.
func nobodyLocal() adversary.Address {
	return adversary.LocalAddress("\xde\xad\xbe\xef\x00\x01\x02\x04")
}

// elsewhere is what f does to a message of the session that is for an address which the peer does not have.
func elsewhere(s *adversary.Session, f func() error) error {
	onward := s.Onward
	defer func() { s.Onward = onward }()
	s.Onward = append(slices.Clone(onward[:1]), nobodyLocal())
	return f()
}

const forAnotherAddress = "a genuine message for another address"

// otherAddressBeforeOpen sends the genuine message twice. An end point that looks at no onward route takes the first one.
func otherAddressBeforeOpen(ctx context.Context, env conformance.Env) error {
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	if err := elsewhere(s, func() error { return s.SendMessage(l.kind, l.bytes) }); err != nil {
		return err
	}
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := s.Finish(); err != nil {
		return blame("CHAN-014", "a handshake that goes on after "+forAnotherAddress, err)
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return blame("CHAN-014", "a channel that opens although "+forAnotherAddress+" has come", err)
	}
	return s.Close()
}

// otherAddressAfterOpen does not judge an end point that looks at no onward route: it takes the record where it comes first.
func otherAddressAfterOpen(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	for range 3 {
		if err := s.Sacrifice(); err != nil {
			return err
		}
		payload, err := s.RandomPayload(controlSize)
		if err != nil {
			return err
		}
		record := s.SealPayload(payload)
		if err := elsewhere(s, func() error { return s.SendRecord(record) }); err != nil {
			return err
		}
		answer, err := s.Answer(env.Quiet())
		switch {
		case err != nil:
			return s.NoAnswer("CHAN-014", forAnotherAddress, nil, err)
		case answer != nil:
			err = s.CheckEcho(answer, payload)
		default:
			err = inPlace(s, "CHAN-014", forAnotherAddress, record, payload)
		}
		if err != nil {
			return err
		}
	}
	return s.Close()
}

// pingBesideChannel does not judge an end point that is no node: it answers no ping, and a ping is nothing to it before open.
func pingBesideChannel(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	ponged, err := pingAndEcho(env, s)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	if !ponged {
		return &conformance.Inapplicable{Reason: "the peer answers no ping: it is no node"}
	}
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	if err := ping(s); err != nil {
		return err
	}
	answer, err := s.Answer(s.Patience())
	if err != nil {
		return s.NoAnswer("CHAN-014", "a ping while a handshake is under way, but a pong", nil, err)
	}
	if m, err := s.Parse(answer); answer == nil || err != nil || m.Type != wire.Pong {
		return adversary.Fail("CHAN-014", "a pong in answer to a ping while a handshake is under way", "something else, or nothing")
	}
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := s.Finish(); err != nil {
		return blame("CHAN-014", "a handshake that goes on after a ping for the node", err)
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return blame("CHAN-014", "a channel that opens although a ping for the node has come", err)
	}
	return s.Close()
}

// ping pings the node.
func ping(s *adversary.Session) error {
	return s.SendFrame(adversary.Message{
		Onward: s.Onward[:min(1, len(s.Onward))], Return: s.Return[:min(1, len(s.Return))], Type: wire.Ping,
	}.Bytes())
}

// pingAndEcho pings the node beside an open channel, requires that the channel goes on, and tells whether the ping was answered. Nobody
// says in which order the two answers come.
func pingAndEcho(env conformance.Env, s *adversary.Session) (ponged bool, err error) {
	payload, err := s.RandomPayload(controlSize)
	if err != nil {
		return false, err
	}
	if err := errors.Join(ping(s), s.SendPayload(payload)); err != nil {
		return false, err
	}
	wait := s.Patience()
	for echoed := false; !echoed || !ponged; {
		answer, err := s.Answer(wait)
		switch {
		case err != nil:
			return false, err
		case answer == nil && echoed:
			return false, nil
		case answer == nil:
			return false, adversary.Fail("CHAN-014", "an open channel that a ping for the node does not disturb", "no echo of the payload behind it")
		}
		if m, err := s.Parse(answer); err == nil && m.Type == wire.Pong {
			if ponged {
				return false, adversary.Fail("WIRE-010", "one pong for a ping", "another one")
			}
			ponged = true
			continue
		}
		if err := s.CheckEcho(answer, payload); err != nil {
			return false, blame("CHAN-014", "the echo of a payload behind a ping for the node", err)
		}
		echoed, wait = true, 4*env.Quiet()
	}
	return ponged, nil
}
