package noise

import (
	"errors"
	"fmt"
	"slices"

	"ockamtest/ref/vault"
)

// WriteMessage appends the next handshake message to dst, within its capacity. dst and payload do not overlap.
func (hs *HandshakeState) WriteMessage(dst, payload []byte) (out []byte, err error) {
	err = hs.Atomically(func() error {
		out, err = hs.writeMessage(dst, payload)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ReadMessage reads the peer's next handshake message and appends its payload to dst, within its capacity. dst and msg do not overlap.
func (hs *HandshakeState) ReadMessage(dst, msg []byte) (payload []byte, err error) {
	err = hs.Atomically(func() error {
		payload, err = hs.readMessage(dst, msg)
		return err
	})
	if err != nil {
		return nil, err
	}
	return payload, nil
}

func (hs *HandshakeState) writeMessage(dst, payload []byte) ([]byte, error) {
	if !hs.MyTurn() {
		return nil, fmt.Errorf("%w: write", ErrOutOfTurn)
	}
	size := hs.cfg.Suite.MessageSizes()[hs.next]
	if len(payload) > MaxMessage-size {
		return nil, hs.fault(Payload, ErrMessageLength)
	}
	if cap(dst)-len(dst) < size+len(payload) {
		return nil, ErrShortBuffer
	}
	for _, t := range pattern(hs.next) {
		var err error
		if dst, err = hs.writeToken(dst, t); err != nil {
			return nil, hs.fault(t, err)
		}
	}
	dst, err := hs.encryptAndHash(dst, payload)
	if err != nil {
		return nil, hs.fault(Payload, err)
	}
	hs.next++
	return dst, nil
}

func (hs *HandshakeState) writeToken(dst []byte, t Token) ([]byte, error) {
	switch t {
	case E:
		if err := hs.generateE(); err != nil {
			return nil, err
		}
		return append(dst, hs.e.public.bytes()...), hs.mixHash(hs.e.public.bytes())
	case S:
		return hs.encryptAndHash(dst, hs.s.public.bytes())
	default:
		return dst, hs.mixDH(t)
	}
}

// maxDraws is how many ephemeral keys are thrown away, at most, for what their public keys begin with. A vault whose keys all begin so is
// broken, and whoever sends the message tells.
const maxDraws = 16

func (hs *HandshakeState) generateE() error {
	for draws := 0; hs.e.private.IsZero(); draws++ { // NOISE-008: by the vault, for this handshake alone
		private, err := hs.cfg.Vault.Generate(vault.Attributes{Type: privateKeyType(hs.cfg.Suite)})
		if err != nil {
			return err
		}
		hs.e.private = private
		if err := hs.loadPublic(&hs.e); err != nil {
			return err
		}
		if draws < maxDraws && slices.Contains(hs.cfg.Avoided, hs.e.public.bytes()[0]) {
			hs.destroy(private)
			hs.e.private = vault.Secret{}
		}
	}
	if hs.re.same(hs.e.public) {
		return ErrReflection // NOISE-016
	}
	return nil
}

func (hs *HandshakeState) readMessage(dst, msg []byte) ([]byte, error) {
	if hs.MyTurn() || hs.Complete() {
		return nil, fmt.Errorf("%w: read", ErrOutOfTurn)
	}
	// NOISE-006: lengths before anything else.
	size := hs.cfg.Suite.MessageSizes()[hs.next]
	if len(msg) < size || len(msg) > MaxMessage {
		return nil, hs.fault(Payload, fmt.Errorf("%w: %d bytes, not %d", ErrMessageLength, len(msg), size))
	}
	if cap(dst)-len(dst) < len(msg)-size {
		return nil, ErrShortBuffer
	}
	tokens := pattern(hs.next)
	for _, t := range tokens {
		var err error
		if msg, err = hs.readToken(msg, t); err != nil {
			return nil, hs.fault(t, err)
		}
	}
	// NOISE-005: the payload's tag is verified, also when the payload is empty.
	dst, err := hs.decryptAndHash(dst, msg)
	if err != nil {
		return nil, hs.fault(Payload, err)
	}
	if slices.Contains(tokens, S) {
		if err := hs.cfg.Verify(hs.rs.copyBytes()); err != nil {
			return nil, hs.fault(S, fmt.Errorf("%w: %w", ErrRefused, err)) // NOISE-011
		}
	}
	hs.next++
	return dst, nil
}

func (hs *HandshakeState) readToken(msg []byte, t Token) (rest []byte, err error) {
	switch t {
	case E:
		n := hs.cfg.Suite.PublicKeySize
		hs.re = newPublicKey(msg[:n])
		if hs.re.same(hs.e.public) || hs.re.same(hs.s.public) {
			return nil, ErrReflection // NOISE-016
		}
		return msg[n:], hs.mixHash(msg[:n]) // NOISE-018: as received
	case S:
		n := hs.cfg.Suite.PublicKeySize + vault.TagSize
		err := hs.rs.fill(hs.cfg.Suite.PublicKeySize, func(dst []byte) ([]byte, error) {
			return hs.decryptAndHash(dst, msg[:n])
		})
		if err != nil {
			return nil, err
		}
		if hs.rs.same(hs.e.public) {
			return nil, ErrReflection // NOISE-016
		}
		return msg[n:], nil
	default:
		return msg, hs.mixDH(t)
	}
}

// mixDH mixes the DH result of tokens ee, es, and se into the key. The first letter is the initiator's key, the second the
// responder's.
func (hs *HandshakeState) mixDH(t Token) error {
	private, public := hs.e.private, &hs.re
	switch {
	case t == ES && hs.cfg.Initiator, t == SE && !hs.cfg.Initiator:
		public = &hs.rs
	case t == ES, t == SE:
		private = hs.s.private
	}
	dh, err := hs.cfg.Vault.ECDH(private, public.bytes()) // NOISE-009: an all-zero result is an error
	if err != nil {
		return err
	}
	defer hs.destroy(dh)
	return hs.mixKey(dh)
}

// fault wraps an error with the place where it occurred.
func (hs *HandshakeState) fault(t Token, err error) error {
	return &Error{Message: hs.next + 1, Token: t, Err: err}
}

// Rejects reports whether err is a verdict on what the peer sent. Otherwise it is the fault of this side: the vault failed, or the
// call was wrong.
func Rejects(err error) bool {
	for _, verdict := range []error{
		ErrMessageLength, ErrReflection, ErrRefused,
		vault.ErrAuthentication, vault.ErrInvalidPublicKey, vault.ErrWeakPublicKey,
	} {
		if errors.Is(err, verdict) {
			return true
		}
	}
	return false
}
