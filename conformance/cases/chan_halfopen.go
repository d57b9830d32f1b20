package cases

import (
	"context"
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// CHAN-012: "Half-open handshakes are bounded (configurable, default 1,024). At the bound the oldest gives way; open channels are not
// affected."
func chanHalfOpen() []conformance.Case {
	return []conformance.Case{{
		ID:           "chan/half-open-many",
		Title:        "Two hundred half-open handshakes keep neither an open channel from echoing nor a new one from opening.",
		Requirements: []string{"CHAN-012"},
		Transports:   overUDP(),
		Roles:        responder(),
		Run:          func(ctx context.Context, env conformance.Env) error { return halfOpen(ctx, env, 200) },
	}, {
		ID:           "chan/half-open-bound",
		Title:        "Nor do 1,200.",
		Requirements: []string{"CHAN-012"},
		Transports:   overUDP(),
		Roles:        responder(),
		Profiles:     v1(), // one source can hold them all
		Tags:         []string{conformance.TagLong},
		Run:          func(ctx context.Context, env conformance.Env) error { return halfOpen(ctx, env, 1200) },
	}, {
		ID:           "chan/half-open-connections",
		Title:        "Sixty connections with half-open handshakes keep neither an open channel from echoing nor a new one from opening.",
		Requirements: []string{"CHAN-012"},
		Transports:   streams(),
		Roles:        responder(),
		Run:          halfOpenConnections,
	}}
}

// halfOpenConnections does not judge a peer that serves one connection at a time.
func halfOpenConnections(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	for i := range 60 {
		flood, err := beside(ctx, env)
		if err != nil {
			return err
		}
		if err := flood.SendMessage(wire.M1, flood.MakeM1()); err != nil {
			return err
		}
		answer, err := flood.Answer(env.Patience())
		switch {
		case err != nil:
			return err
		case answer == nil && i == 0:
			return alone()
		case answer == nil:
			return adversary.Fail("CHAN-012", "an m2 on each of many connections: the oldest half-open handshake gives way", "no answer to the newest")
		case i%10 == 9:
			if err := s.EchoRandom(controlSize); err != nil {
				return blame("CHAN-012", "an open channel that echoes beside half-open handshakes", err)
			}
		}
	}
	if err := exchange(ctx, env, nil, controlSize); err != nil {
		return blame("CHAN-012", "a new handshake that opens a channel: the oldest gives way", err)
	}
	return s.Close()
}

// beside dials while another connection is open. That a peer takes no second one is no fault.
func beside(ctx context.Context, env conformance.Env) (*adversary.Session, error) {
	s, err := adversary.Dial(ctx, env)
	if errors.Is(err, conformance.ErrUnreachable) {
		return nil, alone()
	}
	return s, err
}

func alone() error {
	return &conformance.Inapplicable{Reason: "the peer does not serve a second connection while the first one is open"}
}

// halfOpen leaves n handshakes half-open: by turns from few sources where those can hold many, else from one source each.
func halfOpen(ctx context.Context, env conformance.Env, n int) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	var flood *adversary.Session
	for i := range n {
		if flood == nil || !manyOfOne(env) {
			if flood, err = adversary.Dial(ctx, env); err != nil {
				return err
			}
		} else if flood, err = flood.Sibling(); err != nil {
			return err
		}
		if err := flood.SendMessage(wire.M1, flood.MakeM1()); err != nil {
			return err
		}
		if err := flood.Await(4 * env.Quiet()); err != nil && !adversary.Absent(err) { // whatever it is, one at a time
			return err
		}
		if _, err := flood.ReceiveFrame(0); err != nil && !adversary.Absent(err) {
			return err
		}
		if i%10 == 9 {
			if err := s.EchoRandom(controlSize); err != nil {
				return blame("CHAN-012", "an open channel that echoes beside half-open handshakes", err)
			}
		}
	}
	if err := exchange(ctx, env, nil, controlSize); err != nil {
		return blame("CHAN-012", "a new handshake that opens a channel: the oldest gives way", err)
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return blame("CHAN-012", "an open channel that echoes beside half-open handshakes", err)
	}
	return s.Close()
}

// manyOfOne tells whether a source can have many handshakes at once.
func manyOfOne(env conformance.Env) bool {
	return env.Profile().Name == "v1" || env.Profile().Name == "e09"
}
