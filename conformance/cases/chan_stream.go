package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// CHAN-011: "A channel is on a stream if its connection (TCP, TLS) carries nothing else, no hop lies between, and neither side gave a local
// address ... Every other channel is on datagrams, though its own transport be TCP ... What the other side gave is told by a handshake
// message that is accepted, and by no other". Which it is shows in what becomes of it when a message is rejected (section 6, REC-005).
func chanStream() []conformance.Case {
	all := []conformance.Case{{
		ID:           "chan/local-address-over-stream",
		Title:        "A channel to which the kit gives a local address over TCP outlives rejected messages, as on datagrams.",
		Requirements: []string{"CHAN-011"},
		Run: outlivesRejected(func(s *adversary.Session) (err error) {
			s.Local, err = s.NewLocal()
			return err
		}),
	}, {
		ID:           "chan/hop-over-stream",
		Title:        "A channel with a hop between outlives rejected messages over TCP, as on datagrams.",
		Requirements: []string{"CHAN-011"},
		Run: outlivesRejected(func(s *adversary.Session) error {
			hop, err := adversary.TransportAddress(wire.TCP, "192.0.2.7:4000")
			s.Return = append(s.Return, hop)
			return err
		}),
	}, {
		ID:           "chan/rejected-tells-nothing",
		Title:        "A forged handshake message with a local address on a stream is as fatal as one without.",
		Requirements: []string{"CHAN-011"},
		Run:          rejectedTellsNothing,
	}}
	for i := range all {
		all[i].Transports = streams()
		all[i].Profiles = v1() // the others have no routes over a stream
	}
	return all
}

// outlivesRejected prepares the kit's routes, and then forges an m3, to a responder, and a record. An initiator knows what the kit gave when
// it has accepted its m2.
func outlivesRejected(prepare func(s *adversary.Session) error) func(context.Context, conformance.Env) error {
	const want = "a channel on datagrams, which goes on after a message that is rejected"
	return func(ctx context.Context, env conformance.Env) error {
		s, err := adversary.Dial(ctx, env)
		if err != nil {
			return err
		}
		if err := prepare(s); err != nil {
			return err
		}
		if err := s.Begin(); err != nil {
			return err
		}
		l := last{before: s.Noise}
		l.kind, l.bytes = s.Last()
		if s.Initiator() {
			random, err := s.Random(len(l.bytes))
			if err != nil {
				return err
			}
			if err := s.SendMessage(l.kind, random); err != nil {
				return err
			}
		}
		if err := s.SendMessage(l.kind, l.bytes); err != nil {
			return err
		}
		if err := s.Finish(); err != nil {
			return err
		}
		if err := s.EchoRandom(controlSize); err != nil && s.Ended() {
			return blame("CHAN-011", want, err)
		} else if err != nil {
			return blame("NOISE-017", want, err)
		}
		for range 2 {
			payload, err := s.RandomPayload(stimulusSize)
			if err != nil {
				return err
			}
			if err := s.SendRecord(forgeryOf(s.Sending.Seal(s.Inner(payload)))); err != nil {
				return err
			}
			if err := s.EchoRandom(controlSize); err != nil && s.Silent() {
				return blame("CHAN-011", want, err)
			} else if err != nil {
				return blame("REC-004", "no answer to a forged record, and the echo of the payload behind it", err)
			}
		}
		return s.Close()
	}
}

// rejectedTellsNothing plays it without the local address first: a peer that goes on even then is wrong about more than that.
func rejectedTellsNothing(ctx context.Context, env conformance.Env) error {
	const words = "a forged handshake message, and the genuine one behind it"
	for _, x := range []struct {
		requirement, words string
		local              bool
	}{
		{"NOISE-007", words, false}, {"CHAN-011", words + ", the first of which gives a local address", true},
	} {
		s, l, err := begun(ctx, env)
		if err != nil {
			return err
		}
		if !s.OnStream() {
			return datagrams()
		}
		if x.local {
			if s.Local, err = s.NewLocal(); err != nil {
				return err
			}
		}
		if err := s.SendMessage(l.kind, l.flipped(l.payload())); err != nil {
			return err
		}
		s.Local = ""
		if err := tooLate(s, l, x.requirement, x.words); err != nil {
			return err
		}
	}
	return nil
}
