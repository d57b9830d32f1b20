package adversary

import (
	"bytes"
	"errors"
	"slices"

	"ockamtest/conformance"
)

// probeSize is the length of the payloads that prove that a channel is alive.
const probeSize = 24

// A Rejected is something that was sent on an open channel and has to be rejected.
type Rejected struct {
	Requirement string // the one that is broken when it is taken for right
	Words       string
	// Payload is what a peer delivers, and echoes, that takes it for right.
	Payload []byte
	// Accepts, if set, recognizes another answer to it.
	Accepts func(Message) bool
	// Other is the requirement that is broken when something else is delivered than Payload or what is genuine; empty is REC-004.
	Other string
}

func (r Rejected) other() string {
	if r.Other == "" {
		return "REC-004"
	}
	return r.Other
}

// Survives sends a genuine payload after what was rejected and tells whether the channel lives on. It need not: the peer may have
// failed it or ended the link. But what was sent before may not be answered, and it may not have used up the counter of the
// genuine payload (REC-004). When the channel does not live on, nothing can be sent on the link afterwards.
func (s *Session) Survives(r Rejected) (bool, error) {
	if s.Packets {
		return true, s.livesOn(r)
	}
	// The genuine payload would fail the channel of a peer that has taken what was rejected for right. One that answers several records at once
	// has answered none of them then.
	frame, err := s.Answer(s.env.Quiet())
	switch {
	case err != nil:
		return false, s.NoAnswer(r.Requirement, r.Words, nil, err)
	case frame != nil:
		return false, s.unasked(r, frame)
	case s.Ended():
		return false, nil
	}
	genuine, err := s.sendProbe()
	if err != nil {
		return false, err
	}
	frame, err = s.Answer(s.env.Quiet())
	switch {
	case err != nil:
		return false, s.NoAnswer(r.Requirement, r.Words, nil, err)
	case frame != nil:
		return true, s.genuineOnly(r, frame, genuine)
	case s.Ended():
		return false, nil
	}
	return false, s.silent(r, genuine)
}

// livesOn is Survives on datagrams, where the channel has to live on: what is rejected is dropped (REC-005).
func (s *Session) livesOn(r Rejected) error {
	genuine, err := s.sendProbe()
	if err != nil {
		return err
	}
	frame, err := s.Answer(s.wait())
	if err != nil {
		return s.NoAnswer(r.Requirement, r.Words, nil, err)
	}
	if frame != nil {
		return s.genuineOnly(r, frame, genuine)
	}
	s.Sending.N++ // a peer that counts what it rejects has counted twice
	second, err := s.sendProbe()
	if err != nil {
		return err
	}
	if frame, err = s.Answer(s.wait()); err != nil {
		return s.NoAnswer(r.Requirement, r.Words, nil, err)
	}
	if frame != nil && s.Echoes(frame, s.Receiving, second) {
		return failure("REC-004", "after "+r.Words+" a receive counter as before, so that the genuine payload is echoed",
			"only the echo of the payload after it: the receive counter has advanced")
	}
	return failure("REC-005", "after "+r.Words+", which is dropped on datagrams, the echo of the genuine payload", "no answer to it")
}

// silent looks into a silence: the channel has failed, or the peer is slow, or it skipped the genuine payload's counter.
func (s *Session) silent(r Rejected, genuine []byte) error {
	second, err := s.sendProbe()
	if err != nil {
		return err
	}
	frame, err := s.LastAnswer()
	switch {
	case err != nil || frame == nil:
		return s.NoAnswer(r.Requirement, r.Words, nil, err)
	case s.Echoes(frame, s.Receiving, second):
		return failure("REC-004", "after "+r.Words+" a receive counter as before, so that the genuine payload is echoed",
			"only the echo of the payload after it: the receive counter has advanced")
	}
	return s.genuineOnly(r, frame, genuine)
}

// unasked says what an answer is to which nothing but what was rejected can have led.
func (s *Session) unasked(r Rejected, frame []byte) error {
	never, err := s.RandomPayload(probeSize)
	if err != nil {
		return err
	}
	return s.genuineOnly(r, frame, never)
}

// genuineOnly requires that an answer is the echo of the genuine payload, and says what else it is.
func (s *Session) genuineOnly(r Rejected, frame, genuine []byte) error {
	want := "no answer to " + r.Words + ", and then the echo of the genuine payload or none"
	if m, err := s.Parse(frame); err == nil && r.Accepts != nil && r.Accepts(m) {
		return failure(r.Requirement, want, s.Describe(frame))
	}
	if s.Echoes(frame, s.Receiving, r.Payload) {
		return failure(r.Requirement, want, "the echo of what had to be rejected")
	}
	got, opens := s.Opens(frame, s.Receiving)
	echoed := s.Echoes(frame, s.Receiving, genuine)
	if opens && !echoed && bytes.HasPrefix(got, genuine) {
		return s.checkEcho(frame, genuine, nil, "the echo of the genuine payload") // and more than that
	}
	if opens && !echoed {
		return failure(r.other(), want, "the echo of something else")
	}
	err := s.checkEcho(frame, genuine, nil, "the echo of the genuine payload")
	var f *conformance.Failure
	if errors.As(err, &f) && !echoed && !slices.Contains(ownFaults(), f.Requirement) {
		return failure("CHAN-004", want, f.Actual)
	}
	return err
}

// MustSurvive sends a genuine payload after what was sent before it, described by after, and requires its echo. A Failure blames
// requirement, or one of keep if it is that one that the echo breaks.
func (s *Session) MustSurvive(requirement, after string, keep ...string) error {
	err := s.EchoRandom(probeSize)
	var f *conformance.Failure
	if !errors.As(err, &f) {
		return err
	}
	if slices.Contains(keep, f.Requirement) {
		requirement = f.Requirement
	}
	return failure(requirement, "after "+after+" an open channel that echoes the next payload and nothing else", f.Actual)
}

// ownFaults are the requirements about how the peer counts its own records: they are broken whatever was sent before.
func ownFaults() []string { return []string{"REC-002", "REC-003"} }

func (s *Session) sendProbe() ([]byte, error) {
	payload, err := s.RandomPayload(probeSize)
	if err != nil {
		return nil, err
	}
	return payload, s.SendPayload(payload)
}
