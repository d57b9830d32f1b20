package cases

import (
	"context"

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
	}}
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
