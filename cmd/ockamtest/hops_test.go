package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/conformance/attach"
	"ockamtest/ref/wire"
)

// served runs a peer until the test ends, and returns the addresses at which it listens, as routes have them.
func served(t *testing.T, addresses int, transport conformance.Transport, serve func(context.Context, attach.ServeConfig) error,
	cfg attach.ServeConfig) []string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	listening := make(chan string, 2)
	cfg.Profile, cfg.Transport, cfg.Address = "v1", transport, "127.0.0.1:0"
	cfg.Listening = func(address string) { listening <- address }
	var running sync.WaitGroup
	running.Go(func() {
		if err := serve(ctx, cfg); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	var all []string
	for range addresses {
		address := <-listening
		if !strings.Contains(address, "://") {
			address = string(transport) + "://" + address
		}
		all = append(all, address)
	}
	slices.Sort(all) // tcp, udp
	return all
}

// Behind hops, over mixed transports, the cases that can apply there accuse nobody, and those that cannot are skipped with the reason. The
// fault of a broken peer shows as it does without hops.
func TestThroughHops(t *testing.T) {
	hop := served(t, 2, "", attach.Serve, attach.ServeConfig{Role: conformance.Router})
	other := served(t, 2, "", attach.Serve, attach.ServeConfig{Role: conformance.Router})
	packets := served(t, 1, conformance.UDP, attach.Serve, attach.ServeConfig{Role: conformance.Responder})[0]
	stream := served(t, 1, conformance.TCP, attach.Serve, attach.ServeConfig{Role: conformance.Responder})[0]
	deep := served(t, 1, conformance.UDP, attach.Serve, attach.ServeConfig{Role: conformance.Responder, Depth: 2})[0]
	named := served(t, 1, conformance.UDP, attach.Serve, attach.ServeConfig{
		Role: conformance.Responder, Route: wire.Route{wire.LocalAddress([]byte{1, 2, 3, 4})},
	})[0]
	for _, tt := range []struct {
		name, peer, route, depth string
		passes                   int
	}{
		{"a datagram hop", hop[1], packets, "1", 50},
		{"a hop from TCP to UDP", hop[0], packets, "1", 45},
		{"a hop from UDP to TCP", hop[1], stream, "1", 50},
		{"two hops", hop[1], other[0] + "," + stream, "1", 50},
		{"a listener with a local address", hop[1], named + ",local:01020304", "1", 50},
		{"a tunnel behind two hops", hop[0], other[1] + "," + deep, "2", 45},
	} {
		t.Run(tt.name, func(t *testing.T) {
			results := conformant(t, "--peer", tt.peer, "--route", tt.route, "--depth", tt.depth)
			passes, skipped := 0, 0
			for i := range results.Results {
				r := &results.Results[i]
				switch {
				case r.Outcome == conformance.Pass:
					passes++
				case r.Outcome == conformance.Skipped && strings.Contains(r.Reason, "hops"):
					skipped++
				case r.Outcome != conformance.Skipped && r.Outcome != conformance.Unsupported:
					t.Errorf("%s: %s: expected %s, got %s %s", r.Case, r.Outcome, r.Expected, r.Actual, r.Reason)
				}
				if want := "--route " + tt.route; !strings.Contains(r.Rerun, want) {
					t.Fatalf("%s: the line that runs it again has no %q: %s", r.Case, want, r.Rerun)
				}
			}
			if passes < tt.passes || skipped < 10 {
				t.Errorf("%d cases passed, want at least %d; %d are skipped for the hops, want at least 10", passes, tt.passes, skipped)
			}
		})
	}
	broken := served(t, 1, conformance.UDP, serveProgram(t, "plaintext-before-open"), attach.ServeConfig{Role: conformance.Responder})[0]
	var out bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &out, width: defaultWidth}
	code := a.execute(t.Context(), []string{"run", "--peer", hop[1], "--route", broken, "--requirement", "CHAN-002"})
	if code != conformance.ExitNotConformant || !strings.Contains(out.String(), "FAIL chan/clear-payload-before-open") {
		t.Errorf("got exit code %d, want %d and a failure of chan/clear-payload-before-open:\n%s", code, conformance.ExitNotConformant, &out)
	}
}

// serveProgram serves a broken peer.
func serveProgram(t *testing.T, name string) func(context.Context, attach.ServeConfig) error {
	t.Helper()
	for _, f := range peers.Broken() {
		if f.Name == name {
			return func(ctx context.Context, cfg attach.ServeConfig) error {
				return attach.ServeProgram(ctx, f.Program, cfg)
			}
		}
	}
	t.Fatalf("no broken peer is named %s", name)
	return nil
}
