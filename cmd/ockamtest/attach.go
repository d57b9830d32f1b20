package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/runner"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/keyfile"
)

// The reference's handshake deadline, for which a run has to wait a few times, and when it repeats for the first time.
const (
	embeddedDeadline = 500 * time.Millisecond
	embeddedRepeat   = 60 * time.Millisecond
)

// attachPeer attaches what --peer names, or the embedded reference.
func (a *app) attachPeer(ctx context.Context, o *runOptions, cfg *runner.Config) (conformance.Peer, error) {
	if cfg.StaticKey == nil { // a peer may have to be told it
		cfg.StaticKey = runner.StaticKey(o.seed)
	}
	keys, err := publicKeys(cfg.StaticKey, cfg.Profiles)
	if err != nil {
		return nil, usagef("--key: %w", err)
	}
	if o.peer == "" {
		peer, err := attach.EmbeddedReference(ctx, attach.EmbeddedConfig{
			HandshakeTimeout: embeddedDeadline, RepeatAfter: embeddedRepeat, KitKey: keys,
		})
		if err != nil {
			return nil, troublef("the embedded reference: %w", err)
		}
		return peer, nil
	}
	spec, err := attach.Parse(o.peer)
	if err != nil {
		return nil, usagef("%w", err)
	}
	var programs []conformance.Program
	for _, b := range builtinPrograms() {
		programs = append(programs, b.program)
	}
	peer, err := attach.Open(ctx, o.board.attachment(a, attach.Config{
		Spec: spec, Scale: o.timeoutScale, Roles: cfg.Roles, Transports: cfg.Transports, MaxConnections: o.maxConnections,
		KitKey: keys, Route: cfg.Route, Service: cfg.Service, Programs: programs, Seed: o.seed,
		Listening: func(address string) { fmt.Fprintf(a.err, "listening %s\n", address) },
	}))
	switch {
	case errors.Is(err, conformance.ErrUnreachable): // an adapter that does not start
		return nil, troublef("--peer: %w", err)
	case err != nil:
		return nil, usagef("--peer: %w", err)
	}
	if spec.Kind == attach.Adapter {
		if err := declared(peer, cfg, len(o.profiles) == 0); err != nil {
			return nil, errors.Join(err, peer.Close())
		}
	}
	return peer, nil
}

// declared leaves the profiles that an adapter declares, unless the user has chosen. Where the kit knows none of them the run tells of each that
// it is not supported. An adapter that has nothing for cases is not run against.
func declared(peer conformance.Peer, cfg *runner.Config, choose bool) error {
	if info := peer.Info(); len(info.Roles) == 0 || len(info.Transports) == 0 {
		return &exitError{conformance.ExitNothingRan, errors.New("the adapter declares no listen or connect over any transport: cases do not reach it; 'ockamtest vectors run' does")}
	}
	names, _ := attach.DeclaredProfiles(peer)
	known := slices.DeleteFunc(slices.Clone(cfg.Profiles), func(p profile.Profile) bool { return !slices.Contains(names, p.Name) })
	if choose && len(known) > 0 {
		cfg.Profiles = known
	}
	return nil
}

// publicKeys are the public keys of a private one in the suites of profiles, by profile.
func publicKeys(private []byte, profiles []profile.Profile) (map[string][]byte, error) {
	keys := map[string][]byte{}
	for _, p := range profiles {
		pair, err := adversary.LoadKeyPair(p.Suite, private)
		if err != nil {
			return nil, fmt.Errorf("profile %s: %w", p.Name, err)
		}
		keys[p.Name] = pair.Public
	}
	return keys, nil
}

// readKeyFile reads a static private key: 64 hex digits, or what openssl writes. A file that tells its curve has to fit every profile. That
// others can read it does not matter: it is a key for tests.
func readKeyFile(name string, profiles []profile.Profile) ([]byte, error) {
	key, err := keyfile.Read(name, keyfile.Config{AllowExposed: true})
	if err != nil {
		return nil, err
	}
	for _, p := range profiles {
		if key.Type != 0 && (key.Type == vault.P256PrivateKey) != p.Suite.P256 {
			return nil, fmt.Errorf("%s: profile %s needs a key of another curve than %v", name, p.Name, key.Type)
		}
	}
	return key.Raw, nil
}
