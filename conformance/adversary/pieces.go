package adversary

// InPieces tells whether the frame that has begun to arrive on a stream is not all there.
func (s *Stream) InPieces() bool {
	_, _, whole := takeFrame(s.in)
	return len(s.in) > 0 && !whole
}
