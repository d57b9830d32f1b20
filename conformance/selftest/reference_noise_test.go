package selftest_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/vectors"
)

// A counting vault counts the secrets that are there.
type counting struct {
	vault.Vault
	live int
}

func (v *counting) Generate(a vault.Attributes) (vault.Secret, error) {
	s, err := v.Vault.Generate(a)
	return s, v.made(err, 1)
}

func (v *counting) Import(a vault.Attributes, raw []byte) (vault.Secret, error) {
	s, err := v.Vault.Import(a, raw)
	return s, v.made(err, 1)
}

func (v *counting) ECDH(private vault.Secret, public []byte) (vault.Secret, error) {
	s, err := v.Vault.ECDH(private, public)
	return s, v.made(err, 1)
}

func (v *counting) HKDF(salt, ikm vault.Secret, outputs []vault.Secret) error {
	return v.made(v.Vault.HKDF(salt, ikm, outputs), len(outputs))
}

func (v *counting) Destroy(s vault.Secret) error { return v.made(v.Vault.Destroy(s), -1) }

func (v *counting) made(err error, n int) error {
	if err == nil {
		v.live += n
	}
	return err
}

// A side is one side of a handshake vector.
type side struct {
	t     *testing.T
	v     *vectors.Handshake
	vault *counting
	hs    *noise.HandshakeState
	// public is the static public key.
	public []byte
}

// Each handshake of the vectors, by ref/noise alone and with what callers may do wrongly before each step: a call out of turn, a buffer that is a
// byte too short, a payload that is a byte too long. All are refused, and change nothing. At the end no secret is left.
func TestReferenceOfHandshakes(t *testing.T) {
	whole, refused := 0, 0
	for _, f := range embedded(t) {
		for _, each := range f.All() {
			v, ok := each.(*vectors.Handshake)
			for _, role := range []string{vectors.Initiator, vectors.Responder} {
				if !ok || v.Ockam.Role != "both" && v.Ockam.Role != role {
					continue
				}
				if play(t, v, role) {
					whole++
				} else {
					refused++
				}
			}
		}
	}
	if whole < 40 || refused < 150 {
		t.Errorf("%d handshakes went through and %d did not, want 40 and 150 at least", whole, refused)
	}
}

// play tells whether the handshake went through as far as the vector does.
func play(t *testing.T, v *vectors.Handshake, role string) bool {
	t.Helper()
	in, sent, payloads := v.Input(role)
	s := start(t, v, in)
	defer s.end()
	for i := range noise.Messages {
		if s.hs.Message() != i+1 || s.hs.Complete() {
			t.Errorf("%d: message %d, complete %v, want %d", v.Ockam.TcID, s.hs.Message(), s.hs.Complete(), i+1)
		}
		if mine := (i%2 == 0) == (role == vectors.Initiator); mine != s.hs.MyTurn() {
			t.Errorf("%d: m%d: whose turn it is: %v", v.Ockam.TcID, i+1, s.hs.MyTurn())
		} else if !mine && len(in.Receive) == 0 {
			return true
		} else if !mine {
			if err := s.read(in.Receive[0], payloads[0]); err != nil {
				return s.refuses(err, i+1)
			}
			in.Receive, payloads = in.Receive[1:], payloads[1:]
		} else if len(sent) == 0 { // the vector has no more of its own
			return len(in.Payloads) == 0 || s.write(in.Payloads[0], nil) == nil
		} else {
			if err := s.write(in.Payloads[0], sent[0]); err != nil {
				return s.refuses(err, i+1)
			}
			in.Payloads, sent = in.Payloads[1:], sent[1:]
		}
	}
	s.over()
	return true
}

func start(t *testing.T, v *vectors.Handshake, in vectors.HandshakeInput) *side {
	t.Helper()
	inner, err := software.New(software.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s := &side{t: t, v: v, vault: &counting{Vault: inner}}
	cfg := noise.Config{
		Vault: s.vault, Suite: profile.X25519AES256(), Initiator: in.Role == vectors.Initiator, Prologue: in.Prologue,
		Verify: func([]byte) error { return nil },
	}
	kind := vault.X25519PrivateKey
	if in.Suite == vectors.SuiteP256 {
		cfg.Suite, kind = profile.P256AES128(), vault.P256PrivateKey
	}
	var errs [2]error
	cfg.Static, errs[0] = s.vault.Import(vault.Attributes{Type: kind}, in.Static)
	cfg.UnsafeEphemeral, errs[1] = s.vault.Import(vault.Attributes{Type: kind}, in.Ephemeral)
	if s.hs, err = noise.NewHandshakeState(cfg); errors.Join(errs[0], errs[1], err) != nil {
		t.Fatalf("%d: %v", v.Ockam.TcID, errors.Join(errs[0], errs[1], err))
	}
	if s.public, err = s.vault.PublicKey(make([]byte, 0, 65), cfg.Static); err != nil {
		t.Fatalf("%d: %v", v.Ockam.TcID, err)
	}
	return s
}

// wrong requires that a call fails as it has to, and changes nothing.
func (s *side) wrong(want error, call func() ([]byte, error)) {
	s.t.Helper()
	before, live := *s.hs, s.vault.live
	if b, err := call(); !errors.Is(err, want) || b != nil {
		s.t.Errorf("%d: m%d: %v, want %v", s.v.Ockam.TcID, s.hs.Message(), err, want)
	}
	if before != *s.hs || s.vault.live != live {
		s.t.Errorf("%d: m%d: %v changes the state, or leaves %d secrets for %d", s.v.Ockam.TcID, s.hs.Message(), want, s.vault.live, live)
	}
}

// size is the length of a message without its payload.
func (s *side) size() int {
	suite := profile.X25519AES256()
	if s.v.Ockam.Suite == vectors.SuiteP256 {
		suite = profile.P256AES128()
	}
	return suite.MessageSizes()[s.hs.Message()-1]
}

func (s *side) write(payload, want []byte) error {
	size := s.size()
	s.wrong(noise.ErrOutOfTurn, func() ([]byte, error) { return s.hs.ReadMessage(nil, make([]byte, size)) })
	s.wrong(noise.ErrShortBuffer, func() ([]byte, error) {
		return s.hs.WriteMessage(make([]byte, 3, 3+size+len(payload)-1), payload)
	})
	s.wrong(noise.ErrMessageLength, func() ([]byte, error) {
		return s.hs.WriteMessage(make([]byte, 0, 2*noise.MaxMessage), make([]byte, noise.MaxMessage-size+1))
	})
	s.wrong(noise.ErrShortBuffer, func() ([]byte, error) { return s.hs.WriteMessage(nil, make([]byte, noise.MaxMessage-size)) })
	s.wrong(noise.ErrIncomplete, func() ([]byte, error) { // a part failed, though nobody says so
		return nil, s.hs.Atomically(func() error {
			_, _ = s.hs.ReadMessage(nil, make([]byte, size))
			return nil
		})
	})
	m, err := s.hs.WriteMessage(make([]byte, 3, 3+size+len(payload)), payload)
	if err == nil && want != nil && !bytes.Equal(m[3:], want) {
		s.t.Errorf("%d: wrote %x, want %x", s.v.Ockam.TcID, m[3:], want)
	}
	return err
}

func (s *side) read(message, want []byte) error {
	size := s.size()
	s.wrong(noise.ErrOutOfTurn, func() ([]byte, error) { return s.hs.WriteMessage(make([]byte, 0, noise.MaxMessage), nil) })
	s.wrong(noise.ErrMessageLength, func() ([]byte, error) { return s.hs.ReadMessage(nil, make([]byte, size-1)) })
	s.wrong(noise.ErrMessageLength, func() ([]byte, error) { return s.hs.ReadMessage(nil, make([]byte, noise.MaxMessage+1)) })
	s.wrong(noise.ErrShortBuffer, func() ([]byte, error) { return s.hs.ReadMessage(nil, make([]byte, noise.MaxMessage)) })
	room := max(0, len(message)-size)
	if room > 0 {
		s.wrong(noise.ErrShortBuffer, func() ([]byte, error) { return s.hs.ReadMessage(make([]byte, 3, 3+room-1), message) })
	}
	if s.v.Ockam.Suite != vectors.SuiteP256 && s.hs.Message() < 3 && len(message) >= size {
		mine := slices.Clone(message)
		copy(mine, s.public)
		for range 2 { // NOISE-016, NOISE-018: the top bit makes no other key of it
			s.wrong(noise.ErrReflection, func() ([]byte, error) { return s.hs.ReadMessage(make([]byte, 0, room), mine) })
			mine[len(s.public)-1] ^= 0x80
		}
	}
	before, live := *s.hs, s.vault.live
	payload, err := s.hs.ReadMessage(make([]byte, 3, 3+room), message)
	switch {
	case err == nil && s.v.Ockam.Result == vectors.Valid && !bytes.Equal(payload[3:], want):
		s.t.Errorf("%d: read %x, want %x", s.v.Ockam.TcID, payload[3:], want)
	case err != nil && (before != *s.hs || live != s.vault.live):
		s.t.Errorf("%d: a message that is refused changes the state, or leaves %d secrets for %d", s.v.Ockam.TcID, s.vault.live, live)
	}
	return err
}

// refuses checks where an error says that the handshake failed, and whose fault it is.
func (s *side) refuses(err error, message int) bool {
	var e *noise.Error
	if !errors.As(err, &e) || e.Message != message || !noise.Rejects(err) {
		s.t.Errorf("%d: m%d: %v", s.v.Ockam.TcID, message, err)
	}
	if _, ok := s.hs.ChannelBinding(); ok || s.hs.Complete() {
		s.t.Errorf("%d: complete after %v", s.v.Ockam.TcID, err)
	}
	return false
}

// over is what holds behind the last message.
func (s *side) over() {
	s.wrong(noise.ErrOutOfTurn, func() ([]byte, error) { return s.hs.WriteMessage(make([]byte, 0, noise.MaxMessage), nil) })
	s.wrong(noise.ErrOutOfTurn, func() ([]byte, error) { return s.hs.ReadMessage(make([]byte, 0, noise.MaxMessage), make([]byte, 200)) })
	k1, k2, err := s.hs.Split()
	again, _, _ := s.hs.Split()
	if !s.hs.Complete() || err != nil || !k1.HasKey() || !k2.HasKey() || k1 == k2 || again != k1 {
		s.t.Errorf("%d: the keys: %v", s.v.Ockam.TcID, err)
	}
	if s.vault.live != 3 { // NOISE-015: the static key, k1, and k2
		s.t.Errorf("%d: %d secrets behind the handshake, want 3", s.v.Ockam.TcID, s.vault.live)
	}
}

func (s *side) end() {
	if err := s.hs.Close(); err != nil || s.vault.live != 1 { // the static key, which is the caller's
		s.t.Errorf("%d: %d secrets at the end, want 1: %v", s.v.Ockam.TcID, s.vault.live, err)
	}
	s.wrong(noise.ErrClosed, func() ([]byte, error) { return s.hs.WriteMessage(make([]byte, 0, noise.MaxMessage), nil) })
	if err := s.vault.Close(); err != nil {
		s.t.Error(err)
	}
}
