package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"ockamtest/conformance"
)

// A seenPeer is a fakePeer that shows what is in it.
type seenPeer struct {
	*fakePeer
	seen conformance.Insight
	err  error
}

func (p *seenPeer) Insight(context.Context) (conformance.Insight, error) { return p.seen, p.err }

// A silentInsight is one of which nothing is asked.
type silentInsight struct{ conformance.Insight }

// looking is a case that looks into the peer, makes no session, and ends with err.
func looking(err error) conformance.Case {
	c := newCase("vault/look", func(ctx context.Context, env conformance.Env) error {
		if _, failed := env.(conformance.InsightEnv).Insight(ctx); failed != nil {
			return failed
		}
		return err
	})
	c.Needs = conformance.NeedsInsight
	return c
}

func TestInsight(t *testing.T) {
	failure := &conformance.Failure{Requirement: "VAULT-003", Expected: "this", Actual: "that"}
	tests := []struct {
		name string
		peer func(p *fakePeer) conformance.Peer
		err  error // of the case
		want conformance.Outcome
		exit int
	}{
		{"none to be seen", func(p *fakePeer) conformance.Peer { return p }, nil, conformance.Unsupported, 0},
		{"passed without a session", func(p *fakePeer) conformance.Peer { return &seenPeer{p, silentInsight{}, nil} }, nil, conformance.Pass, 0},
		{"failed", func(p *fakePeer) conformance.Peer { return &seenPeer{p, silentInsight{}, nil} }, failure, conformance.Fail, 1},
		{"not declared", func(p *fakePeer) conformance.Peer {
			return &seenPeer{p, nil, &conformance.Inapplicable{Reason: "no verb"}}
		}, nil, conformance.Unsupported, 0},
		{"trouble", func(p *fakePeer) conformance.Peer { return &seenPeer{p, nil, errors.New("trouble")} }, nil, conformance.Error, 3},
		{"died of it", func(p *fakePeer) conformance.Peer {
			p.death = errors.New("exit status 1")
			return &seenPeer{p, nil, fmt.Errorf("%w: gone", conformance.ErrUnreachable)}
		}, nil, conformance.Fail, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake := newFakePeer()
			peer := test.peer(fake)
			died := fake.death
			fake.death = nil
			c := looking(test.err)
			inner := c.Run
			c.Run = func(ctx context.Context, env conformance.Env) error {
				fake.death = died // in the case, not before
				return inner(ctx, env)
			}
			if _, err := check(t.Context(), newConfig(peer, c), test.exit, conformance.Pass, test.want); err != nil {
				t.Error(err)
			}
		})
	}
}

// A peer that is gone after a case looked into it has not passed that case.
func TestInsightIsFollowedByControl(t *testing.T) {
	fake := newFakePeer()
	c := looking(nil)
	inner := c.Run
	c.Run = func(ctx context.Context, env conformance.Env) error {
		fake.answer = func([]byte) ([]byte, error) { return nil, io.EOF }
		return inner(ctx, env)
	}
	if _, err := check(t.Context(), newConfig(&seenPeer{fake, silentInsight{}, nil}, c), 1, conformance.Pass, conformance.Fail); err != nil {
		t.Error(err)
	}
}

// The peer is told how to read, for that session alone.
func TestOpenReading(t *testing.T) {
	fake := newFakePeer()
	how := conformance.Reading{Buffer: 7}
	c := newCase("io/read", func(ctx context.Context, env conformance.Env) error {
		_, err := env.(conformance.ReadingEnv).OpenReading(ctx, how)
		return err
	})
	c.Needs = conformance.NeedsReading
	if _, err := check(t.Context(), newConfig(fake, c), 0, conformance.Pass, conformance.Pass); err != nil {
		t.Error(err)
	}
	var read int
	for _, need := range fake.opened {
		if need.Reading == how {
			read++
		}
	}
	if read != 1 || len(fake.opened) != 3 {
		t.Errorf("%d of %d sessions were read so, want 1 of 3", read, len(fake.opened))
	}
}
