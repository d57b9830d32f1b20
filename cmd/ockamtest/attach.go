package main

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"encoding/hex"
	"fmt"
	"os"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/runner"
)

// embeddedDeadline is the reference's handshake deadline, for which a run has to wait a few times.
const embeddedDeadline = 500 * time.Millisecond

// attachPeer attaches what --peer names, or the embedded reference.
func (a *app) attachPeer(ctx context.Context, o *runOptions, cfg *runner.Config) (conformance.Peer, error) {
	if o.peer == "" {
		peer, err := attach.EmbeddedReference(ctx, attach.EmbeddedConfig{HandshakeTimeout: embeddedDeadline})
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
	key, err := ecdh.X25519().NewPrivateKey(cfg.StaticKey)
	if err != nil {
		return nil, usagef("--key: %w", err)
	}
	var programs []conformance.Program
	for _, b := range builtinPrograms() {
		programs = append(programs, b.program)
	}
	peer, err := attach.Open(ctx, attach.Config{
		Spec: spec, Scale: o.timeoutScale, Roles: cfg.Roles, MaxConnections: o.maxConnections,
		KitKey: key.PublicKey().Bytes(), Programs: programs, Seed: o.seed,
		Listening: func(address string) { fmt.Fprintf(a.err, "listening %s\n", address) },
	})
	if err != nil {
		return nil, usagef("--peer: %w", err)
	}
	return peer, nil
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
