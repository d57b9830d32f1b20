package noise

import (
	"fmt"

	"ockamtest/ref/vault"
)

// A HandshakeState is one side of a handshake.
//
//	-> e
//	<- e, ee, s, es
//	-> s, se
//
// It is a comparable value: a copy is a picture of the state, and two equal pictures are the same state. It is used through one
// pointer; a copy is for comparing, not for going on with. The zero HandshakeState waits for Start.
type HandshakeState struct {
	cfg   *Config     // never changed
	trash *trash      // nil: empty
	tx    transaction // zero outside of calls

	symmetricState
	s, e    keyPair
	re, rs  publicKey
	next    int // index of the next message
	k1, k2  CipherState
	scratch scratch
	closed  bool
}

// A keyPair is a private key of ours and its public key.
type keyPair struct {
	private vault.Secret
	public  publicKey
}

// NewHandshakeState starts a handshake. When it fails, cfg.UnsafeEphemeral stays the caller's.
func NewHandshakeState(cfg Config) (*HandshakeState, error) {
	hs := new(HandshakeState)
	if err := hs.Start(&cfg); err != nil {
		return nil, err
	}
	return hs, nil
}

// Start starts a handshake in a zero HandshakeState, which may be a part of another value. It keeps cfg, which must not change any more;
// cfg.Prologue is read here only. When it fails, hs stays zero, and cfg.UnsafeEphemeral the caller's.
func (hs *HandshakeState) Start(cfg *Config) error {
	if err := cfg.check(); err != nil {
		return err
	}
	hs.cfg = cfg
	hs.e.private = cfg.UnsafeEphemeral // before the transaction, which would destroy it
	err := hs.Atomically(func() error {
		if err := hs.loadKeys(); err != nil {
			return err
		}
		return hs.initialize()
	})
	if err != nil {
		*hs = HandshakeState{}
		return fmt.Errorf("noise: new handshake: %w", err)
	}
	return nil
}

// loadKeys looks up the public keys of s and, if it is given, e: so that a reflected key is known from the first message on.
func (hs *HandshakeState) loadKeys() error {
	hs.s.private = hs.cfg.Static
	if err := hs.load(&hs.s); err != nil {
		return fmt.Errorf("static key: %w", err)
	}
	if hs.e.private.IsZero() {
		return nil
	}
	if err := hs.load(&hs.e); err != nil {
		return fmt.Errorf("ephemeral key: %w", err)
	}
	return nil
}

// load checks a private key that was given, and looks up its public key.
func (hs *HandshakeState) load(pair *keyPair) error {
	a, err := hs.cfg.Vault.Attributes(pair.private)
	if err != nil {
		return err
	}
	if want := privateKeyType(hs.cfg.Suite); a.Type != want {
		return fmt.Errorf("%w: %v, not %v", vault.ErrWrongType, a.Type, want)
	}
	return hs.loadPublic(pair)
}

// loadPublic looks up the public key of a private key.
func (hs *HandshakeState) loadPublic(pair *keyPair) error {
	return pair.public.fill(hs.cfg.Suite.PublicKeySize, func(dst []byte) ([]byte, error) {
		return hs.cfg.Vault.PublicKey(dst, pair.private)
	})
}

// secrets are the secrets that the state owns.
func (hs *HandshakeState) secrets() secrets {
	return secrets{hs.e.private, hs.ck, hs.K, hs.k1.K, hs.k2.K}
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
	err = hs.Atomically(func() error {
		if hs.k1.HasKey() {
			return nil
		}
		if err := hs.split(); err != nil {
			return err
		}
		// NOISE-015: the handshake is over. What led to the keys goes; h stays.
		hs.drop(hs.ck)
		hs.drop(hs.K)
		hs.drop(hs.e.private)
		hs.ck, hs.CipherState, hs.e.private = vault.Secret{}, CipherState{}, vault.Secret{}
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
		for _, s := range hs.secrets() { // outside of calls, drop spares none
			hs.drop(s)
		}
		*hs = HandshakeState{cfg: hs.cfg, trash: hs.trash, closed: true}
	}
	return hs.emptyTrash()
}
