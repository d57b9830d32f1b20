package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// CHAN-003: "After open, types 3, 4, 5 that reach the channel are dropped and change neither keys, counters, route, nor state".
// In a profile without type bytes on transport messages they are ciphertexts that do not verify (REC-004).
func chanAfterOpen() []conformance.Case {
	return []conformance.Case{{
		ID:           "chan/handshake-message-after-open",
		Title:        "Handshake messages on an open channel, fresh ones and repeated ones, are dropped, and the channel echoes as before.",
		Requirements: []string{"CHAN-003"},
		Profiles:     []string{"v1", "c010"}, // who have type bytes on transport messages
		Run:          handshakeAfterOpen,
	}, {
		ID:           "chan/handshake-frame-after-open",
		Title:        "Handshake messages on an open channel are ciphertexts that do not verify.",
		Requirements: []string{"CHAN-003", "REC-004"},
		Profiles:     []string{"c09", "e09"},
		Run:          handshakeFrameAfterOpen,
	}}
}

// A handshakeMessage is one that comes too late.
type handshakeMessage struct {
	words string
	kind  wire.Type
	body  []byte
}

// lateMessages makes fresh handshake messages, and repeats the kit's own where a repeat is no more than that (TRAN-014).
func lateMessages(s *adversary.Session, l last) ([]handshakeMessage, error) {
	h, err := s.NewNoise()
	if err != nil {
		return nil, err
	}
	m1 := h.WriteM1(nil)
	random, err := s.Random(96)
	if err != nil {
		return nil, err
	}
	all := []handshakeMessage{
		{"a new m1", wire.M1, m1},
		{"an m2 of random bytes", wire.M2, random},
		{"an m3 of random bytes", wire.M3, random[:64]},
		{"an empty m1", wire.M1, nil},
		{"an empty m3", wire.M3, nil},
	}
	if s.OnStream() {
		all = append(all, handshakeMessage{"the kit's last handshake message once more", l.kind, l.bytes})
	}
	return all, nil
}

func handshakeAfterOpen(ctx context.Context, env conformance.Env) error {
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := s.Finish(); err != nil {
		return err
	}
	late, err := lateMessages(s, l)
	if err != nil {
		return err
	}
	for _, m := range late {
		if err := s.SendMessage(m.kind, m.body); err != nil {
			return err
		}
		if err := s.MustSurvive("CHAN-003", m.words); err != nil {
			return err
		}
	}
	return s.Close()
}

func handshakeFrameAfterOpen(ctx context.Context, env conformance.Env) error {
	var stimuli []stimulus
	for i := range 3 {
		frame := func(s *adversary.Session) (frame, payload []byte, err error) {
			late, err := lateMessages(s, last{kind: wire.M3, bytes: make([]byte, 64)})
			if err != nil {
				return nil, nil, err
			}
			return s.Outer(late[i].kind, late[i].body).Bytes(), nil, nil
		}
		stimuli = append(stimuli, stimulus{requirement: "CHAN-003", words: "a handshake message on an open channel", frame: frame})
	}
	return refusedWhenOpen(ctx, env, stimuli...)
}
