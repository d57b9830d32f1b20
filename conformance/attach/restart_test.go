package attach

import (
	"context"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/peers"
)

// A peer that the kit restarts has not died, is another instance afterwards, and is served as before.
func TestRestart(t *testing.T) {
	tests := []struct {
		name   string
		attach func(t *testing.T) conformance.Peer
		// instance names what runs now, "" if that does not show.
		instance func(t *testing.T, peer conformance.Peer) any
	}{
		{"in process", func(t *testing.T) conformance.Peer { return NewInProcess(peers.Correct(), 1) },
			func(_ *testing.T, peer conformance.Peer) any { return peer.(*inProcess).node }},
		{"exec", func(t *testing.T) conformance.Peer { return attachExec(t, Config{}, "flynn", "") },
			func(t *testing.T, peer conformance.Peer) any { return pid(t, peer.(*execPeer)) }},
		{"adapter", func(t *testing.T) conformance.Peer { return attachPeer(t, Config{}, adapterText(t, "good")) },
			func(_ *testing.T, peer conformance.Peer) any { return peer.(*adapterPeer).adapter }},
	}
	for _, tt := range tests {
		for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
			t.Run(tt.name+"/"+string(role), func(t *testing.T) {
				peer := tt.attach(t)
				k := newKit(t, peer, role, "v1")
				before, first := keyOf(t, k), tt.instance(t, peer)
				for range 2 { // once more than needed: there is nothing to end the second time
					if err := peer.(conformance.RestartPeer).Restart(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				after, second := keyOf(t, k), tt.instance(t, peer)
				if first == second {
					t.Error("the same instance runs on")
				}
				if before == after && tt.name == "in process" { // the others here have a seed of their own that is always the same
					t.Error("its ephemeral key is the same")
				}
				if death := peer.Death(); death != nil {
					t.Errorf("it counts as dead: %v", death)
				}
			})
		}
	}
}

// keyOf is the peer's ephemeral key in a new handshake, which is left open.
func keyOf(t *testing.T, k *kit) string {
	t.Helper()
	s, err := adversary.Dial(t.Context(), k)
	if err == nil {
		err = s.Begin()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // it may have been ended by the restart
	return string(s.Noise.RE)
}

// An adapter that does not end in order when it is told to has died.
func TestRestartOfAnAdapterThatStays(t *testing.T) {
	peer := attachPeer(t, Config{}, adapterText(t, "exit-after-quit"))
	if err := peer.(conformance.RestartPeer).Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	if death := peer.Death(); death == nil || !strings.Contains(death.Error(), "exit status") {
		t.Errorf("got %v, want its exit status", death)
	}
}
