package cases

import (
	"context"
	"errors"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// TRAN-023: "One idle, slow, or hostile connection does not keep others from being served." A peer that serves one connection at a
// time meets it with the deadline of NOISE-013, which ends the idle one.
func tranIdle() []conformance.Case {
	return []conformance.Case{{
		ID:           "tran/idle-connection",
		Title:        "While one connection is open and says nothing, another is served.",
		Requirements: []string{"TRAN-023"},
		Transports:   streams(),
		Roles:        responder(),
		Run: func(ctx context.Context, env conformance.Env) error {
			return servedBeside(ctx, env, 0)
		},
	}, {
		ID:           "tran/half-frame-connection",
		Title:        "While one connection has sent half a frame and stopped, another is served.",
		Requirements: []string{"TRAN-023"},
		Transports:   streams(),
		Roles:        responder(),
		Run: func(ctx context.Context, env conformance.Env) error {
			return servedBeside(ctx, env, 7)
		},
	}}
}

// servedBeside requires that a connection is served although another one, on which only so many bytes of m1 were sent, came first.
func servedBeside(ctx context.Context, env conformance.Env, sent int) error {
	idle, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	m1 := adversary.Frame(idle.Outer(makeFirst(idle, &idle.Noise)).Bytes())
	if sent > 0 {
		if err := idle.SendRaw(m1[:sent]); err != nil {
			return err
		}
	}
	ok, err := serves(ctx, env, idleLimit(env))
	if err != nil {
		return err
	}
	if !ok {
		// It may have been turned away, or not even accepted, while the peer was busy. The peer ends the idle connection in time.
		if err := idle.ExpectNothing(idleLimit(env), "CHAN-001", "half a frame"); err != nil {
			return err
		}
		if idle.Ended() {
			ok, err = serves(ctx, env, env.Patience())
		}
		if err != nil {
			return err
		}
	}
	if !ok {
		return adversary.Fail("TRAN-023", "a second connection that is served, at the latest when the idle one's handshake has to be over",
			"no answer to m1 in "+idleLimit(env).String())
	}
	if err := idle.SendRaw(m1[sent:]); err != nil { // TRAN-004 is not the question
		return err
	}
	return idle.Close()
}

// serves tells whether a new connection gets an m2 in time, and if so finishes the exchange.
func serves(ctx context.Context, env conformance.Env, wait time.Duration) (bool, error) {
	s, err := adversary.Dial(ctx, env)
	if errors.Is(err, conformance.ErrUnreachable) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := s.SendMessage(makeFirst(s, &s.Noise)); err != nil {
		return false, err
	}
	if err := s.Await(wait); adversary.Absent(err) {
		return false, s.Close()
	} else if err != nil {
		return false, err
	}
	if err := s.ReadM2(); err != nil {
		return false, err
	}
	if err := s.SendMessage(s.Last()); err != nil {
		return false, err
	}
	if err := s.Finish(); err != nil {
		return false, err
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return false, err
	}
	return true, s.Close()
}

// idleLimit is when an idle connection's handshake is over for sure (NOISE-013).
func idleLimit(env conformance.Env) time.Duration {
	deadline := env.HandshakeDeadline()
	if deadline == 0 {
		deadline = maxDeadline
	}
	return deadline + env.Patience()
}

// maxDeadline is the longest deadline of a handshake (NOISE-013).
const maxDeadline = 30 * time.Second
