package cases

import (
	"context"
	"fmt"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// NOISE-013: "A handshake has a deadline (configurable, default 10 s, at most 30 s), counted from its start or from the accepted
// connection and not extended by traffic. Then a stream's connection is closed and a half-open handshake is forgotten."
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
		ID:           "noise/handshake-deadline-30s",
		Title:        "A half-open handshake is ended after 30 s at the latest.",
		Requirements: []string{"NOISE-013"},
		Tags:         []string{conformance.TagLong},
		Run: func(ctx context.Context, env conformance.Env) error {
			return endsInTime(ctx, env, max(env.HandshakeDeadline(), maxDeadline), 1)
		},
	}}
}

// trickle is in how many pieces the time is cut, with a byte of the awaited frame after each but the last.
const trickle = 16

// endsInTime waits with a half-open handshake until the peer ends the connection.
func endsInTime(ctx context.Context, env conformance.Env, deadline time.Duration, pieces int) error {
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	if !s.OnStream() {
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
