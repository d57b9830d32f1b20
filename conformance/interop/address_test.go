package interop

import (
	"context"
	"sync"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
)

// Peers that somebody else has started: a responder that listens, and an initiator that dials again and again.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, over := range []conformance.Transport{conformance.TCP, conformance.UDP} {
		t.Run(string(over), func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			var running sync.WaitGroup
			defer running.Wait()
			defer stop()
			serve := func(role conformance.Role, at string, listening func(string)) {
				running.Go(func() {
					if err := attach.Serve(ctx, attach.ServeConfig{Role: role, Profile: "v1", Transport: over, Address: at, Listening: listening}); err != nil {
						t.Error(err)
					}
				})
			}
			bound := make(chan string, 1)
			serve(conformance.Responder, "127.0.0.1:0", func(address string) { bound <- address })
			var all []Peer
			for _, text := range []string{"accept:" + string(over) + "://127.0.0.1:0", string(over) + "://" + <-bound, "in-process:reference"} {
				p, err := ParsePeer(text, []conformance.Program{attach.Reference()})
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, p)
			}
			doors := 0
			m := matrixOf(t, Config{
				Peers: all, Profiles: profilesNamed(t, "v1"), Transports: []conformance.Transport{over},
				Listening: func(_, address string) {
					doors++
					serve(conformance.Initiator, address, nil)
				},
			})
			green(t, m, 4) // two initiators, two responders
			if doors != 1 {
				t.Errorf("the kit has listened %d times, want once", doors)
			}
		})
	}
}

func TestParsePeer(t *testing.T) {
	for _, tt := range []struct{ text, name, spec string }{
		{"in-process:reference", "reference", "in-process:reference"},
		{"mine=in-process:reference", "mine", "in-process:reference"},
		{"exec:./bin/peer {role} a=b", "peer", "exec:./bin/peer {role} a=b"},
		{"c-1=exec:./peer", "c-1", "exec:./peer"},
		{"tcp://127.0.0.1:4000", "tcp://127.0.0.1:4000", "tcp://127.0.0.1:4000"},
		{"adapter:./adapter", "adapter", "adapter:./adapter"},
	} {
		p, err := ParsePeer(tt.text, []conformance.Program{attach.Reference()})
		if err != nil || p.Name != tt.name || p.Spec.Text != tt.spec {
			t.Errorf("%s: name %q, peer %q, %v", tt.text, p.Name, p.Spec.Text, err)
		}
	}
	for _, text := range []string{"", "nonsense", "a b=tcp://127.0.0.1:1", "in-process:nobody", "tcp://127.0.0.1:1,udp://127.0.0.1:1"} {
		if p, err := ParsePeer(text, nil); err == nil {
			t.Errorf("%q is taken for %q", text, p.Name)
		}
	}
	same := []Peer{{Name: "a"}, {Name: "b"}, {Name: "a"}, {Name: "a"}}
	Distinguish(same)
	if got := same[0].Name + same[1].Name + same[2].Name + same[3].Name; got != "aba-2a-3" {
		t.Errorf("names %q", got)
	}
}
