package adversary

import (
	"slices"

	"ockamtest/ref/wire"
)

// Bodies that begin with the bytes of a type cannot travel in a profile without type bytes (section 11): one handshake message or
// record in eighty. A careful sender refuses those, and what a refused record took of its direction is a counter (REC-003); the payload
// is lost with it, or leaves under the next counter that can. So the kit passes over counters whose records cannot travel, its own and
// the peer's.

// maxTries is how often a handshake is begun again because a message of it could not travel.
const maxTries = 4

// spared is what a session knows of records that may not come.
type spared struct {
	once     bool            // the session does not begin anew
	next     uint64          // counter of the echo of the next payload
	counters map[uint64]bool // of records that need not come
	owed     int             // sacrifices that may yet be echoed
	moves    bool            // the peer sends what cannot travel under the next counter that can: no payload is lost
}

// sacrificed is the payload of a sacrifice.
const sacrificed = "sacrifice"

// stuck tells whether a body cannot travel.
func (s *Session) stuck(body []byte) bool {
	return len(body) > 0 && slices.Contains(s.profile.ForbiddenBodies, body[0])
}

// stuckAt tells whether the records of a direction cannot travel under counter n. They all begin alike: with the inner version.
func (s *Session) stuckAt(d Direction, n uint64) bool {
	return len(s.profile.ForbiddenBodies) > 0 && s.stuck(d.SealAt(n, []byte{wire.Version}))
}

// stalled tells whether an error may come from a handshake message of the peer that could not travel.
func (s *Session) stalled(err error) bool {
	return err != nil && s.unanswered && s.MayBeStuck() && s.Receiving.Key == nil && s.dial != nil && !s.spared.once
}

// MayBeStuck tells whether a handshake message of the peer may not have come because it could not travel: once in eighty times.
func (s *Session) MayBeStuck() bool { return len(s.profile.ForbiddenBodies) > 0 }

// Once keeps the session from beginning anew: the caller has prepared it.
func (s *Session) Once() { s.spared.once = true }

// again begins anew over another link.
func (s *Session) again() error {
	next, err := s.dial()
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	next.patience = s.patience
	*s = *next
	return nil
}

// beginAnew prepares another handshake, from another source if that is the session's to choose.
func (s *Session) beginAnew(onward Route) (err error) {
	if s.dial != nil {
		return s.again()
	}
	s.Onward = onward
	s.Noise, err = s.NewNoise()
	return err
}

// spend passes over the kit's counters whose records cannot travel.
func (s *Session) spend() {
	for s.stuckAt(s.Sending, s.Sending.N) {
		s.Sending.N++
	}
}

// passOver tells whether the peer's next record cannot travel and its payload is lost, and counts it as if it had come.
func (s *Session) passOver() bool {
	if !s.stuckAt(s.Receiving, s.Receiving.N) {
		return false
	}
	s.spare(s.Receiving.N)
	frame, err := s.Answer(s.env.Quiet()) // under the next counter it comes at once
	if err != nil || frame == nil {
		return true
	}
	s.packets = slices.Insert(s.packets, 0, frame)
	_, s.spared.moves = s.Opens(frame, s.ahead())
	return !s.spared.moves
}

// ahead is the peer's direction at the next counter whose record can travel.
func (s *Session) ahead() Direction {
	d := s.Receiving
	for s.stuckAt(d, d.N) {
		d.N++
	}
	return d
}

// spare notes that the peer's record under counter n need not come.
func (s *Session) spare(n uint64) {
	if s.spared.counters == nil {
		s.spared.counters = make(map[uint64]bool)
	}
	s.spared.counters[n] = true
}

// skip counts records that need not come.
func (s *Session) skip() {
	for s.spared.counters[s.Receiving.N] {
		s.Receiving.N++
	}
	if s.spared.moves {
		s.Receiving = s.ahead()
	}
}

// sacrifice sends payloads until the next echo is one that can travel.
func (s *Session) sacrifice() error {
	if len(s.profile.ForbiddenBodies) == 0 || s.spared.moves {
		return nil
	}
	next := max(s.spared.next, s.Receiving.N)
	for ; s.stuckAt(s.Receiving, next); next++ {
		s.spare(next)
		s.spared.owed++
		if err := s.SendRecord(s.SealPayload([]byte(sacrificed))); err != nil {
			return err
		}
	}
	s.spared.next = next + 1
	return nil
}

// isSpared tells whether a frame holds a record that need not have come, and counts that if it is the echo of a sacrifice which has moved
// to the next counter.
func (s *Session) isSpared(frame []byte) bool {
	if len(s.spared.counters) == 0 {
		return false
	}
	record, ok := s.recordIn(frame)
	if !ok {
		return false
	}
	for n := range s.spared.counters {
		if _, ok := Open(s.Receiving.Key, n, s.Receiving.AD, record); ok {
			return true
		}
	}
	next := s.ahead()
	if s.spared.owed == 0 || !s.Echoes(frame, next, []byte(sacrificed)) {
		return false
	}
	s.spared.owed--
	s.spared.moves = true
	s.Receiving = next
	s.Receiving.N++
	return true
}
