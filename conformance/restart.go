package conformance

import "context"

// A RestartPeer is a Peer whose program the kit has started, and can end and start again.
type RestartPeer interface {
	Peer
	// Restart ends the program and its links; the next Open starts it anew, as another process would be. It is no Death.
	Restart(ctx context.Context) error
}

// A RestartEnv is an Env through which a case ends the peer's program, for what has to differ from one start to the next (NOISE-008).
type RestartEnv interface {
	Env
	// Restart is that of the peer, and an *Inapplicable for one that the kit has not started. Links that are open end.
	Restart(ctx context.Context) error
}
