package adversary

import (
	"errors"
	"fmt"
	"time"

	"ockamtest/conformance"
)

// probeSize is the length of the payloads that prove that a channel is alive.
const probeSize = 24

// Fail makes a Failure.
func Fail(requirement, expected, actual string) error { return failure(requirement, expected, actual) }

// Answer returns the next frame if the peer begins one within wait, and nil if nothing came: silence, or the end of the link. A
// repeat of the peer's last handshake message on datagrams is no answer (TRAN-014).
func (s *Session) Answer(wait time.Duration) ([]byte, error) {
	for {
		if err := s.Await(wait); Absent(err) {
			return nil, nil
		}
		frame, err := s.ReceiveFrame(s.env.Patience())
		switch {
		case err == nil && s.isRepeat(frame):
			continue
		case Absent(err):
			return nil, failure("TRAN-001", "a whole frame or none", unframed(s.Partial()))
		}
		return frame, err
	}
}

// LastAnswer is Answer for a link on which nothing more is sent: after a quiet time it sends FIN and waits for the peer's end of the
// link, so that a late answer counts. A peer that does not end the link is not accused of that.
func (s *Session) LastAnswer() ([]byte, error) {
	frame, err := s.Answer(s.env.Quiet())
	if err != nil || frame != nil || s.Ended() {
		return frame, err
	}
	if err := s.Link.CloseWrite(); err != nil && !peerEnded(err) {
		return nil, err
	}
	return s.Answer(s.env.Patience())
}

// ExpectSilence requires that nothing is answered to what was sent, described by after: neither soon, nor once the kit has
// sent its FIN. That the peer ends the link is fine, that it leaves it open is too. Nothing can be sent on the link afterwards.
func (s *Session) ExpectSilence(requirement, after string) error {
	frame, err := s.LastAnswer()
	return s.noAnswer(requirement, after, frame, err)
}

// ExpectSilenceAtEnd is ExpectSilence with FIN sent at once, behind the last bytes.
func (s *Session) ExpectSilenceAtEnd(requirement, after string) error {
	if err := s.Link.CloseWrite(); err != nil && !peerEnded(err) {
		return err
	}
	frame, err := s.Answer(s.env.Patience())
	return s.noAnswer(requirement, after, frame, err)
}

// ExpectNothing requires that nothing is answered soon; the link stays as it is. That the peer ends it is fine.
func (s *Session) ExpectNothing(requirement, after string) error {
	return s.ExpectNothingFor(s.env.Quiet(), requirement, after)
}

// ExpectNothingFor is ExpectNothing for a time of the caller's choice.
func (s *Session) ExpectNothingFor(wait time.Duration, requirement, after string) error {
	frame, err := s.Answer(wait)
	return s.noAnswer(requirement, after, frame, err)
}

func (s *Session) noAnswer(requirement, after string, frame []byte, err error) error {
	var f *conformance.Failure
	switch {
	case errors.As(err, &f):
		return failure(requirement, "no answer to "+after, f.Actual)
	case err != nil || frame == nil:
		return err
	}
	return failure(requirement, "no answer to "+after, s.Describe(frame))
}

// MustSurvive sends a genuine payload after what was sent before it, described by after, and requires its echo.
func (s *Session) MustSurvive(requirement, after string) error {
	err := s.EchoRandom(probeSize)
	var f *conformance.Failure
	if errors.As(err, &f) {
		return failure(requirement, "after "+after+" an open channel that echoes the next payload and nothing else", f.Actual)
	}
	return err
}

// Survives sends a genuine payload after what was sent before it, described by after, and tells whether the channel lives on. It
// need not: the peer may have failed it or ended the link. But what was sent before may not be answered, and it may not have used up
// the counter of the genuine payload (REC-004). When the channel does not live on, nothing can be sent on the link afterwards.
func (s *Session) Survives(requirement, after string) (bool, error) {
	genuine, err := s.sendProbe()
	if err != nil {
		return false, err
	}
	frame, err := s.Answer(s.env.Quiet())
	if err == nil && frame == nil && !s.Ended() {
		return s.silent(requirement, after, genuine)
	}
	if f := s.noAnswer(requirement, after, nil, err); f != nil || frame == nil {
		return false, f
	}
	return true, s.survivor(requirement, after, frame, genuine)
}

// silent looks into a silence: the channel has failed, or the peer is slow, or it skipped the genuine payload's counter.
func (s *Session) silent(requirement, after string, genuine []byte) (bool, error) {
	second, err := s.sendProbe()
	if err != nil {
		return false, err
	}
	frame, err := s.LastAnswer()
	if f := s.noAnswer(requirement, after, nil, err); f != nil || frame == nil {
		return false, f
	}
	received := s.Receiving
	if s.checkEcho(frame, second, nil, "") == nil {
		return false, failure("REC-004", "after "+after+" a receive counter as before, so that the genuine payload is echoed",
			"only the echo of the payload after it: the receive counter has advanced")
	}
	s.Receiving = received
	return false, s.survivor(requirement, after, frame, genuine)
}

// survivor requires that the answer is the echo of the genuine payload.
func (s *Session) survivor(requirement, after string, frame, genuine []byte) error {
	err := s.checkEcho(frame, genuine, nil, "the echo of the genuine payload")
	var f *conformance.Failure
	if errors.As(err, &f) {
		return failure(requirement, "no answer to "+after+", and then the echo of the genuine payload or none", f.Actual)
	}
	return err
}

func (s *Session) sendProbe() ([]byte, error) {
	payload, err := s.Random(probeSize)
	if err != nil {
		return nil, err
	}
	return payload, s.SendPayload(payload)
}

// Describe says in words what a frame's message is.
func (s *Session) Describe(frame []byte) string {
	if record, ok := s.recordIn(frame); ok && s.Receiving.Key != nil {
		if inner, ok := Open(s.Receiving.Key, s.Receiving.N, s.Receiving.AD, record); ok {
			return fmt.Sprintf("a record with an inner message of %d bytes that opens with the channel's key", len(inner))
		}
	}
	m, err := ParseMessage(frame)
	if err != nil {
		return fmt.Sprintf("a frame of %d bytes", len(frame))
	}
	return fmt.Sprintf("a message of type %d, %s, with a body of %d bytes", m.Type, TypeName(m.Type), len(m.Body))
}

// recordIn returns what would be the record in a frame.
func (s *Session) recordIn(frame []byte) ([]byte, bool) {
	if !s.profile.TransportHeader {
		return frame, true
	}
	m, err := ParseMessage(frame)
	return m.Body, err == nil
}
