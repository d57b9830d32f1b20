package adversary

import (
	"errors"
	"io"
	"time"

	"ockamtest/conformance"
)

// A Stream is a link with the frames of TRAN-001 on it, or with datagrams that are a message each (TRAN-010), which are called frames
// here too. That the peer has ended the link, or reads no more, is not an error of sending: receiving tells it, after what the peer
// sent before.
type Stream struct {
	Link conformance.Link
	// Packets says that the link carries datagrams.
	Packets bool
	// Copies is how often each datagram is sent, 0 as 1.
	Copies int
	// Cut, if set, says into which pieces each outgoing frame is cut; each piece is a write of its own.
	Cut func(frame []byte) [][]byte

	in      []byte   // of a stream, received, not yet taken
	packets [][]byte // datagrams, received, not yet taken
	held    []byte
	holding bool
	ended   error // io.EOF, conformance.ErrReset, or conformance.ErrStalled
}

// SendRaw writes bytes as they are, in one write or datagram.
func (s *Stream) SendRaw(p []byte) error {
	if s.holding {
		s.held = append(s.held, p...)
		return nil
	}
	err := s.Link.Send(p)
	switch {
	case errors.Is(err, conformance.ErrReset):
		s.end(conformance.ErrReset)
	case errors.Is(err, conformance.ErrStalled):
		s.end(conformance.ErrStalled)
	case errors.Is(err, io.ErrClosedPipe), errors.Is(err, io.EOF):
		s.end(io.EOF)
	default:
		return err
	}
	return nil
}

// SendFrame sends a message in a frame, cut by Cut if it is set, or as a datagram.
func (s *Stream) SendFrame(message []byte) error {
	if s.Packets {
		for range max(1, s.Copies) {
			if err := s.SendRaw(message); err != nil {
				return err
			}
		}
		return nil
	}
	pieces := [][]byte{Frame(message)}
	if s.Cut != nil {
		pieces = s.Cut(pieces[0])
	}
	for i, p := range pieces {
		if i > 0 && i <= mostApart {
			s.pause()
		}
		if err := s.SendRaw(p); err != nil {
			return err
		}
	}
	return nil
}

// pacing is how long pieces are apart: without it the system may put several into one segment, or the peer read them at once.
const pacing = 2 * time.Millisecond

// mostApart is how many pieces of a frame are apart. A frame that is sent byte by byte would else take as long as a handshake may, where the system
// is busy.
const mostApart = 24

// pause lets a piece leave, and be read, before the next one. What the peer sends meanwhile is kept.
func (s *Stream) pause() {
	if s.holding || s.ended != nil {
		return
	}
	_ = s.fill(pacing) // mostly nothing comes; an end is remembered
}

// SendFrameSplit sends a message in a frame cut at the given offsets of the frame.
func (s *Stream) SendFrameSplit(message []byte, cuts ...int) error {
	cut := s.Cut
	defer func() { s.Cut = cut }()
	s.Cut = CutAt(cuts...)
	return s.SendFrame(message)
}

// Hold keeps what is sent until Release, which writes it at once.
func (s *Stream) Hold() { s.holding = true }

// Release writes what was held in one write.
func (s *Stream) Release() error {
	held := s.Take()
	if len(held) == 0 {
		return nil
	}
	return s.SendRaw(held)
}

// Take returns what was held instead of writing it, and ends the holding.
func (s *Stream) Take() []byte {
	held := s.held
	s.held, s.holding = nil, false
	return held
}

// ReceiveFrame returns the next frame's message. It waits at most for wait and fails with conformance.ErrQuiet then, io.EOF or
// conformance.ErrReset at the peer's end of the link, also inside a frame: Partial tells.
func (s *Stream) ReceiveFrame(wait time.Duration) ([]byte, error) {
	deadline := time.Now().Add(wait)
	for {
		if message, ok := s.takeFrame(); ok {
			return message, nil
		}
		if err := s.fill(time.Until(deadline)); err != nil {
			return nil, err
		}
	}
}

// takeFrame takes what has arrived whole.
func (s *Stream) takeFrame() (message []byte, ok bool) {
	if !s.Packets {
		message, s.in, ok = takeFrame(s.in)
		return message, ok
	}
	if len(s.packets) == 0 {
		return nil, false
	}
	message, s.packets = s.packets[0], s.packets[1:]
	return message, true
}

// Await waits until anything has arrived, and takes nothing. It fails as ReceiveFrame does.
func (s *Stream) Await(wait time.Duration) error {
	if len(s.in)+len(s.packets) > 0 {
		return nil
	}
	return s.fill(wait)
}

// Partial returns the bytes of a frame that is not complete.
func (s *Stream) Partial() []byte { return s.in }

// Ended tells whether the peer was seen to have ended the link.
func (s *Stream) Ended() bool { return s.ended != nil }

// Close ends the link.
func (s *Stream) Close() error { return s.Link.Close() }

// fill waits for bytes.
func (s *Stream) fill(wait time.Duration) error {
	if wait < 0 {
		return conformance.ErrQuiet
	}
	p, err := s.Link.Receive(wait)
	switch {
	case !s.Packets:
		s.in = append(s.in, p...)
	case err == nil:
		s.packets = append(s.packets, p)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, conformance.ErrReset):
		s.end(conformance.ErrReset)
	case errors.Is(err, io.EOF):
		s.end(io.EOF)
	case errors.Is(err, conformance.ErrQuiet) && s.ended != nil:
		return s.ended // a write has met the end before
	}
	return err
}

func (s *Stream) end(how error) {
	if s.ended == nil {
		s.ended = how
	}
}

func peerEnded(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, conformance.ErrReset)
}
