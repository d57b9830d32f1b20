package key

import (
	"errors"
	"fmt"

	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// XXConfig is what an XX is made of. Vault, Static, Suite, and Policy are required.
type XXConfig struct {
	Vault vault.Vault
	// Static is the private key of this side. It stays the caller's and never leaves the vault (NOISE-012).
	Static vault.Secret
	Suite  profile.Suite
	// Policy decides about the peer's static key. There is no default (NOISE-011).
	Policy Policy
	// AssociatedData is what records authenticate beside themselves; the zero value is h (REC-001).
	AssociatedData profile.AssociatedData
	// AvoidedEphemeral are first bytes that generated ephemeral public keys do not get, as m1 and m2 that begin so cannot travel in some
	// profiles (section 11).
	AvoidedEphemeral []byte
	// UnsafeEphemeral replaces the ephemeral key that the vault would generate, so that a handshake can be reproduced. It belongs to
	// the agreement, which destroys it. For tests only (NOISE-008).
	UnsafeEphemeral vault.Secret
}

// XX is Noise_XX over vault handles, in version 1: handshake payloads are empty.
//
// It is a comparable value: two equal pictures of it are the same state.
type XX struct {
	fixed     *fixed
	stage     stage
	initiator bool
	hs        noise.HandshakeState // owns every secret

	send, receive direction
	h             [vault.HashSize]byte
}

// fixed is the part of an XX that is not its state.
type fixed struct {
	noise.Config                        // Initiator is set when the handshake starts; nothing else changes
	nonce        [vault.NonceSize]byte  // scratch: on the stack it would be allocated; aligned here
	data         profile.AssociatedData // what records authenticate beside themselves
	ciphers
}

var _ Agreement = (*XX)(nil)

type stage uint8

const (
	fresh stage = iota
	handshake
	established
	closed
)

// NewXX makes an agreement that is not started yet.
func NewXX(cfg XXConfig) (*XX, error) {
	switch {
	case cfg.Vault == nil:
		return nil, fmt.Errorf("%w: no vault", ErrConfig)
	case cfg.Policy == nil:
		return nil, fmt.Errorf("%w: no policy for the peer's static key", ErrConfig) // NOISE-011
	case cfg.Suite == profile.Suite{}:
		return nil, fmt.Errorf("%w: no suite", ErrConfig)
	case cfg.Static.IsZero():
		return nil, fmt.Errorf("%w: no static key", ErrConfig)
	}
	x := new(struct { // one allocation
		XX
		fixed fixed
	})
	x.fixed.Config = noise.Config{
		Vault: cfg.Vault, Suite: cfg.Suite, Static: cfg.Static, Verify: cfg.Policy,
		Avoided: cfg.AvoidedEphemeral, UnsafeEphemeral: cfg.UnsafeEphemeral,
	}
	x.fixed.data = cfg.AssociatedData
	x.XX.fixed = &x.fixed
	return &x.XX, nil
}

// Initiate implements Agreement.
func (x *XX) Initiate(dst []byte) ([]byte, error) {
	if err := x.check(fresh); err != nil {
		return nil, err
	}
	if cap(dst)-len(dst) < x.fixed.Suite.MessageSizes()[0] {
		return nil, ErrShortBuffer // KEY-002
	}
	if err := x.begin(true); err != nil {
		return nil, err
	}
	out, err := x.hs.WriteMessage(dst, nil)
	if err != nil {
		err = errors.Join(x.fault(1, err), x.hs.Close())
		*x = XX{fixed: x.fixed}
		return nil, err
	}
	return out, nil
}

// Respond implements Agreement.
func (x *XX) Respond() error {
	if err := x.check(fresh); err != nil {
		return err
	}
	return x.begin(false)
}

// begin starts the handshake.
func (x *XX) begin(initiator bool) error {
	x.fixed.Initiator = initiator
	err := x.hs.Start(&x.fixed.Config)
	switch {
	case errors.Is(err, noise.ErrConfig):
		return fmt.Errorf("%w: %w", ErrConfig, err)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrVault, err)
	}
	x.stage, x.initiator = handshake, initiator
	return nil
}

// Handle implements Agreement.
func (x *XX) Handle(dst, msg []byte) ([]byte, error) {
	if err := x.check(handshake); err != nil {
		return nil, err
	}
	message := x.hs.Message()
	if err := x.checkSizes(message, dst, msg); err != nil {
		return nil, err
	}
	out := dst
	err := x.hs.Atomically(func() error {
		if _, err := x.hs.ReadMessage(nil, msg); err != nil {
			return err
		}
		if x.hs.MyTurn() {
			reply, err := x.hs.WriteMessage(dst, nil)
			if err != nil {
				return err
			}
			out = reply
		}
		if !x.hs.Complete() {
			return nil
		}
		return x.establish()
	})
	if err != nil {
		return nil, x.fault(message, err)
	}
	return out, nil
}

// checkSizes refuses what does not fit before anything is computed.
func (x *XX) checkSizes(message int, dst, msg []byte) error {
	sizes := x.fixed.Suite.MessageSizes()
	size := sizes[message-1]
	switch {
	case len(msg) < size: // NOISE-006
		return x.fault(message, noise.ErrMessageLength)
	case len(msg) > size: // NOISE-006: what is too much is a payload
		return x.fault(message, ErrPayloadRefused)
	case message < len(sizes) && cap(dst)-len(dst) < sizes[message]: // KEY-002: the reply
		return ErrShortBuffer
	}
	return nil
}

// establish takes over the keys of a handshake that is complete. It is the last that can fail, and changes x only if it does not.
func (x *XX) establish() error {
	k1, k2, err := x.hs.Split()
	if err != nil {
		return err
	}
	// NOISE-010: the responder encrypts with k1, the initiator with k2.
	if x.initiator {
		k1, k2 = k2, k1
	}
	x.send, x.receive = direction{key: k1.K}, direction{key: k2.K}
	x.h, _ = x.hs.ChannelBinding()
	x.stage = established
	return nil
}

// check returns an error unless the agreement is at the given stage.
func (x *XX) check(want stage) error {
	switch {
	case x.stage == want:
		return nil
	case x.stage == closed: // KEY-003
		return ErrClosed
	case want == established: // KEY-001
		return ErrNotEstablished
	}
	return ErrOutOfOrder
}

// Established implements Agreement.
func (x *XX) Established() bool { return x.stage == established }

// PeerStatic implements Agreement.
func (x *XX) PeerStatic() []byte { return x.hs.PeerStatic() }

// ChannelBinding implements Agreement.
func (x *XX) ChannelBinding() []byte {
	if x.stage != established {
		return nil
	}
	return append([]byte(nil), x.h[:]...)
}

// Overhead implements Agreement.
func (x *XX) Overhead() int { return vault.TagSize }

// MessageSizes implements Agreement.
func (x *XX) MessageSizes() []int {
	sizes := x.fixed.Suite.MessageSizes()
	return sizes[:]
}

// Close implements Agreement. It returns the errors of secrets that the vault did not destroy; closing again tries those again.
func (x *XX) Close() error {
	*x = XX{fixed: x.fixed, hs: x.hs, stage: closed}
	x.fixed.ciphers = ciphers{}
	var err error
	if x.hs != (noise.HandshakeState{}) {
		err = x.hs.Close()
	} else if !x.fixed.UnsafeEphemeral.IsZero() {
		err = x.fixed.Vault.Destroy(x.fixed.UnsafeEphemeral)
	}
	if err == nil || errors.Is(err, vault.ErrInvalidSecret) || errors.Is(err, vault.ErrClosed) { // they are gone
		return nil
	}
	return fmt.Errorf("%w: %w", ErrVault, err)
}
