package adversary

import "slices"

// Bare is an envelope with as few routes as a peer takes: no return route, and no address of its node's (ROUT-004: "Receivers do not rely
// on it: empty routes are good too").
func (s *Session) Bare(record []byte) []byte {
	onward, back := s.Onward, s.Return
	defer func() { s.Onward, s.Return = onward, back }()
	s.Onward = slices.Clone(onward[min(1, len(onward)):])
	s.Return = nil
	return s.Envelope(record)
}

// Unanswerable returns the lengths of payloads which the peer receives in a Bare envelope, and whose echo is longer than a message may be:
// the least and the greatest. It is measured on the peer's last record: an echo has to have been received before. ok is false where there
// are none, because the peer's messages are as short as the kit's.
func (s *Session) Unanswerable() (least, greatest int, ok bool) {
	if limit := s.profile.SendLimit; limit > 0 { // whether the limits count the inner header or not (REC-013)
		header := len(s.Inner(nil))
		return limit + 1, s.profile.ReceiveLimit - header, limit+1 <= s.profile.ReceiveLimit-header
	}
	least = s.maxMessage() - s.overhead + 1
	greatest = s.maxMessage() - len(s.Bare(nil)) - len(s.Inner(nil)) - TagSize
	return least, greatest, least <= greatest
}
