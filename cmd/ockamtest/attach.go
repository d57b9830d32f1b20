package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/runner"
	"ockamtest/ref/profile"
)

// The reference's handshake deadline, for which a run has to wait a few times, and when it repeats for the first time.
const (
	embeddedDeadline = 500 * time.Millisecond
	embeddedRepeat   = 60 * time.Millisecond
)

// attachPeer attaches what --peer names, or the embedded reference.
func (a *app) attachPeer(ctx context.Context, o *runOptions, cfg *runner.Config) (conformance.Peer, error) {
	if o.peer == "" {
		peer, err := attach.EmbeddedReference(ctx, attach.EmbeddedConfig{HandshakeTimeout: embeddedDeadline, RepeatAfter: embeddedRepeat})
		if err != nil {
			return nil, troublef("the embedded reference: %w", err)
		}
		return peer, nil
	}
	spec, err := attach.Parse(o.peer)
	if err != nil {
		return nil, usagef("%w", err)
	}
	if cfg.StaticKey == nil { // {peerkey} has to name it
		cfg.StaticKey = runner.StaticKey(o.seed)
	}
	keys, err := publicKeys(cfg.StaticKey)
	if err != nil {
		return nil, usagef("--key: %w", err)
	}
	var programs []conformance.Program
	for _, b := range builtinPrograms() {
		programs = append(programs, b.program)
	}
	peer, err := attach.Open(ctx, attach.Config{
		Spec: spec, Scale: o.timeoutScale, Roles: cfg.Roles, Transports: cfg.Transports, MaxConnections: o.maxConnections,
		KitKey: keys, Programs: programs, Seed: o.seed,
		Listening: func(address string) { fmt.Fprintf(a.err, "listening %s\n", address) },
	})
	if err != nil {
		return nil, usagef("--peer: %w", err)
	}
	return peer, nil
}

// publicKeys are the public keys of a private one in the suite of each profile.
func publicKeys(private []byte) (map[string][]byte, error) {
	keys := map[string][]byte{}
	for _, p := range profile.All() {
		pair, err := adversary.LoadKeyPair(p.Suite, private)
		if err != nil {
			return nil, fmt.Errorf("profile %s: %w", p.Name, err)
		}
		keys[p.Name] = pair.Public
	}
	return keys, nil
}

// readKeyFile reads a static private key: 64 hex digits and nothing else but white space around them.
func readKeyFile(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimSpace(text)
	if len(text) != 2*32 {
		return nil, fmt.Errorf("%s: want 64 hex digits, found %d characters", name, len(text))
	}
	key := make([]byte, 32)
	if _, err := hex.Decode(key, text); err != nil {
		return nil, fmt.Errorf("%s: want 64 hex digits", name) // the error would quote the key
	}
	return key, nil
}
