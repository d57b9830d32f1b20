package cases

import (
	"context"
	"fmt"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// NOISE-013: "A handshake has a deadline (configurable, default 10 s, at most 30 s), counted from its start or from the accepted
// connection and not extended by traffic. Then a stream's connection is closed and a half-open handshake is forgotten." NOISE-019: "The
// deadline of NOISE-013 ends with open: nothing that it does touches an open channel, however long that is idle."
func noiseDeadline() []conformance.Case {
	return []conformance.Case{{
		ID:           "noise/handshake-deadline",
		Title:        "A half-open handshake is ended at the deadline that the kit configured.",
		Requirements: []string{"NOISE-013"},
		Run: func(ctx context.Context, env conformance.Env) error {
			if env.HandshakeDeadline() == 0 {
				return &conformance.Inapplicable{Reason: "the peer's handshake deadline is not known; " +
					"noise/handshake-deadline-30s waits for the longest one"}
			}
			return endsInTime(ctx, env, env.HandshakeDeadline(), 1)
		},
	}, {
		ID:           "noise/handshake-deadline-traffic",
		Title:        "Bytes that trickle in do not extend the deadline of a handshake.",
		Requirements: []string{"NOISE-013"},
		Run: func(ctx context.Context, env conformance.Env) error {
			if env.HandshakeDeadline() == 0 {
				return &conformance.Inapplicable{Reason: "the peer's handshake deadline is not known"}
			}
			return endsInTime(ctx, env, env.HandshakeDeadline(), trickle)
		},
	}, {
		ID:           "noise/open-outlives-deadline",
		Title:        "An open channel on which nothing is said for longer than the handshake's deadline echoes as before.",
		Requirements: []string{"NOISE-019"},
		Run:          outlives,
	}, {
		ID:           "noise/handshake-deadline-30s",
		Title:        "A half-open handshake is ended after 30 s at the latest.",
		Requirements: []string{"NOISE-013"},
		Tags:         []string{conformance.TagLong},
		Run: func(ctx context.Context, env conformance.Env) error {
			return endsInTime(ctx, env, max(env.HandshakeDeadline(), maxDeadline), 1)
		},
	}}
}

// trickle is in how many pieces the time is cut, with a byte of the awaited frame after each but the last, or a message that is rejected
// on datagrams.
const trickle = 16

// endsInTime waits with a half-open handshake until the peer ends the connection, or, on datagrams, has to have forgotten the handshake.
func endsInTime(ctx context.Context, env conformance.Env, deadline time.Duration, pieces int) error {
	s, l, err := begun(ctx, env)
	switch {
	case err != nil:
		return err
	case s.Packets:
		return forgottenInTime(env, s, l, deadline, pieces)
	case !s.OnStream():
		return datagrams()
	}
	frame := adversary.Frame(s.Outer(l.kind, l.bytes).Bytes())
	limit := deadline + env.Patience()
	for i := range pieces {
		if err := s.ExpectNothing(limit/time.Duration(pieces), "CHAN-002", "a half-open handshake"); err != nil || s.Ended() {
			return err
		}
		if i < pieces-1 {
			if err := s.SendRaw(frame[i : i+1]); err != nil {
				return err
			}
		}
	}
	return adversary.Fail("NOISE-013", fmt.Sprintf("the connection closed when the handshake has taken %v", deadline),
		fmt.Sprintf("a connection that is still open after %v", limit))
}

// forgottenInTime waits until the handshake has to be forgotten, and requires that the genuine message no longer opens the channel.
func forgottenInTime(env conformance.Env, s *adversary.Session, l last, deadline time.Duration, pieces int) error {
	limit := deadline + max(deadline/4, 4*env.Quiet()) // nothing tells when it is over
	for i := range pieces {
		if err := s.ExpectNothing(limit/time.Duration(pieces), "CHAN-002", "a half-open handshake"); err != nil {
			return err
		}
		if i < pieces-1 {
			traffic, err := s.Random(20)
			if err != nil {
				return err
			}
			if err := s.SendMessage(wire.Payload, traffic); err != nil {
				return err
			}
		}
	}
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := probe(s, l.after); err != nil {
		return err
	}
	answer, err := s.Answer(4 * env.Quiet())
	if err != nil || answer == nil {
		return s.NoAnswer("NOISE-013", "the genuine message", nil, err)
	}
	return adversary.Fail("NOISE-013", fmt.Sprintf("a handshake that is forgotten when it has taken %v", deadline),
		"after "+limit.String()+", in answer to the genuine message, "+s.Describe(answer))
}

// outlives waits for longer than the handshake's deadline on an open channel and requires that it still echoes.
func outlives(ctx context.Context, env conformance.Env) error {
	deadline := env.HandshakeDeadline()
	if deadline == 0 {
		return &conformance.Inapplicable{Reason: "the peer's handshake deadline is not known"}
	}
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	if err := s.ExpectNothing(deadline+4*env.Quiet(), "NOISE-019", "silence on an open channel"); err != nil {
		return err
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return blame("NOISE-019", "a channel that echoes after the handshake's deadline as before", err)
	}
	return s.Close()
}
