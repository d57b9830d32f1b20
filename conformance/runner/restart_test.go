package runner

import (
	"context"
	"errors"
	"testing"

	"ockamtest/conformance"
)

// A restartedPeer is a fakePeer that can be started again.
type restartedPeer struct {
	*fakePeer
	restarts int
	err      error
}

func (p *restartedPeer) Restart(context.Context) error {
	p.restarts++
	return p.err
}

func TestRestart(t *testing.T) {
	c := newCase("noise/restarted", func(ctx context.Context, env conformance.Env) error {
		if _, err := env.Open(ctx); err != nil {
			return err
		}
		return env.(conformance.RestartEnv).Restart(ctx)
	})
	if _, err := check(t.Context(), newConfig(newFakePeer(), c), 0, conformance.Pass, conformance.Unsupported); err != nil {
		t.Errorf("a peer that the kit has not started: %v", err)
	}
	peer := &restartedPeer{fakePeer: newFakePeer()}
	if _, err := check(t.Context(), newConfig(peer, c), 0, conformance.Pass, conformance.Pass); err != nil || peer.restarts != 1 {
		t.Errorf("a peer that it has started: %v, %d restarts, want 1", err, peer.restarts)
	}
	peer = &restartedPeer{fakePeer: newFakePeer(), err: errors.New("trouble")}
	if _, err := check(t.Context(), newConfig(peer, c), 3, conformance.Pass, conformance.Error); err != nil {
		t.Errorf("a peer that does not start again: %v", err)
	}
}
