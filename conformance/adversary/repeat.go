package adversary

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/wire"
)

// firstRepeat is the time after which m1 is repeated for the first time; it doubles with each repeat (TRAN-014).
const firstRepeat = 500 * time.Millisecond

// Mute keeps the session from repeating m1: the caller counts what is answered.
func (s *Session) Mute() { s.mute = true }

// sendM1 sends m1, which is repeated until m2 comes where the profile's initiators do that (TRAN-014).
func (s *Session) sendM1() error {
	m1 := s.Outer(wire.M1, s.MakeM1()).Bytes()
	if s.profile.RepeatM1 && !s.OnStream() && !s.mute {
		s.m1 = m1
	}
	return s.SendFrame(m1)
}

// receive is ReceiveFrame that repeats m1 meanwhile. Time is counted, not taken from a clock: in process it is virtual.
func (s *Session) receive(wait time.Duration) ([]byte, error) {
	for pause := firstRepeat; s.m1 != nil && pause < wait; pause *= 2 {
		frame, err := s.ReceiveFrame(pause)
		if !errors.Is(err, conformance.ErrQuiet) || len(s.Partial()) > 0 {
			return frame, err
		}
		if err := s.SendFrame(s.m1); err != nil {
			return nil, err
		}
		wait -= pause
	}
	return s.ReceiveFrame(wait)
}

// isRepeat tells whether a frame repeats a handshake message of the peer's, as a channel on datagrams does (TRAN-014).
func (s *Session) isRepeat(frame []byte) bool {
	return !s.OnStream() && slices.ContainsFunc(*s.heard, func(m []byte) bool { return bytes.HasSuffix(frame, m) })
}

// isCopy tells whether a frame is a record of the peer's that has come before, byte for byte. Datagrams may be duplicated on their way, and no
// pair of key and nonce was used twice for that.
func (s *Session) isCopy(frame []byte) bool {
	record, ok := s.recordIn(frame)
	return ok && !s.OnStream() && s.copies[tagOf(record)]
}

// took notes a record of the peer's, to know a copy of it.
func (s *Session) took(record []byte) {
	if s.copies == nil {
		s.copies = make(map[string]bool)
	}
	s.Record = record
	s.copies[tagOf(record)] = true
}

// tagOf is what no two records of a channel share.
func tagOf(record []byte) string { return string(record[max(0, len(record)-TagSize):]) }
