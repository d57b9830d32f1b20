package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// NOISE-016: "A public key equal to one's own ephemeral key (reflection) does not lead to an established channel. (Testable only where the
// harness sets the peer's ephemeral key.)" CHAN-007: "connect and accept return the handshake's own error, with the step, the requirement
// broken, and never key material." The channel has no socket; the kit gives it keys, and it says what it makes of each message.
func channelInsight() []conformance.Case {
	all := needInsight([]conformance.Case{{
		ID:           "noise/own-ephemeral-key",
		Title:        "A handshake in which the kit has the peer's own ephemeral key does not open the channel; the same one with another key does.",
		Requirements: []string{"NOISE-016"},
		Run:          ownEphemeral,
	}, {
		ID:           "chan/own-error",
		Title:        "A handshake that fails of a wrong tag, of a message out of place, or of the policy ends with that error and no other.",
		Requirements: []string{"CHAN-007"},
		Run:          ownError,
	}})
	for i := range all {
		all[i].Profiles, all[i].Transports = []string{"v1", "c09"}, streams()
	}
	return all
}

// A sightless is the kit's side of a channel of which there is no wire.
type sightless struct {
	peer  conformance.Insight
	noise adversary.Handshake
	role  conformance.Role // of the peer
	step  conformance.Step // the last
}

// sightlessly begins a channel. With mirrored the kit has the peer's ephemeral key, else one of its own. other is the one static key that the peer
// accepts, nil for any.
func sightlessly(ctx context.Context, env conformance.Env, mirrored bool, other []byte) (*sightless, error) {
	peer, err := insight(ctx, env)
	if err != nil {
		return nil, err
	}
	suite := env.Profile().Suite
	static, err := adversary.LoadKeyPair(suite, env.StaticKey())
	if err != nil {
		return nil, err
	}
	var keys [3]adversary.KeyPair
	for i := range keys {
		if keys[i], err = adversary.GenerateKeyPair(suite, env.Random()); err != nil {
			return nil, err
		}
	}
	own := keys[0]
	if mirrored {
		own = keys[1]
	}
	s := &sightless{peer: peer, noise: adversary.NewHandshake(suite, static, own), role: env.Role()}
	s.step, err = peer.Begin(ctx, conformance.Begin{
		Role: env.Role(), Profile: env.Profile().Name, Static: keys[2].Private, Ephemeral: keys[1].Private, Peer: other,
	})
	return s, granted("CHAN-001", "a channel with the keys of the kit", err)
}

// bare is a wire message without routes.
func bare(t wire.Type, body []byte) []byte { return append([]byte{1, 0, 0, byte(t)}, body...) }

// hears takes the Noise message of a size off the end of what the peer has sent, nil if it has sent none.
func (s *sightless) hears(size int) []byte {
	if len(s.step.Out) == 0 || len(s.step.Out[0]) < size {
		return nil
	}
	return s.step.Out[0][len(s.step.Out[0])-size:]
}

// last makes the message of the kit's that lets the peer open the channel; nil if the peer did not go so far.
func (s *sightless) last(ctx context.Context) (t wire.Type, body []byte, err error) {
	sizes := s.noise.Suite.MessageSizes()
	if s.role == conformance.Initiator {
		m1 := s.hears(sizes[0])
		if m1 == nil {
			return wire.M2, nil, nil
		}
		s.noise.ReadM1(m1)
		return wire.M2, s.noise.WriteM2(nil), nil
	}
	if s.step, err = s.peer.Feed(ctx, bare(wire.M1, s.noise.WriteM1(nil))); err != nil {
		return wire.M3, nil, granted("CHAN-001", "an answer to m1", err)
	}
	m2 := s.hears(sizes[1])
	if m2 == nil {
		return wire.M3, nil, nil
	}
	if _, ok := s.noise.ReadM2(m2); !ok {
		return wire.M3, nil, nil
	}
	return wire.M3, s.noise.WriteM3(nil), nil
}

func ownEphemeral(ctx context.Context, env conformance.Env) error {
	for _, mirrored := range []bool{false, true} {
		s, err := sightlessly(ctx, env, mirrored, nil)
		if err != nil {
			return err
		}
		t, body, err := s.last(ctx)
		if err != nil {
			return err
		}
		if body != nil {
			if s.step, err = s.peer.Feed(ctx, bare(t, body)); err != nil {
				return granted("CHAN-001", "a step", err)
			}
		}
		switch {
		case mirrored && s.step.Opened:
			return adversary.Fail("NOISE-016", "no channel with somebody who has its own ephemeral key", "an open channel")
		case !mirrored && !s.step.Opened:
			return adversary.Fail("CHAN-001", "an open channel after a handshake without a fault", s.words())
		}
	}
	return nil
}

// words says how the last step ended.
func (s *sightless) words() string {
	switch {
	case s.step.Opened:
		return "an open channel"
	case s.step.Class != "":
		return "class " + s.step.Class
	case s.step.Closed:
		return "an end without an error"
	}
	return "a channel that waits"
}

// A fatal is a handshake that fails for one reason.
type fatal struct {
	words   string
	broken  string   // the requirement that is not met if the channel opens all the same
	policy  bool     // the peer accepts another key than the kit's
	classes []string // any of which tells why
	spoil   func(t wire.Type, body []byte) []byte
}

func fatals() []fatal {
	tag := []string{"authentication"}
	return []fatal{
		{words: "a wrong tag of the static key", broken: "NOISE-005", classes: tag, spoil: func(t wire.Type, body []byte) []byte {
			return bare(t, changedAt(body, len(body)-adversary.TagSize-1))
		}},
		{words: "a wrong tag of the payload", broken: "NOISE-005", classes: tag, spoil: func(t wire.Type, body []byte) []byte {
			return bare(t, changedAt(body, len(body)-1))
		}},
		{words: "a payload before the handshake's end", broken: "CHAN-001", classes: []string{"unexpected"}, spoil: func(_ wire.Type, body []byte) []byte {
			return bare(wire.Payload, body)
		}},
		{words: "another version of the wire message", broken: "WIRE-001", classes: []string{"wire-version"}, spoil: func(t wire.Type, body []byte) []byte {
			m := bare(t, body)
			m[0] = 2
			return m
		}},
		{words: "a static key that the policy refuses", broken: "NOISE-011", policy: true, classes: []string{"refused"}, spoil: bare},
	}
}

func ownError(ctx context.Context, env conformance.Env) error {
	told := 0
	for _, x := range fatals() {
		class, err := x.play(ctx, env)
		var lacks *conformance.Inapplicable
		switch {
		case x.policy && errors.As(err, &lacks): // what it accepts cannot be told
			continue
		case err != nil:
			return err
		case class != conformance.Rejected:
			told++
		}
	}
	if told == 0 {
		return &conformance.Inapplicable{Reason: "it does not tell why it rejects anything"}
	}
	return nil
}

// play returns the class with which the handshake ended.
func (x fatal) play(ctx context.Context, env conformance.Env) (string, error) {
	var other []byte
	if x.policy {
		pair, err := adversary.GenerateKeyPair(env.Profile().Suite, env.Random())
		if err != nil {
			return "", err
		}
		other = pair.Public
	}
	s, err := sightlessly(ctx, env, false, other)
	if err != nil {
		return "", err
	}
	t, body, err := s.last(ctx)
	if err != nil {
		return "", err
	}
	if body == nil {
		return "", adversary.Fail("CHAN-001", "the next message of the handshake", s.words())
	}
	want := fmt.Sprintf("class %s after %s", strings.Join(x.classes, " or "), x.words)
	if s.step, err = s.peer.Feed(ctx, bytes.Clone(x.spoil(t, body))); err != nil {
		return "", granted("CHAN-007", want, err)
	}
	if s.step.Opened {
		return "", adversary.Fail(x.broken, "no channel after "+x.words, s.words())
	}
	if s.step.Class != conformance.Rejected && !slices.Contains(x.classes, s.step.Class) {
		return "", adversary.Fail("CHAN-007", want, s.words())
	}
	return s.step.Class, nil
}
