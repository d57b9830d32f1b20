package cases

import (
	"context"
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// A first is what is sent in place of the kit's first message: of m1 to a responder, of m2 to an initiator.
type first struct {
	requirement string
	words       string
	// frame makes the frame's content from the genuine message.
	frame func(m adversary.Message) []byte
	// accepts, if set, recognizes other answers than the next handshake message of a peer that takes it for right.
	accepts func(adversary.Message) bool
}

// refusedFirst plays each on a link of its own: it may not be answered. The genuine message follows, with another ephemeral
// key. Whether that is answered is left open (a node may have dropped the wrong one before it reached a channel), but it ends
// the waiting.
func refusedFirst(ctx context.Context, env conformance.Env, firsts ...first) error {
	if len(firsts) == 0 {
		return errors.New("cases: no first message")
	}
	for i, x := range firsts {
		s, err := adversary.Dial(ctx, env)
		if err != nil {
			return err
		}
		if !s.Initiator() {
			if err := s.ReadM1(); err != nil {
				return served(i, firsts[max(i-1, 0)].requirement, err)
			}
		}
		if err := x.refused(s); err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (x first) refused(s *adversary.Session) error {
	wrong, genuine, err := twins(s)
	if err != nil {
		return err
	}
	t, body := makeFirst(s, &wrong)
	if err := s.SendFrame(x.frame(s.Outer(t, body))); err != nil {
		return err
	}
	_, body = makeFirst(s, &genuine)
	if err := s.SendMessage(t, body); err != nil {
		return err
	}
	return x.judge(s, genuine)
}

// judge looks what is answered. No answer is right, one to the genuine message is too.
func (x first) judge(s *adversary.Session, genuine adversary.Handshake) error {
	answer, err := s.LastAnswer()
	var f *conformance.Failure
	switch {
	case errors.As(err, &f):
		return adversary.Fail(x.requirement, "no answer to "+x.words, f.Actual)
	case err != nil || answer == nil:
		return err
	}
	m, err := adversary.ParseMessage(answer)
	switch {
	case err == nil && answers(s, genuine, m):
		return nil
	case err != nil || x.accepted(m):
		return adversary.Fail(x.requirement, "no answer to "+x.words, s.Describe(answer))
	}
	return stray(s, x.words, answer)
}

// accepted tells whether an answer comes from a peer that took the wrong message for a right one, rather than from one that
// failed and went on speaking.
func (x first) accepted(m adversary.Message) bool {
	if x.accepts != nil && x.accepts(m) {
		return true
	}
	return m.Type == wire.M2 || m.Type == wire.M3 || m.Type == wire.Pong
}

// stray is the Failure of a peer that answers what it rejected: a failed handshake sends nothing more (NOISE-007).
func stray(s *adversary.Session, words string, answer []byte) error {
	return adversary.Fail("NOISE-007", "no answer at all to "+words, s.Describe(answer))
}

// twins returns two handshakes that go on from the session's, with different ephemeral keys.
func twins(s *adversary.Session) (a, b adversary.Handshake, err error) {
	fresh, err := s.NewNoise()
	if err != nil {
		return a, b, err
	}
	a, b = s.Noise, s.Noise
	if s.Initiator() {
		return a, fresh, nil
	}
	b.E = fresh.E // m2's ephemeral key is mixed in when m2 is made
	return a, b, nil
}

// makeFirst makes the kit's first handshake message.
func makeFirst(s *adversary.Session, h *adversary.Handshake) (wire.Type, []byte) {
	if s.Initiator() {
		return wire.M1, h.WriteM1(nil)
	}
	return wire.M2, h.WriteM2(nil)
}

// answers tells whether m is the peer's next handshake message in h.
func answers(s *adversary.Session, h adversary.Handshake, m adversary.Message) bool {
	read := h.ReadM2
	if !s.Initiator() {
		read = h.ReadM3
	}
	_, ok := read(m.Body)
	return ok
}
