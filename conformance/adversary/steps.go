package adversary

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/wire"
)

// MakeM1 makes m1 as initiator.
func (s *Session) MakeM1() []byte { return s.Noise.WriteM1(nil) }

// MakeM2 makes m2 as responder.
func (s *Session) MakeM2() []byte { return s.Noise.WriteM2(nil) }

// MakeM3 makes m3 as initiator.
func (s *Session) MakeM3() []byte {
	before := s.Noise
	m3 := s.Noise.WriteM3(nil)
	s.unmixed = hashBefore(before, m3)
	return m3
}

// ReadM1 waits for m1 as responder.
func (s *Session) ReadM1() error {
	return s.readHandshake(wire.M1, (*Handshake).ReadM1)
}

// ReadM2 waits for m2 as initiator. It fails if m2 does not verify, and says which rule the peer broke, if it can be told.
func (s *Session) ReadM2() error {
	if err := s.readHandshake(wire.M2, (*Handshake).ReadM2); err != nil {
		return err
	}
	return s.checkPeer()
}

// ReadM3 waits for m3 as responder. It fails as ReadM2 does.
func (s *Session) ReadM3() error {
	if err := s.readHandshake(wire.M3, (*Handshake).ReadM3); err != nil {
		return err
	}
	return s.checkPeer()
}

// TakeM2 is ReadM2 of what has come.
func (s *Session) TakeM2(frame []byte) error {
	m, err := s.parseAs(wire.M2, frame, "m2")
	if err != nil {
		return err
	}
	if err := s.take(wire.M2, m, (*Handshake).ReadM2); err != nil {
		return err
	}
	return s.checkPeer()
}

func (s *Session) readHandshake(t wire.Type, read func(*Handshake, []byte) ([]byte, bool)) error {
	m, err := s.ReceiveMessage(t, "CHAN-001")
	if err != nil {
		return err
	}
	return s.take(t, m, read)
}

// take takes a handshake message.
func (s *Session) take(t wire.Type, m Message, read func(*Handshake, []byte) ([]byte, bool)) error {
	if t == wire.M3 && len(s.profile.ForbiddenBodies) > 0 && len(m.Body) == s.noiseSize(wire.M1) {
		return s.restart(m)
	}
	if want := s.noiseSize(t); len(m.Body) != want {
		return failure("NOISE-002", fmt.Sprintf("an %s of %d bytes", TypeName(t), want), fmt.Sprintf("%d bytes", len(m.Body)))
	}
	s.before = s.Noise
	next := s.Noise
	payload, ok := read(&next, m.Body)
	if !ok {
		return s.diagnoseHandshake(t, m.Body)
	}
	if len(payload) > 0 {
		return failure("NOISE-002", "an empty payload in "+TypeName(t), fmt.Sprintf("%d bytes", len(payload)))
	}
	if t == wire.M3 {
		s.unmixed = hashBefore(s.before, m.Body)
	}
	s.spoken, s.Noise = m.Body, next
	*s.heard = append(*s.heard, m.Body)
	s.learn(m.Return)
	return nil
}

// learn takes the reply route from the peer's return route (ROUT-003, ROUT-008).
func (s *Session) learn(route Route) {
	if s.profile.Routes {
		s.Onward = route.Learn(s.source)
		if s.Leading != "" {
			s.Onward[0] = s.Leading
		}
		s.datagrams = s.datagrams || len(s.Onward) > 1 || len(s.Return) > 1 || s.Local != "" // CHAN-011
	}
}

// BeginsAnew tells whether a frame is a new m1 of an initiator whose m3 could not travel (section 11).
func (s *Session) BeginsAnew(frame []byte) bool {
	m, err := s.Parse(frame)
	return len(s.profile.ForbiddenBodies) > 0 && !s.Initiator() && err == nil && m.Type == wire.M1
}

// restart answers an initiator whose m3 could not travel and who begins anew (section 11).
func (s *Session) restart(m Message) (err error) {
	if s.Noise, err = s.NewNoise(); err != nil {
		return err
	}
	s.Noise.ReadM1(m.Body)
	s.spoken = m.Body
	*s.heard = append(*s.heard, m.Body)
	s.learn(m.Return)
	if err := s.SendMessage(s.Last()); err != nil {
		return err
	}
	return s.readHandshake(wire.M3, (*Handshake).ReadM3)
}

// checkPeer holds the peer to the static key that it has to prove.
func (s *Session) checkPeer() error {
	pinned := s.env.PeerStatic()
	if pinned == nil || bytes.Equal(pinned, s.Noise.RS) {
		return nil
	}
	return failure("NOISE-012", "a handshake with the peer's configured static key", "a handshake that proves another static key")
}

// noiseSize is the length of a handshake message with an empty payload (NOISE-002).
func (s *Session) noiseSize(t wire.Type) int {
	key := s.profile.Suite.PublicKeySize
	switch t {
	case wire.M1:
		return key
	case wire.M2:
		return key + key + TagSize + TagSize
	default:
		return key + TagSize + TagSize
	}
}

// ReceiveMessage waits for a wire message of the given type. requirement is the one that says that the message must come.
func (s *Session) ReceiveMessage(t wire.Type, requirement string) (Message, error) {
	want := fmt.Sprintf("%s (type %d)", TypeName(t), t)
	frame, err := s.next(requirement, want)
	if err != nil {
		return Message{}, err
	}
	return s.parseAs(t, frame, want)
}

func (s *Session) parseAs(t wire.Type, frame []byte, want string) (Message, error) {
	m, err := s.Parse(frame)
	var malformed *MalformedError
	if errors.As(err, &malformed) {
		if s.below != nil && isFramed(frame) {
			return Message{}, failure("CHAN-008", want+" as it is, in a payload of the channel below", "a length before the message")
		}
		if s.Packets && isFramed(frame) {
			return Message{}, failure("TRAN-010", want+" as it is, in a datagram", "a frame with a length before the message")
		}
		return Message{}, failure(malformed.Requirement, "a well-formed "+want, malformed.Words)
	}
	if m.Untagged && m.Type > wire.Pong {
		m.Type = t
	}
	if m.Type != t {
		return Message{}, failure("CHAN-001", want, fmt.Sprintf("a message of type %d, %s", m.Type, TypeName(m.Type)))
	}
	if s.below != nil && len(m.Onward)+len(m.Return) > 0 {
		return Message{}, failure("CHAN-008", want+" with two empty routes, in a channel in which nothing is routed",
			fmt.Sprintf("%d onward and %d return addresses", len(m.Onward), len(m.Return)))
	}
	if !s.profile.Routes && len(m.Onward)+len(m.Return) > 0 {
		return Message{}, failure("CHAN-001", want+" with two empty routes, as profile "+s.profile.Name+" has none",
			fmt.Sprintf("%d onward and %d return addresses", len(m.Onward), len(m.Return)))
	}
	s.Heard = m
	return m, nil
}

// Parse reads a frame's message in the form of the profile, strictly. Without a type byte it takes the type of the handshake message
// that has its length, else it is a payload.
func (s *Session) Parse(frame []byte) (Message, error) {
	if s.profile.HandshakeTypeByte {
		return ParseMessage(frame)
	}
	m, err := ParseUntagged(frame)
	for _, t := range []wire.Type{wire.M1, wire.M2, wire.M3} {
		if err == nil && m.Type == wire.Payload && len(m.Body) == s.noiseSize(t) {
			m.Type = t
		}
	}
	return m, err
}

// next waits for the next frame and turns its absence into a Failure of requirement. A peer that repeats itself for ever is not waited for
// any longer than one that says nothing.
func (s *Session) next(requirement, want string) ([]byte, error) {
	wait := s.wait()
	for until := time.Now().Add(wait); ; wait = time.Until(until) {
		frame, err := s.receive(wait)
		if err == nil {
			if s.isRepeat(frame) || s.isSpared(frame) || s.isCopy(frame) {
				continue
			}
			s.Frame = frame
			return frame, nil
		}
		if partial := s.Partial(); len(partial) > 0 && Absent(err) {
			return nil, failure("TRAN-001", want+" in a frame: a 2-byte big-endian length and so many bytes", unframed(partial))
		}
		return nil, s.missing(requirement, want, err)
	}
}

// Patience is how long an awaited message may take.
func (s *Session) Patience() time.Duration { return s.wait() }

// wait is how long an awaited message may take.
func (s *Session) wait() time.Duration { return s.env.Patience() / time.Duration(max(1, s.patience)) }

// Hurry makes awaited messages have to come n times faster than Env.Patience says.
func (s *Session) Hurry(n int) { s.patience = n }

// Silent tells whether a message that was awaited has not come.
func (s *Session) Silent() bool { return s.unanswered }

// Unheard tells whether the peer has said nothing on datagrams that was awaited: what was sent may be lost.
func (s *Session) Unheard() bool { return s.Packets && s.unanswered && len(*s.heard) == 0 }

// missing turns the absence of an awaited message into a Failure; other errors are passed on.
func (s *Session) missing(requirement, want string, err error) error {
	s.unanswered = s.unanswered || Absent(err) || errors.Is(err, conformance.ErrUnreachable)
	switch {
	case errors.Is(err, conformance.ErrQuiet):
		return failure(requirement, want, fmt.Sprintf("no answer in %v", s.wait()))
	case errors.Is(err, conformance.ErrReset):
		return failure(requirement, want, "connection reset")
	case errors.Is(err, conformance.ErrStalled):
		return failure(requirement, want, "a peer that takes no more bytes")
	case errors.Is(err, io.EOF):
		return failure(requirement, want, "connection closed")
	}
	return err
}

// Absent tells whether an error of receiving says something about the peer.
func Absent(err error) bool {
	return errors.Is(err, conformance.ErrQuiet) || errors.Is(err, conformance.ErrReset) ||
		errors.Is(err, conformance.ErrStalled) || errors.Is(err, io.EOF)
}

func failure(requirement, expected, actual string) *conformance.Failure {
	return &conformance.Failure{Requirement: requirement, Expected: expected, Actual: actual}
}
