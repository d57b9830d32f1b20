package cases

import (
	"context"
	"errors"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// A last is the kit's genuine last handshake message: m3 to a responder, m2 to an initiator.
type last struct {
	kind   wire.Type
	bytes  []byte
	before adversary.Handshake // the kit's handshake without it
	after  adversary.Handshake
}

// begun takes the session to where only the kit's last handshake message is missing.
func begun(ctx context.Context, env conformance.Env) (*adversary.Session, last, error) {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return nil, last{}, err
	}
	if err := s.Begin(); err != nil {
		return nil, last{}, err
	}
	l := last{before: s.Noise}
	l.kind, l.bytes = s.Last()
	l.after = s.Noise
	return s, l, nil
}

// Offsets of the message's parts.
func (l last) static() int {
	if l.kind == wire.M2 {
		return l.before.Suite.PublicKeySize
	}
	return 0
}
func (l last) staticTag() int { return l.static() + l.before.Suite.PublicKeySize }
func (l last) payload() int   { return l.staticTag() + adversary.TagSize }

// flipped is the message with one bit changed.
func (l last) flipped(at int) []byte {
	m := append([]byte(nil), l.bytes...)
	m[at] ^= 1
	return m
}

// believed is the handshake of a responder that took m for m3 without verifying it: the right keys, and an h over what it
// received.
func (l last) believed(m []byte) adversary.Handshake {
	h := l.before
	cut := min(l.payload(), len(m))
	h.MixHash(m[:cut])
	h.MixHash(m[cut:])
	after := l.after
	after.H = h.H
	return after
}

// A forgery is a wrong last handshake message, and the states in which a peer may be that took it for a right one.
type forgery struct {
	requirement string
	words       string
	make        func(l last) (message []byte, believed []adversary.Handshake)
}

// refusedLast plays each forgery on a link of its own. It may not be answered: no m3 to an m2, and, after an m3, no echo of a
// payload that a responder would accept which had accepted it. On datagrams the genuine message behind it opens the channel
// (NOISE-017).
func refusedLast(ctx context.Context, env conformance.Env, forgeries ...forgery) error {
	if len(forgeries) == 0 {
		return errors.New("cases: no forgery")
	}
	for i, x := range forgeries {
		if err := twice(env, func() error { return x.play(ctx, env, i) }); err != nil {
			return err
		}
	}
	return nil
}

// play plays it on a link of its own, the one with that index.
func (x forgery) play(ctx context.Context, env conformance.Env, index int) error {
	s, l, err := begun(ctx, env)
	if err != nil {
		return served(index, x.requirement, err)
	}
	if err := x.refused(env, s, l); err != nil {
		return err
	}
	return s.Close()
}

func (x forgery) refused(env conformance.Env, s *adversary.Session, l last) error {
	message, believed := x.make(l)
	if err := s.SendMessage(l.kind, message); err != nil {
		return err
	}
	if err := probe(s, believed...); err != nil {
		return err
	}
	if s.Packets {
		return opensNow(env, s, l, x.requirement, x.words, believed...)
	}
	return notOpened(s, l, x.requirement, x.words, believed...)
}

// opensNow sends the genuine last message on datagrams and requires that it opens the channel. requirement is broken by a peer that took
// what was sent before it, described by words, for right: one whose channel is open in one of the believed states.
func opensNow(env conformance.Env, s *adversary.Session, l last, requirement, words string, believed ...adversary.Handshake) error {
	if !s.Initiator() { // else an m3 that answers the wrong m2 may pass for the right one
		answer, err := s.Answer(env.Quiet())
		if err != nil {
			return err
		}
		if answer != nil && !s.BeginsAnew(answer) {
			return answered(s, l, requirement, words, answer)
		}
	}
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if s.Initiator() {
		return echoesNow(s, l, requirement, words, believed...)
	}
	err := s.Finish()
	var f *conformance.Failure
	switch {
	case !errors.As(err, &f):
		return err
	case s.Silent():
		return lost(s, words)
	case s.Heard.Type == wire.M3: // but it does not verify
		return adversary.Fail(requirement, "m3 in answer to the genuine m2, and none to "+words, f.Actual)
	}
	return adversary.Fail(unanswered(s), "no answer at all to "+words, f.Actual)
}

// echoesNow requires that a responder's channel is open in the state after the genuine m3, and in no other.
func echoesNow(s *adversary.Session, l last, requirement, words string, believed ...adversary.Handshake) error {
	s.Open()
	payload, err := s.RandomPayload(controlSize)
	if err != nil {
		return err
	}
	if err := s.SendPayload(payload); err != nil {
		return err
	}
	answer, err := s.Answer(s.Patience())
	switch {
	case err != nil:
		return err
	case answer == nil:
		return lost(s, words)
	case s.Echoes(answer, s.Receiving, payload):
		return s.CheckEcho(answer, payload)
	case opened(s, l, answer, believed...):
		return adversary.Fail(requirement, "no answer to "+words, s.Describe(answer))
	}
	return stray(s, words, answer)
}

// probe sends a responder one payload for each state that it may be in, sealed as in that state. An initiator needs none: it says
// m3 by itself.
func probe(s *adversary.Session, believed ...adversary.Handshake) error {
	if !s.Initiator() {
		return nil
	}
	for _, h := range believed {
		if err := sendSealed(s, h); err != nil {
			return err
		}
	}
	return nil
}

// sendSealed sends a payload under the keys that h leads to.
func sendSealed(s *adversary.Session, h adversary.Handshake) error {
	payload, err := s.RandomPayload(stimulusSize)
	if err != nil {
		return err
	}
	sending, _ := s.Directions(h)
	return s.SendRecord(sending.Seal(s.Inner(payload)))
}

// notOpened requires that nothing comes. An answer that shows that the channel is open in one of the believed states breaks the
// requirement; any other one is an answer to a rejected message.
func notOpened(s *adversary.Session, l last, requirement, words string, believed ...adversary.Handshake) error {
	answer, err := s.LastAnswer()
	if err != nil || answer == nil {
		return s.NoAnswer("NOISE-007", words, nil, err)
	}
	return answered(s, l, requirement, words, answer, believed...)
}

// answered is the Failure of a peer that has answered.
func answered(s *adversary.Session, l last, requirement, words string, answer []byte, believed ...adversary.Handshake) error {
	if opened(s, l, answer, believed...) {
		return adversary.Fail(requirement, "no answer to "+words, s.Describe(answer))
	}
	return stray(s, words, answer)
}

// opened tells whether an answer comes from a peer whose channel is open in one of the believed states: an initiator's m3, a
// responder's record.
func opened(s *adversary.Session, l last, answer []byte, believed ...adversary.Handshake) bool {
	if l.kind == wire.M2 {
		m, err := s.Parse(answer)
		return err == nil && m.Type == wire.M3
	}
	return slices.ContainsFunc(believed, func(h adversary.Handshake) bool {
		_, receiving := s.Directions(h)
		_, ok := s.Opens(answer, receiving)
		return ok
	})
}
