package cases

import (
	"context"
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// CHAN-006: "Each channel has its own state and buffers; any number run at once." CHAN-010: "One failing or closing channel
// does not disturb the others." That a peer serves one connection at a time is not judged: then there is nothing to mix up.
func chanMany() []conformance.Case {
	return []conformance.Case{{
		ID:           "chan/many-channels-at-once",
		Title:        "Four channels whose messages are interleaved each echo their own payloads.",
		Requirements: []string{"CHAN-006"},
		Roles:        responder(),
		Profiles:     typed(),
		Run:          manyChannels,
	}, {
		ID:           "chan/other-channels-record",
		Title:        "A record of one channel is not delivered by another one.",
		Requirements: []string{"REC-004", "CHAN-006", "CHAN-010"},
		Roles:        responder(),
		Profiles:     typed(),
		Run:          otherChannelsRecord,
	}, {
		ID:           "chan/failing-neighbour",
		Title:        "A channel that fails or closes does not disturb another one.",
		Requirements: []string{"CHAN-010"},
		Roles:        responder(),
		Profiles:     typed(),
		Run:          failingNeighbour,
	}}
}

// openTogether takes n channels through the handshake in step. Fewer are returned when the peer serves no more at once.
func openTogether(ctx context.Context, env conformance.Env, n int) ([]*adversary.Session, error) {
	var all []*adversary.Session
	for len(all) < n {
		s, err := adversary.Dial(ctx, env)
		if len(all) > 0 && errors.Is(err, conformance.ErrUnreachable) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := s.SendMessage(makeFirst(s, &s.Noise)); err != nil {
			return nil, err
		}
		err = s.Await(env.Quiet())
		if err != nil && !adversary.Absent(err) {
			return nil, err
		}
		if err != nil && len(all) > 0 {
			if err := s.Close(); err != nil {
				return nil, err
			}
			break
		}
		all = append(all, s)
	}
	for _, step := range []func(*adversary.Session) error{
		(*adversary.Session).ReadM2,
		func(s *adversary.Session) error { return s.SendMessage(s.Last()) },
		(*adversary.Session).Finish,
	} {
		if err := forEach(all, step); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// atOnce is openTogether for a case that needs at least two channels.
func atOnce(ctx context.Context, env conformance.Env, n int) ([]*adversary.Session, error) {
	all, err := openTogether(ctx, env, n)
	if err == nil && len(all) < 2 {
		return nil, errors.Join(forEach(all, closed),
			&conformance.Inapplicable{Reason: "the peer does not serve a second connection while the first one is open"})
	}
	return all, err
}

func closed(s *adversary.Session) error { return s.Close() }

func forEach(all []*adversary.Session, do func(*adversary.Session) error) error {
	for _, s := range all {
		if err := do(s); err != nil {
			return err
		}
	}
	return nil
}

func manyChannels(ctx context.Context, env conformance.Env) error {
	all, err := atOnce(ctx, env, 4)
	if err != nil {
		return err
	}
	for range 3 {
		sent := make([][]byte, len(all))
		for i, s := range all {
			if sent[i], err = s.RandomPayload(controlSize); err != nil {
				return err
			}
			if err := s.SendPayload(sent[i]); err != nil {
				return err
			}
		}
		for i := range all {
			last := len(all) - 1 - i
			if err := all[last].ExpectEcho(sent[last], nil); err != nil {
				return blame("CHAN-006", "each channel's own payloads", err)
			}
		}
	}
	return forEach(all, closed)
}

func otherChannelsRecord(ctx context.Context, env conformance.Env) error {
	all, err := atOnce(ctx, env, 2)
	if err != nil {
		return err
	}
	foreign := record("REC-004", "a record of another channel", func(_ *adversary.Session, inner []byte) []byte {
		return all[1].Sending.Seal(inner)
	})
	var f *conformance.Failure
	if _, err := foreign.refused(all[0]); errors.As(err, &f) && f.Requirement == "CHAN-004" {
		return blame("CHAN-006", "an answer under the channel's own keys, or none", err)
	} else if err != nil {
		return err
	}
	if err := all[1].EchoRandom(controlSize); err != nil {
		return blame("CHAN-010", "a channel that echoes whatever happens on another", err)
	}
	return forEach(all, closed)
}

func failingNeighbour(ctx context.Context, env conformance.Env) error {
	all, err := atOnce(ctx, env, 3)
	if err != nil {
		return err
	}
	alive := all[len(all)-1]
	for i, s := range all[:len(all)-1] {
		if i == 0 { // fails; the other one just closes
			if err := s.SendRecord(make([]byte, 40)); err != nil {
				return err
			}
		}
		if err := alive.EchoRandom(controlSize); err != nil {
			return blame("CHAN-010", "a channel that echoes while another fails", err)
		}
		if err := s.Close(); err != nil {
			return err
		}
		if err := alive.EchoRandom(controlSize); err != nil {
			return blame("CHAN-010", "a channel that echoes after another was closed", err)
		}
	}
	return alive.Close()
}
