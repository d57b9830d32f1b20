package cases

import (
	"context"
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// TRAN-012: "Each UDP source is served apart: what one source sends neither blocks nor redirects another's handshake. A channel's remote
// address is the source of the m2 or m3 that verified; no later datagram redirects it."
func tranSources() []conformance.Case {
	return []conformance.Case{{
		ID:           "tran/other-source-before-open",
		Title:        "What another source sends in the middle of a handshake neither blocks nor redirects it.",
		Requirements: []string{"TRAN-012", "NOISE-017"},
		Transports:   overUDP(),
		Run:          otherSourceBeforeOpen,
	}, {
		ID:           "tran/other-source-after-open",
		Title:        "Records that another source sends, forged or copied, do not redirect an open channel.",
		Requirements: []string{"TRAN-012", "ROUT-008"},
		Transports:   overUDP(),
		Run:          otherSourceAfterOpen,
	}, {
		ID:           "tran/interleaved-handshakes",
		Title:        "Handshakes of two sources, their messages interleaved, both open, and each channel answers its own source.",
		Requirements: []string{"TRAN-012"},
		Transports:   overUDP(),
		Roles:        responder(),
		Profiles:     typed(),
		Run:          interleavedHandshakes,
	}}
}

// otherSource is a source beside that of a session. To an initiator it is one to which it has not turned itself.
func otherSource(ctx context.Context, env conformance.Env, s *adversary.Session) (*adversary.Stream, error) {
	if s.Initiator() {
		link, err := env.Open(ctx)
		return &adversary.Stream{Link: link, Packets: true}, err
	}
	from, ok := s.Link.(conformance.BesideLink)
	if !ok {
		return nil, &conformance.Inapplicable{Reason: "the kit cannot speak to this initiator from another address"}
	}
	link, err := from.Beside()
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, &conformance.Inapplicable{Reason: "the kit cannot speak to this initiator from another address"}
	}
	return &adversary.Stream{Link: link, Packets: true}, err
}

// silence requires that nothing was sent to the other source.
func silence(env conformance.Env, other *adversary.Stream, words string) error {
	d, err := other.ReceiveFrame(env.Quiet())
	switch {
	case adversary.Absent(err):
		return nil
	case err != nil:
		return err
	case len(d) == 0:
		return adversary.Fail("TRAN-012", "nothing sent to another source after "+words, "an empty datagram")
	}
	return adversary.Fail("TRAN-012", "nothing sent to another source after "+words, "a datagram to it")
}

func otherSourceBeforeOpen(ctx context.Context, env conformance.Env) error {
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	other, err := otherSource(ctx, env, s)
	if err != nil {
		return err
	}
	const words = "forged handshake messages from another source"
	random, err := s.Random(len(l.bytes))
	if err != nil {
		return err
	}
	for _, body := range [][]byte{random, random[1:], nil} {
		if err := other.SendFrame(s.Outer(l.kind, body).Bytes()); err != nil {
			return err
		}
	}
	if err := opensNow(env, s, l, "NOISE-005", words); err != nil {
		return blame("TRAN-012", "a handshake that goes on whatever another source sends", err)
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return blame("TRAN-012", "an echo to the source whose handshake message verified", err)
	}
	if err := silence(env, other, words); err != nil {
		return err
	}
	return errors.Join(other.Close(), s.Close())
}

func otherSourceAfterOpen(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return err
	}
	other, err := otherSource(ctx, env, s)
	if err != nil {
		return err
	}
	forged := s.Sending.Seal(s.Inner(nil))
	forged[0] ^= 1
	if err := other.SendFrame(s.Envelope(forged)); err != nil {
		return err
	}
	if err := copied(env, s, other); err != nil {
		return err
	}
	if err := silence(env, other, "a genuine record from there"); err != nil {
		return err
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return blame("TRAN-012", "echoes to the source of the handshake as before", err)
	}
	if err := silence(env, other, "a genuine record from there, and another one from the channel's source"); err != nil {
		return err
	}
	return errors.Join(other.Close(), s.Close())
}

// copied sends a genuine record from another source, as one does who has caught it. The peer may take it, and echo to where it always
// does; or it listens to the channel's source alone, from which the record then comes too.
func copied(env conformance.Env, s *adversary.Session, other *adversary.Stream) error {
	payload, err := s.RandomPayload(stimulusSize)
	if err != nil {
		return err
	}
	if err := s.Sacrifice(); err != nil {
		return err
	}
	record := s.SealPayload(payload)
	if err := other.SendFrame(s.Envelope(record)); err != nil {
		return err
	}
	answer, err := s.Answer(env.Quiet())
	if err != nil {
		return err
	}
	if answer == nil {
		if err := silence(env, other, "a genuine record from there"); err != nil {
			return err
		}
		if err := s.SendRecord(record); err != nil {
			return err
		}
		if answer, err = s.Answer(env.Patience()); err != nil {
			return err
		}
	}
	if answer == nil {
		return adversary.Fail("TRAN-012", "the echo of a record that came from another source and then from the channel's", "no answer")
	}
	return blame("TRAN-012", "the echo of the record that another source has sent, or none", s.CheckEcho(answer, payload))
}

func interleavedHandshakes(ctx context.Context, env conformance.Env) error {
	var all []*adversary.Session
	for range 2 {
		s, err := adversary.Dial(ctx, env)
		if err != nil {
			return err
		}
		all = append(all, s)
	}
	for _, step := range []func(*adversary.Session) error{
		func(s *adversary.Session) error { return s.SendMessage(wire.M1, s.MakeM1()) },
		(*adversary.Session).ReadM2,
		func(s *adversary.Session) error { return s.SendMessage(s.Last()) },
		(*adversary.Session).Finish,
		func(s *adversary.Session) error { return s.EchoRandom(controlSize) },
		closed,
	} {
		if err := forEach(all, step); err != nil {
			return blame("TRAN-012", "each source served as if it were alone", err)
		}
	}
	return nil
}
