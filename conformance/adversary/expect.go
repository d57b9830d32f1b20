package adversary

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/wire"
)

// Fail makes a Failure.
func Fail(requirement, expected, actual string) error { return failure(requirement, expected, actual) }

// Answer returns the next frame if the peer begins one within wait, and nil if nothing came: silence, or the end of the link. A
// repeat of a handshake message of the peer's on datagrams is no answer (TRAN-014), and makes the wait no longer: the deadline of the
// peer's handshake runs.
func (s *Session) Answer(wait time.Duration) ([]byte, error) {
	s.skip()
	for until := time.Now().Add(wait); ; wait = time.Until(until) {
		if err := s.Await(wait); Absent(err) {
			return nil, nil
		}
		frame, err := s.ReceiveFrame(s.env.Patience())
		switch {
		case err == nil && (s.isRepeat(frame) || s.isSpared(frame) || s.isCopy(frame)):
			continue
		case Absent(err):
			return nil, failure("TRAN-001", "a whole frame or none", unframed(s.Partial()))
		}
		return frame, err
	}
}

// LastAnswer is Answer for a link on which nothing more is sent: after a quiet time it sends FIN and waits for the peer's end
// of the link, so that a late answer counts. A peer that does not end the link is not accused of that. Datagrams have no end.
func (s *Session) LastAnswer() ([]byte, error) {
	frame, err := s.Answer(s.env.Quiet())
	if err != nil || frame != nil || s.Ended() || s.Packets {
		return frame, err
	}
	return s.AnswerAtEnd()
}

// AnswerAtEnd is LastAnswer with FIN sent at once, behind the last bytes.
func (s *Session) AnswerAtEnd() ([]byte, error) {
	if err := s.Link.CloseWrite(); err != nil && !peerEnded(err) {
		return nil, err
	}
	return s.Answer(s.env.Patience())
}

// ExpectNothing requires that nothing is answered for a time to what was sent, described by after. That the peer ends the link is
// fine; else it stays as it is.
func (s *Session) ExpectNothing(wait time.Duration, requirement, after string) error {
	frame, err := s.Answer(wait)
	return s.NoAnswer(requirement, after, frame, err)
}

// NoAnswer turns an answer, or half of one, into a Failure.
func (s *Session) NoAnswer(requirement, after string, frame []byte, err error) error {
	var f *conformance.Failure
	switch {
	case errors.As(err, &f):
		return failure(requirement, "no answer to "+after, f.Actual)
	case err != nil || frame == nil:
		return err
	}
	return failure(requirement, "no answer to "+after, s.Describe(frame))
}

// Describe says in words what a frame's message is.
func (s *Session) Describe(frame []byte) string {
	if record, ok := s.recordIn(frame); ok && s.Receiving.Key != nil {
		if inner, ok := Open(s.Receiving.Key, s.Receiving.N, s.Receiving.AD, record); ok {
			return fmt.Sprintf("a record with an inner message of %d bytes that opens with the channel's key", len(inner))
		}
	}
	m, err := s.Parse(frame)
	if err != nil {
		return fmt.Sprintf("%d bytes that are no message", len(frame))
	}
	return fmt.Sprintf("a message of type %d, %s, with a body of %d bytes", m.Type, TypeName(m.Type), len(m.Body))
}

// Opens returns the payload of the record in a frame if it opens under the given direction. Nothing is used up.
func (s *Session) Opens(frame []byte, d Direction) (payload []byte, ok bool) {
	record, ok := s.recordIn(frame)
	if !ok {
		return nil, false
	}
	inner, ok := Open(d.Key, d.N, d.AD, record)
	if !ok {
		return nil, false
	}
	m, err := s.parseInner(inner)
	return m.Body, err == nil && m.Type == wire.Payload
}

// Echoes tells whether the record in a frame is the echo of a payload.
func (s *Session) Echoes(frame []byte, d Direction, payload []byte) bool {
	got, ok := s.Opens(frame, d)
	return ok && bytes.Equal(got, payload)
}

// recordIn returns what would be the record in a frame.
func (s *Session) recordIn(frame []byte) ([]byte, bool) {
	if !s.profile.TransportHeader {
		return frame, true
	}
	m, err := s.Parse(frame)
	return m.Body, err == nil
}
