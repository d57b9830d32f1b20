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
// key. On a stream it is left open whether that is answered (a node may have dropped the wrong one before it reached a channel), but
// it ends the waiting. On datagrams it has to be.
func refusedFirst(ctx context.Context, env conformance.Env, firsts ...first) error {
	if len(firsts) == 0 {
		return errors.New("cases: no first message")
	}
	for i, x := range firsts {
		again, err := x.play(ctx, env, i, firsts[max(i-1, 0)].requirement)
		if again {
			_, err = x.play(ctx, env, i, firsts[max(i-1, 0)].requirement)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// play plays it on a link of its own, the one with that index. again tells that it failed because an answer did not come that may not have
// been able to travel: once in eighty times, so that twice is no accident.
func (x first) play(ctx context.Context, env conformance.Env, index int, before string) (again bool, err error) {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return false, err
	}
	if !s.Initiator() {
		if err := s.ReadM1(); err != nil {
			return false, served(index, before, err)
		}
	}
	if err := x.refused(s); err != nil {
		return s.MayBeStuck(), err
	}
	return false, s.Close()
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

// judge looks what is answered. One to the genuine message is right; none is right on a stream.
func (x first) judge(s *adversary.Session, genuine adversary.Handshake) error {
	answer, err := s.LastAnswer()
	if s.Packets && answer == nil && err == nil { // it has to come
		answer, err = s.Answer(s.Patience())
	}
	var f *conformance.Failure
	switch {
	case errors.As(err, &f):
		return adversary.Fail(x.requirement, "no answer to "+x.words, f.Actual)
	case err != nil:
		return err
	case answer == nil && s.Packets:
		return lost(s, x.words)
	case answer == nil:
		return nil
	}
	m, err := s.Parse(answer)
	switch {
	case err == nil && answers(s, genuine, m), s.BeginsAnew(answer):
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

// lost is the Failure of a peer that does not go on with the genuine message after it dropped a wrong one on datagrams: it serves no new
// handshake (TRAN-013), or has given up the one that was under way (NOISE-017).
func lost(s *adversary.Session, words string) error {
	if s.Initiator() && s.Noise.RE == nil { // no m2 so far
		return adversary.Fail("TRAN-013", "m2 in answer to a genuine m1 after "+words, "no answer")
	}
	return adversary.Fail("NOISE-017", "a handshake that goes on with the genuine message after "+words, "no answer to that")
}

// stray is the Failure of a peer that answers what it rejected.
func stray(s *adversary.Session, words string, answer []byte) error {
	requirement := unanswered(s)
	if m, err := s.Parse(answer); s.Packets && err == nil && m.Type == wire.Payload && !m.Untagged {
		requirement = "CHAN-002" // a payload before open, whatever it answers
	}
	return adversary.Fail(requirement, "no answer at all to "+words, s.Describe(answer))
}

// unanswered is the requirement by which what was rejected is not answered: a failed handshake sends nothing more (NOISE-007), and one on
// datagrams goes on as if nothing had come (NOISE-017).
func unanswered(s *adversary.Session) string {
	if s.Packets {
		return "NOISE-017"
	}
	return "NOISE-007"
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
