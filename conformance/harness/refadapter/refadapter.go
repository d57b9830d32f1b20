// Package refadapter is the reference implementation as an adapter (conformance/harness): the sans-IO parts of ref, and package ref itself
// where real sockets are wanted. It is the fixture of the harness's tests, and an example of what an adapter of a complete implementation
// looks like; it judges nothing.
//
// An adapter made here serves one control connection, on one goroutine; channels on real sockets have goroutines of their own, which end with
// the adapter's Network.Reset.
package refadapter

import (
	"errors"
	"fmt"
	"io"

	"ockamtest/conformance/harness"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// channels is how many there can be at once.
const channels = 1024

// New makes an adapter. random is the source of all randomness that is not given by the kit; nil means crypto/rand. Close releases the vault
// after Serve has returned.
func New(random io.Reader) (a harness.Adapter, closed func() error, err error) {
	v, err := software.New(software.Config{Random: random})
	if err != nil {
		return harness.Adapter{}, nil, fmt.Errorf("refadapter: %w", err)
	}
	profiles := make([]string, 0, 4)
	for _, p := range profile.All() {
		profiles = append(profiles, p.Name)
	}
	return harness.Adapter{
		Name: "ockamtest-reference",
		Capabilities: harness.Capabilities{
			Profiles: profiles,
			Roles:    []harness.Role{harness.Initiator, harness.Responder},
			Over:     []harness.Over{harness.Stream, harness.Message, harness.Datagram},
			Forms: []harness.Form{
				harness.AsHandshake, harness.AsTransport, harness.AsInner, harness.AsRoute, harness.AsAddress, harness.AsU2LE, harness.AsFrames,
			},
			Transports: []string{"tcp", "udp"},
			Options: []string{
				"ephemeral", "peer", "local", "remote", "route", "address", "listener", "window", "limit", "deadline", "from", "end",
				"onward", "return", "service", "buffer", "giveup",
			},
			Channels: channels,
		},
		Channels: maker{v}, Codec: codec{}, Vault: primitives{v}, Secrets: newSecrets(random), Network: newNetwork(v),
	}, v.Close, nil
}

// agreement makes a key agreement with the kit's keys.
func agreement(v vault.Vault, p profile.Profile, static, ephemeral, peer []byte) (*counted, error) {
	cfg := key.XXConfig{Vault: v, Suite: p.Suite, AssociatedData: p.AssociatedData, Policy: policy(peer), AvoidedEphemeral: p.ForbiddenBodies}
	var err error
	if cfg.Static, err = v.Import(vault.Attributes{Type: keyType(p)}, static); err != nil {
		return nil, refusal(err)
	}
	if ephemeral != nil {
		if cfg.UnsafeEphemeral, err = v.Import(vault.Attributes{Type: keyType(p)}, ephemeral); err != nil {
			return nil, errors.Join(refusal(err), v.Destroy(cfg.Static))
		}
	}
	xx, err := key.NewXX(cfg)
	if err != nil {
		return nil, errors.Join(refusal(err), v.Destroy(cfg.Static))
	}
	return &counted{Agreement: xx, vault: v, static: cfg.Static}, nil
}

func policy(peer []byte) key.Policy {
	if peer == nil {
		return key.AnyKey()
	}
	return key.ExactKey(peer)
}

func keyType(p profile.Profile) vault.Type {
	if p.Suite.P256 {
		return vault.P256PrivateKey
	}
	return vault.X25519PrivateKey
}

// A counted is an agreement whose records are counted, for claims, and whose static key is destroyed with it.
type counted struct {
	key.Agreement
	vault          vault.Vault
	static         vault.Secret
	sent, received uint64
}

// Encrypt implements key.Agreement.
func (c *counted) Encrypt(dst, plaintext []byte) ([]byte, error) {
	out, err := c.Agreement.Encrypt(dst, plaintext)
	if err == nil {
		c.sent++
	}
	return out, err
}

// Decrypt implements key.Agreement.
func (c *counted) Decrypt(dst, ciphertext []byte) ([]byte, error) {
	out, err := c.Agreement.Decrypt(dst, ciphertext)
	return c.verified(out, err)
}

// DecryptAt implements key.Agreement.
func (c *counted) DecryptAt(dst []byte, n uint64, ciphertext []byte) ([]byte, error) {
	out, err := c.Agreement.DecryptAt(dst, n, ciphertext)
	return c.verified(out, err)
}

func (c *counted) verified(out []byte, err error) ([]byte, error) {
	if err == nil {
		c.received++
	}
	return out, err
}

// Close implements key.Agreement.
func (c *counted) Close() error {
	err := c.Agreement.Close()
	if !c.static.IsZero() {
		err = errors.Join(err, c.vault.Destroy(c.static))
		c.static = vault.Secret{}
	}
	return err
}
