package attach

import (
	"context"
	"slices"
	"time"

	"ockamtest/conformance"
)

// Ending waits for the process of a command that the kit has started to end by itself, for wait at most, and tells how it has ended, as "exit
// status 0", and whether that was status 0. ended is false if it has not, or if the peer has no such process. It is to be called before the next
// Open, Death, or Close, which take leave of the process.
func Ending(ctx context.Context, peer conformance.Peer, wait time.Duration) (text string, clean, ended bool) {
	p, ok := peer.(*execPeer)
	if !ok || p.run == nil || !p.run.endsWithin(ctx, wait) {
		return "", false, false
	}
	return p.run.process.exit.text, p.run.process.exit.clean, true
}

// Log returns the last lines that the process of a command or an adapter has written on its standard output and standard error, cut and escaped;
// nil of other peers. It is to be called before the next Open, Death, or Close, as Ending.
func Log(peer conformance.Peer) []string {
	switch p := peer.(type) {
	case *execPeer:
		if p.run != nil {
			return p.run.process.journal.tail()
		}
	case *adapterPeer:
		if p.adapter != nil {
			return p.adapter.Log()
		}
	}
	return nil
}

// Names tells whether the command of a peer has one of these placeholders.
func (s Spec) Names(placeholders ...string) bool {
	p := &execPeer{cfg: Config{Spec: s}}
	return s.Kind == Exec && slices.ContainsFunc(placeholders, p.names)
}
