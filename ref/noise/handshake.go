package noise

import (
	"fmt"
	"slices"

	"ockamtest/ref/vault"
)

// A HandshakeState is one side of a handshake.
//
//	-> e
//	<- e, ee, s, es
//	-> s, se
//
// It is a comparable value: a copy is a picture of the state, and two equal pictures are the same state. It is used through one
// pointer; a copy is for comparing, not for going on with.
type HandshakeState struct {
	cfg   *Config      // never changed
	trash *trash       // secrets that could not be destroyed
	tx    *transaction // the transaction under way, nil outside

	symmetricState
	s, e   keyPair
	re, rs publicKey
	next   int // index of the next message
	k1, k2 CipherState
	closed bool
}

// A keyPair is a private key of ours and its public key.
type keyPair struct {
	private vault.Secret
	public  publicKey
}

// NewHandshakeState starts a handshake. When it fails, cfg.UnsafeEphemeral stays the caller's.
func NewHandshakeState(cfg Config) (*HandshakeState, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	prologue := cfg.Prologue
	cfg.Prologue = nil // not kept
	hs := &HandshakeState{cfg: &cfg, trash: &trash{vault: cfg.Vault}}
	err := hs.Atomically(func(next *HandshakeState) error {
		if err := next.loadKeys(); err != nil {
			return err
		}
		return next.initialize(next.tx, prologue)
	})
	if err != nil {
		return nil, fmt.Errorf("noise: new handshake: %w", err)
	}
	return hs, nil
}

// loadKeys looks up the public keys of s and, if it is given, e: so that a reflected key is known from the first message on.
func (hs *HandshakeState) loadKeys() (err error) {
	if hs.s, err = hs.keyPair(hs.cfg.Static); err != nil {
		return fmt.Errorf("static key: %w", err)
	}
	if hs.cfg.UnsafeEphemeral.IsZero() {
		return nil
	}
	if hs.e, err = hs.keyPair(hs.cfg.UnsafeEphemeral); err != nil {
		return fmt.Errorf("ephemeral key: %w", err)
	}
	return nil
}

func (hs *HandshakeState) keyPair(private vault.Secret) (keyPair, error) {
	a, err := hs.cfg.Vault.Attributes(private)
	if err != nil {
		return keyPair{}, err
	}
	if want := privateKeyType(hs.cfg.Suite); a.Type != want {
		return keyPair{}, fmt.Errorf("%w: %v, not %v", vault.ErrWrongType, a.Type, want)
	}
	public, err := hs.cfg.Vault.PublicKey(make([]byte, 0, hs.cfg.Suite.PublicKeySize), private)
	if err != nil {
		return keyPair{}, err
	}
	return keyPair{private, newPublicKey(public)}, nil
}

// Atomically runs f on a copy of hs and keeps the copy only if f returns nil: several calls, all of them or none. f uses no other
// HandshakeState of this handshake and keeps next no longer.
func (hs *HandshakeState) Atomically(f func(next *HandshakeState) error) error {
	if hs.closed {
		return ErrClosed
	}
	outer := hs.tx
	tx := &transaction{vault: hs.cfg.Vault, suite: hs.cfg.Suite, trash: hs.trash}
	next := *hs
	next.tx = tx
	if err := f(&next); err != nil {
		tx.rollback()
		return err
	}
	next.tx = outer
	held := next.held()
	for _, s := range hs.held() {
		if slices.Contains(held, s) {
			continue
		}
		if outer == nil {
			hs.trash.destroy(s)
		} else {
			outer.drop(s)
		}
	}
	if outer != nil {
		outer.made = append(outer.made, tx.made...)
	}
	*hs = next
	return nil
}

// held are the secrets that the state owns.
func (hs *HandshakeState) held() []vault.Secret {
	return []vault.Secret{hs.e.private, hs.ck, hs.K, hs.k1.K, hs.k2.K}
}

// Complete reports whether all three messages have been processed.
func (hs *HandshakeState) Complete() bool { return hs.next == Messages }

// Message returns the number of the next message, 1 to 3; 4 when there is none.
func (hs *HandshakeState) Message() int { return hs.next + 1 }

// MyTurn reports whether the next call is WriteMessage.
func (hs *HandshakeState) MyTurn() bool {
	return !hs.Complete() && hs.cfg.Initiator == (hs.next%2 == 0)
}

// PeerStatic returns a copy of the peer's static public key, nil before it is authenticated.
func (hs *HandshakeState) PeerStatic() []byte { return hs.rs.copyBytes() }

// ChannelBinding returns h when the handshake is complete; false before (NOISE-014).
func (hs *HandshakeState) ChannelBinding() (h [vault.HashSize]byte, ok bool) {
	if !hs.Complete() {
		return h, false
	}
	return hs.h, true
}

// Split returns the keys of the transport phase, the same ones each time. They stay the handshake's: Close destroys them.
//
// NOISE-010: the responder encrypts with k1 and the initiator with k2. That is the reverse of Noise section 5.2.
func (hs *HandshakeState) Split() (k1, k2 CipherState, err error) {
	if !hs.Complete() && !hs.closed {
		return CipherState{}, CipherState{}, fmt.Errorf("%w: split before the last message", ErrOutOfTurn)
	}
	err = hs.Atomically(func(next *HandshakeState) error {
		if next.k1.HasKey() {
			return nil
		}
		if next.k1, next.k2, err = next.split(next.tx); err != nil {
			return err
		}
		// NOISE-015: the handshake is over. What led to the keys goes; h stays.
		next.ck, next.CipherState, next.e.private = vault.Secret{}, CipherState{}, vault.Secret{}
		return nil
	})
	if err != nil {
		return CipherState{}, CipherState{}, err
	}
	return hs.k1, hs.k2, nil
}

// Close destroys the secrets of the handshake (NOISE-015); s stays the caller's. Every later call fails with ErrClosed. It returns the
// errors of secrets that the vault did not destroy; closing again tries those again.
func (hs *HandshakeState) Close() error {
	if !hs.closed {
		for _, s := range hs.held() {
			hs.trash.destroy(s)
		}
		*hs = HandshakeState{cfg: hs.cfg, trash: hs.trash, closed: true}
	}
	return hs.trash.empty()
}
