package attach

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/peers"
)

// The reference tells what it is asked, and refuses with a class.
func TestInsightOfReference(t *testing.T) {
	peer := attachEmbedded(t, EmbeddedConfig{})
	seen, err := peer.(conformance.InsightPeer).Insight(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	base := append([]byte{9}, make([]byte, 31)...)
	shared, err := seen.Agree(t.Context(), conformance.Agree{Private: bytes.Repeat([]byte{8}, 32), Public: base})
	if err != nil || shared.Is(make([]byte, 32)) {
		t.Errorf("agree: got %v, %v", shared, err)
	}
	var refused *conformance.Refusal
	if _, err := seen.Agree(t.Context(), conformance.Agree{Private: base, Public: make([]byte, 32)}); !errors.As(err, &refused) || refused.Class != "weak-key" {
		t.Errorf("agree with a zero key: got %v, want a refusal with class weak-key", err)
	}
	vault, ok := seen.(conformance.VaultInsight)
	if !ok {
		t.Fatal("it does not show its vault")
	}
	if _, err := vault.Operate(t.Context(), conformance.Operation{Op: conformance.OpExport, Secret: 9}); !errors.As(err, &refused) || refused.Class != "no-secret" {
		t.Errorf("export of nothing: got %v, want a refusal with class no-secret", err)
	}
	if err := peer.Close(); err != nil {
		t.Error(err)
	}
	if _, err := peer.(conformance.InsightPeer).Insight(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: got %v, want ErrClosed", err)
	}
}

// What an adapter does not declare is not asked of it.
func TestInsightUndeclared(t *testing.T) {
	nothing := &insight{} // without a client: whatever asks it anything dies
	var vault conformance.VaultInsight = nothing
	calls := map[string]func() error{
		"agree": func() error { _, err := vault.Agree(t.Context(), conformance.Agree{}); return err },
		"p256":  func() error { _, err := vault.Agree(t.Context(), conformance.Agree{P256: true}); return err },
		"hkdf":  func() error { _, err := vault.HKDF(t.Context(), nil, nil, 1); return err },
		"seal":  func() error { _, err := vault.AEAD(t.Context(), conformance.AEAD{}); return err },
		"open":  func() error { _, err := vault.AEAD(t.Context(), conformance.AEAD{Open: true}); return err },
		"begin": func() error { _, err := vault.Begin(t.Context(), conformance.Begin{}); return err },
		"vault": func() error { _, err := vault.Operate(t.Context(), conformance.Operation{}); return err },
	}
	for name, call := range calls {
		var lacks *conformance.Inapplicable
		if err := call(); !errors.As(err, &lacks) {
			t.Errorf("%s: got %v, want that it does not apply", name, err)
		}
	}
}

// The reference reads as it is told, and its echoes are what they always are; who cannot be told is not judged.
func TestReading(t *testing.T) {
	how := []conformance.Reading{{}, {Buffer: 3}, {GiveUp: time.Millisecond}, {Buffer: 1, GiveUp: time.Millisecond}}
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		peer := attachEmbedded(t, EmbeddedConfig{})
		for _, reading := range how {
			k := newKit(t, peer, role, "v1")
			k.need.Reading = reading
			s, err := adversary.OpenChannel(t.Context(), k)
			if err != nil {
				t.Fatal(err)
			}
			for _, size := range []int{0, 1, 3, 4, 500} {
				if err := s.EchoRandom(size); err != nil {
					t.Errorf("%+v: %d bytes: %v", reading, size, err)
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	untold := NewInProcess(peers.Lawful()[0], 1)
	closeWithTest(t, untold)
	var lacks *conformance.Inapplicable
	need := conformance.Need{Role: conformance.Responder, Transport: conformance.Mem, Profile: "v1", Reading: conformance.Reading{Buffer: 1}}
	if _, err := untold.Open(t.Context(), need); !errors.As(err, &lacks) {
		t.Errorf("got %v, want that it does not apply", err)
	}
}
