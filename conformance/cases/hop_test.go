package cases_test

import (
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary/routers"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/cases"
	"ockamtest/conformance/runner"
	"ockamtest/ref/profile"
)

// routed runs cases against a router in process and returns the results without the control's, unless that is what was asked for.
func routed(t *testing.T, p conformance.Program, transport conformance.Transport, ids ...string) []conformance.Result {
	t.Helper()
	peer := attach.NewInProcess(p, 3)
	r, err := runner.Run(t.Context(), runner.Config{
		Peer: peer, Cases: cases.All(), Control: cases.Control(), Forward: cases.Forward(),
		Profiles: []profile.Profile{profile.V1()}, Transports: []conformance.Transport{transport}, Seed: 3,
		Select: runner.Selection{Cases: ids}, Clock: func() time.Time { return time.Time{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := peer.Close(); err != nil {
		t.Fatal(err)
	}
	var results []conformance.Result
	for _, result := range r.Results {
		if !result.Implied {
			results = append(results, result)
		}
	}
	return results
}

func TestForwardIsACase(t *testing.T) {
	forward := cases.Forward()
	if forward.ID != "rout/forward-and-back" || forward.Run == nil || len(forward.Roles) != 1 || forward.Roles[0] != conformance.Router {
		t.Errorf("got %+v", forward)
	}
}

// The correct router passes every case about routers, and needs no excuse.
func TestCorrectRouter(t *testing.T) {
	for transport, least := range map[conformance.Transport]int{conformance.Mem: 50, conformance.UDP: 40} {
		results := routed(t, routers.Correct(), transport)
		for _, r := range results {
			if r.Outcome != conformance.Pass {
				t.Errorf("%s over %s: %s, %s %s", r.Case, transport, r.Outcome, r.Actual, r.Reason)
			}
		}
		if len(results) < least {
			t.Errorf("%d cases over %s, want at least %d", len(results), transport, least)
		}
	}
}

// A case names the rule that a router broke, over streams and over datagrams.
func TestRouterBlame(t *testing.T) {
	tests := []struct {
		id, router, want string
		transports       []conformance.Transport
	}{
		{"rout/forward-and-back", "hop-own-address-missing", "ROUT-004", nil},
		{"rout/forward-and-back", "hop-own-address-behind", "ROUT-004", nil},
		{"rout/forward-and-back", "hop-own-port-big-endian", "WIRE-007", nil},
		{"rout/forward-and-back", "hop-onward-not-shortened", "ROUT-005", nil},
		{"rout/forward-and-back", "hop-destination-removed", "ROUT-004", nil},
		{"rout/forward-and-back", "hop-sent-twice", "ROUT-005", nil},
		{"rout/forward-and-back", "hop-reply-on-new-connection", "ROUT-004", []conformance.Transport{conformance.Mem}},
		{"rout/forward-and-back", "router-pongs", "ROUT-010", nil},
		{"rout/forward-and-back", "router-reflects", "ROUT-010", nil},
		{"rout/leading-address", "hop-leading-address-compared", "ROUT-002", nil},
		{"rout/source-first", "hop-source-believed", "ROUT-003", nil},
		{"rout/source-first", "hop-source-always-in-front", "ROUT-003", nil},
		{"rout/one-connection", "hop-connection-for-each-message", "ROUT-004", []conformance.Transport{conformance.Mem}},
		{"rout/in-order", "hop-last-in-first-out", "ROUT-004", []conformance.Transport{conformance.Mem}},
		{"rout/in-order", "hop-second-frame-lost", "TRAN-003", []conformance.Transport{conformance.Mem}},
		{"rout/next-is-itself", "hop-self-loop", "ROUT-005", nil},
		{"rout/next-is-itself", "hop-self-loop-by-name", "", nil},
		{"rout/next-is-itself-by-name", "hop-self-loop-by-name", "ROUT-005", nil},
		{"rout/unknown-local-address", "hop-unknown-local-address-skipped", "ROUT-001", nil},
		{"rout/unknown-local-address", "hop-unknown-local-address-crash", "ROUT-006", nil},
		{"rout/next-hop-silent", "hop-connecting-blocks", "ROUT-006", []conformance.Transport{conformance.Mem}},
		{"rout/source-not-allowed", "hop-rule-without-source", "ROUT-007", nil},
		{"rout/source-not-allowed", "hop-rule-without-next", "", nil},
		{"rout/next-not-allowed", "hop-rule-without-next", "ROUT-007", nil},
		{"rout/longest-message", "hop-too-long-cut", "REC-010", nil},
		{"rout/return-route-full", "hop-return-count-wraps", "REC-010", nil},
		{"rout/many-addresses", "relays-many-addresses", "ROUT-011", nil},
		{"wire/hop-types", "malformed-closes-router", "", nil},
		{"wire/hop-types", "malformed-resets-router", "", nil},
		{"wire/hop-types", "hop-unknown-type-forwarded", "WIRE-006", nil},
		{"wire/hop-canonical", "hop-noncanonical-dropped", "WIRE-015", nil},
		{"wire/hop-addresses", "hop-ipv6-in-groups", "WIRE-007", nil},
		{"wire/hop-names", "hop-names-resolved-on-receipt", "WIRE-014", nil},
		{"wire/hop-bodies", "hop-body-changed", "WIRE-011", nil},
		{"wire/node-ping", "hop-pong-by-written-route", "ROUT-003", nil},
		{"wire/node-ping", "hop-pong-twice", "WIRE-010", []conformance.Transport{conformance.UDP}},
		{"wire/hop-ping", "hop-ping-for-others-answered", "WIRE-010", nil},
		{"tran/hop-slow-reader", "hop-slow-reader-blocks", "TRAN-023", []conformance.Transport{conformance.Mem}},
		{"tran/hop-slow-reader", "hop-slow-reader-cut", "TRAN-001", []conformance.Transport{conformance.Mem}},
		{"tran/hop-slow-reader", "slow-reader-closed", "", []conformance.Transport{conformance.Mem}},
	}
	programs := map[string]conformance.Program{}
	for _, p := range append(routers.Lawful(), routers.Dead()...) {
		programs[p.Name] = p
	}
	for _, f := range routers.Broken() {
		programs[f.Name] = f.Program
	}
	for _, tt := range tests {
		if tt.transports == nil {
			tt.transports = []conformance.Transport{conformance.Mem, conformance.UDP}
		}
		for _, transport := range tt.transports {
			results := routed(t, programs[tt.router], transport, tt.id)
			if len(results) != 1 {
				t.Errorf("%s against %s over %s: %d results", tt.id, tt.router, transport, len(results))
				continue
			}
			if r := results[0]; r.Requirement != tt.want || (tt.want == "") != (r.Outcome == conformance.Pass) {
				t.Errorf("%s against %s over %s: got %s %s, want %q: %s", tt.id, tt.router, transport, r.Outcome, r.Requirement, tt.want, r.Actual)
			}
		}
	}
}
