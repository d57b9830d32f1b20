package runner

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"ockamtest/conformance"
)

const (
	// mostFragmented is how many frames on a link are fragmented: the handshake and some records. All of a long exchange would take long.
	mostFragmented = 8
	// apart is how long the pieces of a frame are apart: without it the peer may read them at once.
	apart = 2 * time.Millisecond
	// inHeader is where a frame is cut in its message's header: behind the length and two bytes.
	inHeader = 4
)

// A fragmentedLink writes the first frames on a stream in pieces, or with the next one (conformance.Parameters). As soon as a case writes
// anything else than whole frames it is left to itself: it has an intent of its own.
type fragmentedLink struct {
	conformance.Link // recorded

	how    string
	frames int      // written so far
	held   []byte   // to be written with the next frame
	early  [][]byte // received between pieces
	ended  error    // met there
}

// fragmented is a link as the attempt's parameters want it.
func (e *env) fragmented(l *recordedLink) conformance.Link {
	how := e.group.parameters.Fragmentation
	if how == "" || how == conformance.Whole || l.transport == conformance.UDP {
		return l
	}
	f := &fragmentedLink{Link: l, how: how}
	e.fragments = append(e.fragments, f)
	return f
}

// flush writes what links hold back: nothing else is done, on any link, before what was sent has left.
func (e *env) flush() {
	for _, f := range e.fragments {
		if held := f.held; held != nil {
			f.held = nil
			_ = f.Link.Send(held) // receiving tells how the link has ended
		}
	}
}

// Send writes whole frames as the link's fragmentation says, and anything else as it is.
func (l *fragmentedLink) Send(p []byte) error {
	n := wholeFrames(p)
	if l.frames += n; n == 0 || l.frames > mostFragmented {
		l.frames = mostFragmented
		return l.Link.Send(p)
	}
	switch l.how {
	case conformance.LengthBytes:
		return l.pieces(p, 1, 2)
	case conformance.InHeader:
		return l.pieces(p, inHeader)
	}
	if l.held == nil {
		l.held = slices.Clone(p)
		return nil
	}
	both := append(l.held, p...)
	l.held = nil
	return l.Link.Send(both)
}

// wholeFrames is how many frames p is, 0 if it is not just frames.
func wholeFrames(p []byte) (n int) {
	for len(p) > 0 {
		if len(p) < 2 || len(p) < 2+int(binary.BigEndian.Uint16(p)) {
			return 0
		}
		p = p[2+int(binary.BigEndian.Uint16(p)):]
		n++
	}
	return n
}

// pieces writes p cut at the given offsets.
func (l *fragmentedLink) pieces(p []byte, cuts ...int) error {
	from := 0
	for _, at := range cuts {
		if at >= len(p) {
			break
		}
		if err := l.Link.Send(p[from:at]); err != nil {
			return err
		}
		l.pause()
		from = at
	}
	return l.Link.Send(p[from:])
}

// pause lets a piece leave, and be read. What the peer says meanwhile is kept.
func (l *fragmentedLink) pause() {
	if l.ended != nil {
		return
	}
	p, err := l.Link.Receive(apart)
	switch {
	case err == nil:
		l.early = append(l.early, p)
	case !errors.Is(err, conformance.ErrQuiet):
		l.ended = err
	}
}

// Receive returns what has come between pieces first.
func (l *fragmentedLink) Receive(wait time.Duration) ([]byte, error) {
	if len(l.early) > 0 {
		p := l.early[0]
		l.early = l.early[1:]
		return p, nil
	}
	if l.ended != nil {
		return nil, l.ended
	}
	return l.Link.Receive(wait)
}
