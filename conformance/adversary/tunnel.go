package adversary

import (
	"errors"
	"fmt"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/wire"
)

// CHAN-008: "A tunnelled channel works over any channel, to any depth: each of its wire messages, with empty routes, is the application bytes
// of one payload message of the channel below; nothing is routed in between."

// Inside prepares a channel inside this one, which is open. It takes whatever comes through this one from now on.
func (s *Session) Inside() (*Session, error) {
	return newSession(&Session{
		Stream: Stream{Link: &tunnel{outer: s}, Packets: s.Packets}, env: s.env, profile: conformance.Inside(s.profile), datagrams: s.datagrams,
		below: s, floor: s.floor + 1,
	})
}

// Below is the channel that this one is in, nil of one on the transport.
func (s *Session) Below() *Session { return s.below }

// Floor is how many channels there are below this one.
func (s *Session) Floor() int { return s.floor }

// connect takes every step to the open channel, and no payload: what comes next is for the channel inside.
func (s *Session) connect() error {
	if !s.Packets || s.floor > 0 {
		return s.connectOnce()
	}
	s.Hurry(maxConnects)
	defer s.Hurry(1)
	for tries := 1; ; tries++ {
		err := s.connectOnce()
		if tries == maxConnects || !s.Unheard() {
			return err
		}
		if s.Noise, err = s.NewNoise(); err != nil { // the same m1 would be a repeat
			return err
		}
		s.unanswered = false
	}
}

// maxConnects is how often a peer on datagrams is spoken to that says nothing: it may just be starting, or what was sent was lost.
const maxConnects = 3

func (s *Session) connectOnce() error {
	if err := s.Begin(); err != nil {
		return err
	}
	if err := s.SendMessage(s.Last()); err != nil {
		return err
	}
	if !s.Initiator() {
		if err := s.ReadM3(); err != nil {
			return err
		}
	}
	s.Open()
	return nil
}

// A tunnel is the link of a channel inside another. Under the frames of a stream it is one as well: each frame that the channel inside
// sends is one payload of the outer one, without its length, and what comes gets one. So whoever writes in pieces sends nothing before the
// frame is complete. What the outer channel rejects of the peer's ends it.
type tunnel struct {
	outer   *Session
	pending []byte // of a stream, not yet a whole frame
	broken  error  // what the peer has done wrong on the outer channel
}

// Send sends a payload, or each frame that is complete as one.
func (t *tunnel) Send(p []byte) error {
	if t.outer.Packets {
		return t.send(p)
	}
	t.pending = append(t.pending, p...)
	for {
		message, rest, ok := takeFrame(t.pending)
		if !ok {
			return nil
		}
		t.pending = rest
		if err := t.send(message); err != nil {
			return err
		}
	}
}

func (t *tunnel) send(message []byte) error {
	t.note("-->", message)
	return t.outer.SendPayload(message)
}

// Receive returns the next payload.
func (t *tunnel) Receive(wait time.Duration) ([]byte, error) {
	if t.broken != nil {
		return nil, t.broken
	}
	deadline := time.Now().Add(wait)
	for {
		frame, err := t.outer.ReceiveFrame(max(0, time.Until(deadline)))
		if err != nil {
			return nil, err
		}
		if t.outer.isRepeat(frame) {
			continue
		}
		payload, err := t.open(frame)
		var f *conformance.Failure
		if errors.As(err, &f) {
			t.broken = err
		}
		if err != nil || t.outer.Packets {
			return payload, err
		}
		return Frame(payload), nil
	}
}

// open takes the payload from a frame of the outer channel.
func (t *tunnel) open(frame []byte) ([]byte, error) {
	const want = "each message of the channel inside as one payload of the channel that it is in"
	t.outer.Frame = frame
	if m, err := t.outer.Parse(frame); err == nil && (m.Type >= wire.M1 || !t.outer.profile.TransportHeader) {
		return nil, failure("CHAN-008", want, "an "+TypeName(m.Type)+" beside that channel")
	}
	m, err := t.outer.openFrame(frame, want)
	if err != nil {
		return nil, err
	}
	t.note("<--", m.Body)
	return m.Body, nil
}

// note tells of a message of the channel inside, which the transcript of the link shows encrypted.
func (t *tunnel) note(arrow string, message []byte) {
	what := fmt.Sprintf("%d bytes", len(message))
	if m, err := ParseMessage(message); err == nil {
		what = fmt.Sprintf("%s, body of %d bytes", TypeName(m.Type), len(m.Body))
	}
	const shown = 64
	t.outer.env.Note(fmt.Sprintf("depth %d %s %s: %x", t.outer.floor+2, arrow, what, message[:min(shown, len(message))]))
}

// CloseWrite ends the sending on the link at the bottom.
func (t *tunnel) CloseWrite() error { return t.outer.Link.CloseWrite() }

// Reset resets the link at the bottom.
func (t *tunnel) Reset() error { return t.outer.Link.Reset() }

// Close closes the link at the bottom.
func (t *tunnel) Close() error { return t.outer.Close() }

// LocalAddress is that of the link at the bottom.
func (t *tunnel) LocalAddress() string { return t.outer.Link.LocalAddress() }

// RemoteAddress is that of the link at the bottom.
func (t *tunnel) RemoteAddress() string { return t.outer.Link.RemoteAddress() }
