package attach

import (
	"fmt"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// The reference echoes in a tunnel of every depth, whichever way it is attached.
func TestReferenceInTunnels(t *testing.T) {
	embedded := func(t *testing.T) conformance.Peer {
		t.Helper()
		peer, err := EmbeddedReference(t.Context(), EmbeddedConfig{HandshakeTimeout: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = peer.Close() })
		return peer
	}
	ran := 0
	for _, how := range []struct {
		name   string
		attach func(t *testing.T) conformance.Peer
		stream conformance.Transport
	}{
		{"embedded", embedded, conformance.TCP},
		{"in process", func(*testing.T) conformance.Peer { return NewInProcess(Reference(), 1) }, conformance.Mem},
	} {
		for _, p := range profile.All() {
			for _, transport := range []conformance.Transport{how.stream, conformance.UDP} {
				if !conformance.HasTunnels(p) || transport != conformance.UDP && len(p.Transports) == 1 {
					continue
				}
				for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
					for depth := 2; depth <= 4; depth++ {
						ran++
						t.Run(fmt.Sprintf("%s/%s/%s/%s/%d", how.name, p.Name, transport, role, depth), func(t *testing.T) {
							k := newKit(t, how.attach(t), role, p.Name)
							k.need.Transport, k.need.Depth = transport, depth
							for range 2 {
								s, err := adversary.OpenChannel(t.Context(), k)
								if err != nil {
									t.Fatal(err)
								}
								for _, n := range []int{0, 100, s.MaxPayload()} {
									if err := s.EchoRandom(n); err != nil {
										t.Fatalf("%d bytes: %v", n, err)
									}
								}
								if err := s.Close(); err != nil {
									t.Fatal(err)
								}
							}
						})
					}
				}
			}
		}
	}
	if ran != 60 {
		t.Errorf("%d runs, want 60", ran)
	}
}
