package cases_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary/adversarytest"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/conformance/cases"
	"ockamtest/ref/profile"
)

// named finds a broken, lawful, or dead peer.
func named(t *testing.T, name string) conformance.Program {
	t.Helper()
	for _, f := range peers.Broken() {
		if f.Name == name {
			return f.Program
		}
	}
	for _, p := range append(peers.Lawful(), peers.Dead()...) {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("there is no peer %s", name)
	return conformance.Program{}
}

func blamed(t *testing.T, c conformance.Case, p conformance.Program, role conformance.Role, prof profile.Profile) string {
	t.Helper()
	env := adversarytest.New(adversarytest.Config{Program: p, Role: role, Profile: prof, Seed: 3})
	err := c.Run(context.Background(), env)
	var f *conformance.Failure
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &f):
		t.Fatalf("%s against %s: %v is no Failure", c.ID, p.Name, err)
	}
	if f.Expected == "" || f.Actual == "" {
		t.Errorf("%s against %s: %+v says too little", c.ID, p.Name, f)
	}
	return f.Requirement
}

// The control names the rule that a peer broke, in both roles, also where the peer just hangs up.
func TestControlNamesTheRule(t *testing.T) {
	const both = ""
	tests := []struct {
		peer string
		role conformance.Role
		want string
	}{
		{"prologue-not-mixed", both, "NOISE-001"},
		{"hkdf-outputs-swapped", both, "NOISE-003"},
		{"nonce-not-reset-by-mixkey", both, "NOISE-004"},
		{"m3-static-at-nonce-0", conformance.Initiator, "NOISE-004"},
		{"h-without-last-payload", both, "NOISE-014"},
		{"split-as-in-noise", both, "NOISE-010"},
		{"nonce-little-endian", both, "REC-002"},
		{"counter-from-1", both, "REC-002"},
		{"associated-data-wrong", both, "REC-001"},
		{"length-written-little-endian", both, "TRAN-001"},
		{"length-written-with-itself", both, "TRAN-001"},
		{"version-written-0", both, "WIRE-001"},
		{"version-written-overlong", both, "WIRE-002"},
		{"handshake-type-written-wrong", both, "CHAN-001"},
		{"header-delivered", both, "CHAN-005"},
		{"last-byte-lost", both, "CHAN-005"},
		{"silent", both, "CHAN-001"},
		{"close", both, "CHAN-001"},
		{"deaf", both, "CHAN-005"},
	}
	for _, tt := range tests {
		for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
			if tt.role != both && tt.role != role {
				continue
			}
			if got := blamed(t, cases.Control(), named(t, tt.peer), role, profile.V1()); got != tt.want {
				t.Errorf("%s as %s: got %q, want %s", tt.peer, role, got, tt.want)
			}
		}
	}
}

// littleEndian turns the length of each frame round that the correct peer reads and writes; each write is one frame.
func littleEndian() conformance.Program {
	p := peers.Correct()
	start := p.Start
	p.Start = func(need conformance.Need, seed uint64) conformance.Node { return turnedNode{start(need, seed)} }
	return p
}

type turnedNode struct{ conformance.Node }

func (n turnedNode) Connect(local, remote string) conformance.Machine {
	return turnedMachine{n.Node.Connect(local, remote)}
}

type turnedMachine struct{ conformance.Machine }

func (m turnedMachine) Receive(now time.Duration, p []byte) conformance.Output {
	out := m.Machine.Receive(now, turned(p))
	for i, d := range out.Data {
		out.Data[i] = turned(d)
	}
	return out
}

func turned(frame []byte) []byte { return append([]byte{frame[1], frame[0]}, frame[2:]...) }

// A responder that understands no frame is asked in other ones.
func TestControlTriesOtherFrames(t *testing.T) {
	if got := blamed(t, cases.Control(), littleEndian(), conformance.Responder, profile.V1()); got != "TRAN-001" {
		t.Errorf("got %q, want TRAN-001", got)
	}
}

// A case tells a peer that takes what is wrong from one that drops it and from one that fails.
func TestVerdicts(t *testing.T) {
	tests := []struct{ id, peer, want string }{
		{"rec/forged-then-genuine", "bad-tag-dropped", ""},
		{"rec/forged-then-genuine", "fails-silently", ""},
		{"rec/forged-then-genuine", "slow", ""},
		{"rec/forged-then-genuine", "counter-advanced-by-forgery", "REC-004"},
		{"rec/forged-then-genuine", "bad-tag-as-empty", "REC-004"},
		{"rec/replay", "replay-accepted", "REC-007"},
		{"rec/short-ciphertext", "short-ciphertext-delivered", "REC-006"},
		{"rec/inner-malformed", "bad-inner-fatal", "REC-009"},
		{"rec/inner-malformed", "send-counter-reset-by-error", "REC-003"},
		{"rec/plaintext-after-open", "plaintext-after-open", "REC-004"},
		{"chan/m1-twice-before-open", "m1-accepted-twice", "CHAN-001"},
		{"chan/m1-twice-before-open", "genuine-after-failed", "NOISE-007"},
		{"noise/m3-static-tag", "static-tag-unverified", "NOISE-005"},
		{"noise/m3-payload-tag", "payload-tag-unverified", "NOISE-005"},
		{"noise/m3-payload-tag", "fails-silently", ""},
		{"wire/version-2", "first-message-dropped", ""},
		{"wire/version-2", "version-ignored", "WIRE-001"},
		{"tran/two-frames-one-segment", "second-frame-lost", "TRAN-003"},
		{"tran/idle-connection", "one-connection", ""},
		{"tran/idle-connection", "idle-connection-blocks", "TRAN-023"},
	}
	byID := map[string]conformance.Case{}
	for _, c := range cases.All() {
		byID[c.ID] = c
	}
	for _, tt := range tests {
		c, ok := byID[tt.id]
		if !ok {
			t.Errorf("there is no case %s", tt.id)
			continue
		}
		if got := blamed(t, c, named(t, tt.peer), conformance.Responder, profile.V1()); got != tt.want {
			t.Errorf("%s against %s: got %q, want %q", tt.id, tt.peer, got, tt.want)
		}
	}
}
