package ref

import (
	"errors"
	"fmt"

	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// newAgreement makes the key agreement of one channel.
func newAgreement(cfg Config) (key.Agreement, error) {
	if !cfg.Static.IsZero() {
		return newXX(cfg, cfg.Static)
	}
	static, err := generate(cfg.Vault, cfg.Profile.Suite)
	if err != nil {
		return nil, fmt.Errorf("static key: %w", err)
	}
	xx, err := newXX(cfg, static)
	if err != nil {
		return nil, errors.Join(err, cfg.Vault.Destroy(static))
	}
	return &perHandshake{XX: xx, vault: cfg.Vault, static: static}, nil
}

func newXX(cfg Config, static vault.Secret) (*key.XX, error) {
	xx, err := key.NewXX(key.XXConfig{
		Vault:          cfg.Vault,
		Static:         static,
		Suite:          cfg.Profile.Suite,
		Policy:         cfg.Policy,
		AssociatedData: cfg.Profile.AssociatedData,

		AvoidedEphemeral: cfg.Profile.ForbiddenBodies,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return xx, nil
}

// generate makes a static key for one handshake.
func generate(v vault.Vault, suite profile.Suite) (vault.Secret, error) {
	t := vault.X25519PrivateKey
	if suite.P256 {
		t = vault.P256PrivateKey
	}
	return v.Generate(vault.Attributes{Type: t})
}

// A perHandshake is an agreement whose static key was made for it alone, in profiles that have it so, and is destroyed as soon as it is not
// needed any more (NOISE-015).
type perHandshake struct {
	*key.XX
	vault  vault.Vault
	static vault.Secret // zero once it is destroyed
}

// Handle implements key.Agreement.
func (a *perHandshake) Handle(dst, msg []byte) ([]byte, error) {
	out, err := a.XX.Handle(dst, msg)
	if err == nil && a.Established() {
		_ = a.destroy() // Close tries again
	}
	return out, err
}

// Close implements key.Agreement.
func (a *perHandshake) Close() error { return errors.Join(a.XX.Close(), a.destroy()) }

func (a *perHandshake) destroy() error {
	if a.static.IsZero() {
		return nil
	}
	err := a.vault.Destroy(a.static)
	if err != nil && !errors.Is(err, vault.ErrInvalidSecret) && !errors.Is(err, vault.ErrClosed) { // it is gone
		return fmt.Errorf("static key: %w", err)
	}
	a.static = vault.Secret{}
	return nil
}
