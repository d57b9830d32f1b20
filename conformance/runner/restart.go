package runner

import (
	"context"
	"fmt"

	"ockamtest/conformance"
)

// Restart ends the peer's program, which the next Open starts again.
func (e *env) Restart(ctx context.Context) error {
	peer, ok := e.run.cfg.Peer.(conformance.RestartPeer)
	if !ok {
		return &conformance.Inapplicable{Reason: "the kit has not started the peer, and so cannot start it again"}
	}
	if err := e.over(); err != nil {
		return err
	}
	e.recorder.event(0, "kit ends the peer's program, to start it again")
	before := e.run.cfg.Clock()
	err := peer.Restart(ctx)
	e.opening += e.run.cfg.Clock().Sub(before)
	if err != nil {
		return fmt.Errorf("runner: restart: %w", err)
	}
	return nil
}
