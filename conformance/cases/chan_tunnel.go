package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// CHAN-008: "A tunnelled channel works over any channel, to any depth: each of its wire messages, with empty routes, is the application bytes
// of one payload message of the channel below ...; nothing is routed in between. Each layer authenticates its own peer and costs 24 bytes; the
// payload limit shrinks by that". What a channel inside another is by itself, the cases that apply at any depth say.
func chanTunnel() []conformance.Case {
	all := []conformance.Case{{
		ID:           "chan/tunnel-layers",
		Title:        "Each channel of a tunnel has an ephemeral key and counters of its own, and the innermost echoes.",
		Requirements: []string{"CHAN-008", "NOISE-008", "REC-002"},
		Profiles:     typed(), // e09 has no tunnels
		Run:          tunnelLayers,
	}, {
		ID:           "chan/tunnel-limit",
		Title:        "The limit shrinks with each channel: a payload whose echo just fits is echoed, a longer one is not and uses no counter.",
		Requirements: []string{"CHAN-008", "REC-010"},
		Profiles:     v1(), // where routes make the kit's overhead another one than the peer's
		Run:          tunnelLimit,
	}, {
		ID:           "chan/tunnel-in-the-clear",
		Title:        "A handshake message of the channel inside that comes beside the outer channel, in the clear, is dropped.",
		Requirements: []string{"CHAN-008", "CHAN-003"},
		Profiles:     []string{"v1", "c010"}, // who have type bytes on transport messages
		Run:          tunnelInTheClear,
	}, {
		ID:           "chan/tunnel-plain-payload",
		Title:        "Payloads of the outer channel that are no messages of the one inside are not delivered in its place.",
		Requirements: []string{"CHAN-008"},
		Profiles:     typed(),
		Run:          tunnelPlainPayload,
	}, {
		ID:           "chan/tunnel-uncovered",
		Title:        "When the handshake inside has failed, the outer channel does not take its place.",
		Requirements: []string{"CHAN-008", "NOISE-007"},
		Transports:   streams(),
		Profiles:     typed(),
		Run:          tunnelUncovered,
	}, {
		ID:           "chan/tunnel-outer-record",
		Title:        "A record of the outer channel that was changed on the way delivers nothing of the genuine record inside.",
		Requirements: []string{"REC-004", "CHAN-008"},
		Profiles:     typed(),
		Run:          tunnelOuterRecord,
	}}
	for i := range all {
		all[i].Depths = conformance.InTunnel
	}
	return all
}

// layers are the channels of a tunnel, the innermost first.
func layers(s *adversary.Session) (all []*adversary.Session) {
	for ; s != nil; s = s.Below() {
		all = append(all, s)
	}
	return all
}

func tunnelLayers(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	all := layers(s)
	if len(all) != env.Depth() {
		return fmt.Errorf("cases: %d channels, want %d", len(all), env.Depth())
	}
	seen := map[string]bool{}
	for _, layer := range all {
		if seen[string(layer.Noise.RE)] {
			return adversary.Fail("NOISE-008", "an ephemeral key of its own for each channel of a tunnel", "the ephemeral key of another one")
		}
		seen[string(layer.Noise.RE)] = true
	}
	if err := echoes(s, 3); err != nil {
		return err
	}
	return s.Close()
}

// tunnelLimit leaves the kit's transport address out of its outermost return routes, which gives its payloads more room than the peer has for
// their echoes.
func tunnelLimit(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	all := layers(s)
	all[len(all)-1].Return = nil
	if err := s.EchoRandom(controlSize); err != nil {
		return err
	}
	room, limit := s.Room(), s.EchoRoom()
	if room <= limit {
		return &conformance.Inapplicable{Reason: "the peer's messages have room for whatever the kit's have"}
	}
	for _, n := range []int{limit, limit - 1} {
		if err := s.EchoRandom(n); err != nil {
			return err
		}
	}
	for _, n := range []int{limit + 1, room} {
		if err := refusedEcho(env, s, n); err != nil {
			return err
		}
	}
	return s.Close()
}

// refusedEcho sends a payload whose echo is too long, and requires that of the next one, as if it had not been.
func refusedEcho(env conformance.Env, s *adversary.Session, n int) error {
	payload, err := s.RandomPayload(n)
	if err != nil {
		return err
	}
	if err := s.SendPayload(payload); err != nil {
		return err
	}
	err = s.EchoRandom(controlSize)
	var f *conformance.Failure
	if errors.As(err, &f) && (f.Requirement != "CHAN-005" || s.Silent()) {
		return blame("CHAN-008",
			fmt.Sprintf("a payload of %d bytes, whose echo does not fit %d channels, not echoed, and the next one as if it had not been", n, env.Depth()), err)
	}
	return err
}

// tunnelInTheClear sends the kit's first message inside beside the outer channel, and then, with another ephemeral key, through it.
func tunnelInTheClear(ctx context.Context, env conformance.Env) error {
	const words = "a handshake message of the channel inside that comes in the clear"
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	if !s.Initiator() {
		if err := s.ReadM1(); err != nil {
			return err
		}
	}
	wrong, genuine, err := twins(s)
	if err != nil {
		return err
	}
	all := layers(s)
	t, body := makeFirst(s, &wrong)
	if err := all[len(all)-1].SendMessage(t, body); err != nil {
		return err
	}
	answer, err := s.Answer(env.Quiet())
	if err != nil {
		return s.NoAnswer("CHAN-008", words, nil, err)
	}
	if answer != nil {
		m, err := s.Parse(answer)
		switch {
		case err == nil && answers(s, wrong, m):
			return adversary.Fail("CHAN-008", "no answer to "+words, s.Describe(answer))
		case err == nil && m.Type == wire.Payload:
			return adversary.Fail("CHAN-002", "no answer at all to "+words, s.Describe(answer))
		}
		return stray(s, words, answer)
	}
	s.Noise = genuine
	err = goOn(s)
	if err == nil {
		err = s.EchoRandom(controlSize)
	}
	if err != nil {
		return blame("CHAN-003", "an exchange as if "+words+" had not been", err)
	}
	return s.Close()
}

// goOn establishes a channel from where the kit's first message is missing.
func goOn(s *adversary.Session) error {
	if s.Initiator() {
		if err := s.Begin(); err != nil {
			return err
		}
	}
	if err := s.SendMessage(s.Last()); err != nil {
		return err
	}
	return s.Finish()
}

// tunnelPlainPayload sends application bytes through the outer channel, in place of the kit's first message inside and on the open channel.
func tunnelPlainPayload(ctx context.Context, env conformance.Env) error {
	text := []byte("application bytes of the outer channel")
	before := first{"CHAN-008", "a payload of the outer channel before the one inside is open",
		func(adversary.Message) []byte { return text }, nil}
	if err := refusedFirst(ctx, env, before); err != nil {
		return err
	}
	open := stimulus{requirement: "CHAN-008", words: "a payload of the outer channel beside the one inside",
		frame: func(*adversary.Session) (frame, payload []byte, err error) { return text, text, nil }}
	return refusedWhenOpen(ctx, env, open)
}

// tunnelUncovered fails the handshake inside and goes on with the outer channel alone.
func tunnelUncovered(ctx context.Context, env conformance.Env) error {
	const words = "a payload of the outer channel behind a forged handshake message inside"
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	if !s.OnStream() {
		return datagrams()
	}
	if err := s.SendMessage(l.kind, l.flipped(l.payload())); err != nil {
		return err
	}
	text := []byte("application bytes of the outer channel")
	for range 2 {
		if err := s.SendFrame(text); err != nil {
			return err
		}
	}
	answer, err := s.LastAnswer()
	switch {
	case err != nil:
		return s.NoAnswer("CHAN-008", words, nil, err)
	case bytes.Contains(answer, text):
		return adversary.Fail("CHAN-008", "no answer to "+words, "its echo through the outer channel")
	case answer != nil:
		return stray(s, words, answer)
	}
	return s.Close()
}

// tunnelOuterRecord changes a bit of the tag of the record of each outer channel in turn. What is inside is genuine. On datagrams it is
// dropped, and the record as it was is delivered.
func tunnelOuterRecord(ctx context.Context, env conformance.Env) error {
	for depth := 1; depth < env.Depth(); depth++ {
		s, err := adversary.OpenChannel(ctx, env)
		if err != nil {
			return err
		}
		if err := forgedOutside(env, s, depth); err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

func forgedOutside(env conformance.Env, s *adversary.Session, depth int) error {
	const words = "a record of the outer channel whose tag was changed"
	payload, err := s.RandomPayload(stimulusSize)
	if err != nil {
		return err
	}
	message := s.Envelope(s.SealPayload(payload))
	all := layers(s)
	for _, layer := range all[1:depth] {
		message = layer.Envelope(layer.SealPayload(message))
	}
	genuine := all[depth].SealPayload(message)
	forged := bytes.Clone(genuine)
	forged[len(forged)-1] ^= 1
	if err := all[depth].SendRecord(forged); err != nil {
		return err
	}
	answer, err := s.Answer(env.Quiet())
	if err := s.NoAnswer("REC-004", words, answer, err); err != nil || s.OnStream() {
		return err
	}
	if err := all[depth].SendRecord(genuine); err != nil {
		return err
	}
	if err := s.ExpectEcho(payload, nil); err != nil {
		return blame("REC-005", "the echo of the genuine record after "+words, err)
	}
	return nil
}
