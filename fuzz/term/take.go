package term

import (
	"bytes"
	"fmt"
	"slices"

	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A Heard is what a message of the peer's is to the kit.
type Heard struct {
	Kind    Kind   // IsM1 to IsJunk
	Payload []byte // of IsRecord: the inner payload, the caller's
}

// Take takes a message that the peer has sent in a session: a datagram, or the contents of a frame, of any length. What is the next handshake
// message and verifies moves the session on; a record that verifies uses its counter up, on a stream the next one, on datagrams one of the next
// 32; anything else is IsJunk, IsPing, or IsPong and moves nothing. Take keeps a copy of it for Received, of the first MaxMessage+1. It fails
// with ErrSession alone.
func (e *Evaluator) Take(number uint64, message []byte) (Heard, error) {
	s, ok := e.sessions[number]
	if !ok {
		return Heard{}, fmt.Errorf("%w: %d", ErrSession, number)
	}
	message = slices.Clone(message)
	heard := e.hear(s, message)
	if len(s.received) <= MaxMessage {
		if heard.Kind == IsRecord {
			s.plain[len(s.received)] = slices.Clone(heard.Payload)
		}
		s.received = append(s.received, message)
	}
	return heard, nil
}

func (e *Evaluator) hear(s *session, message []byte) Heard {
	if s.open && !e.config.Profile.TransportHeader {
		if heard := e.hearRecord(s, message); heard.Kind == IsRecord {
			return heard
		}
	}
	m, err := wire.Parse(e.dialect(), message)
	if err != nil {
		return Heard{Kind: IsJunk}
	}
	kind := m.Type
	if kind == wire.Untyped && s.open {
		kind = wire.Payload
	}
	switch kind {
	case wire.Ping:
		return Heard{Kind: IsPing}
	case wire.Pong:
		return Heard{Kind: IsPong}
	case wire.Payload:
		return e.hearRecord(s, m.Body)
	default:
		return e.hearHandshake(s, m)
	}
}

// hearHandshake takes a handshake message, if it is the next one and verifies.
func (e *Evaluator) hearHandshake(s *session, m wire.Message) Heard {
	kind := e.handshakeType(m)
	next := *s
	if s.open || !e.readHandshake(&next, kind, m.Body) {
		return Heard{Kind: IsJunk}
	}
	next.learn(e.config.Profile, m.Return)
	*s = next
	return Heard{Kind: IsM1 + Kind(kind-wire.M1)}
}

// readHandshake reads a handshake message into a copy of a session; false if it is not the next one or does not verify.
func (e *Evaluator) readHandshake(s *session, kind wire.Type, m []byte) bool {
	size := e.config.Profile.Suite.PublicKeySize
	responding := e.config.Peer == Initiator
	switch {
	case kind == wire.M1 && responding && len(m) == size:
		return e.hearM1(s, m)
	case kind == wire.M2 && !responding && s.taken[AfterM1] && len(m) == 2*size+2*tagSize:
		return e.hearM2(s, m[:size], m[size:2*size+tagSize], m[2*size+tagSize:])
	case kind == wire.M3 && responding && s.taken[AfterM2] && len(m) == size+2*tagSize:
		return e.hearM3(s, m[:size+tagSize], m[size+tagSize:])
	}
	return false
}

func (e *Evaluator) hearM1(s *session, m []byte) bool {
	if s.taken[AfterM1] && bytes.Equal(s.re, m) {
		return true // TRAN-014: a repeat begins nothing
	}
	s.begin(e.startOf())
	state := s.at[Start]
	s.re = m
	e.mixHash(&state, m)
	s.reach(AfterE1, state)
	e.mixHash(&state, nil)
	s.reach(AfterM1, state)
	return true
}

func (e *Evaluator) hearM2(s *session, re, static, rest []byte) bool {
	state := s.at[AfterM1]
	s.re = re
	e.mixHash(&state, re)
	s.reach(AfterE2, state)
	e.mixKey(&state, s.e.shared(re))
	s.reach(AfterEE, state)
	rs, ok := e.decrypt(&state, static)
	if !ok {
		return false
	}
	s.reach(AfterS2, state)
	e.mixKey(&state, s.e.shared(rs))
	s.reach(AfterES, state)
	_, ok = e.decrypt(&state, rest)
	s.reach(AfterM2, state)
	return ok
}

func (e *Evaluator) hearM3(s *session, static, rest []byte) bool {
	state := s.at[AfterM2]
	rs, ok := e.decrypt(&state, static)
	if !ok {
		return false
	}
	s.reach(AfterS3, state)
	e.mixKey(&state, s.e.shared(rs))
	s.reach(AfterSE, state)
	if _, ok = e.decrypt(&state, rest); !ok {
		return false
	}
	s.reach(AfterM3, state)
	e.established(s)
	return true
}

// lookAhead is how many records of the peer's may be lost in a row (REC-008).
const lookAhead = 32

// hearRecord opens a record.
func (e *Evaluator) hearRecord(s *session, ciphertext []byte) Heard {
	junk := Heard{Kind: IsJunk}
	if !s.open {
		return junk
	}
	tries := uint64(1)
	if e.config.Datagrams {
		tries = lookAhead
	}
	for i := range tries {
		inner, ok := e.config.Crypto.Open(s.receiving.key, s.receiving.n+i, s.receiving.ad, ciphertext)
		if !ok {
			continue
		}
		s.receiving.n += i + 1
		m, err := wire.Parse(wire.Dialect(e.innerEnvelope()), inner)
		if err != nil || m.Type != wire.Payload && m.Type != wire.Untyped {
			return junk
		}
		return Heard{Kind: IsRecord, Payload: slices.Clone(m.Body)}
	}
	return junk
}

func (e *Evaluator) innerEnvelope() profile.Envelope { return e.config.Profile.InnerEnvelope() }
