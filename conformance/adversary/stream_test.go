package adversary

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"ockamtest/conformance"
)

// scriptLink sends into a list and receives from one; after its end it gives the error.
type scriptLink struct {
	conformance.Link
	sent    [][]byte
	sendErr error
	pieces  [][]byte
	err     error
}

func (l *scriptLink) Send(p []byte) error {
	l.sent = append(l.sent, slices.Clone(p))
	return l.sendErr
}

func (l *scriptLink) Receive(time.Duration) ([]byte, error) {
	if len(l.pieces) == 0 {
		return nil, l.err
	}
	p := l.pieces[0]
	l.pieces = l.pieces[1:]
	return p, nil
}

func TestStreamReceivesFrames(t *testing.T) {
	stream := slices.Concat(Frame([]byte("one")), Frame(nil), Frame([]byte("three")))
	for _, cut := range []func([]byte) [][]byte{CutAt(), Bytewise, CutAt(1, 6, 8)} {
		s := Stream{Link: &scriptLink{pieces: cut(stream), err: io.EOF}}
		for _, want := range []string{"one", "", "three"} {
			if got, err := s.ReceiveFrame(time.Minute); err != nil || string(got) != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		}
		if _, err := s.ReceiveFrame(time.Minute); !errors.Is(err, io.EOF) || !s.Ended() || len(s.Partial()) != 0 {
			t.Errorf("got %v, ended %v, %d bytes, want a clean end", err, s.Ended(), len(s.Partial()))
		}
	}
}

func TestStreamEndInsideFrame(t *testing.T) {
	for _, end := range []error{io.EOF, conformance.ErrReset} {
		s := Stream{Link: &scriptLink{pieces: [][]byte{{0, 5, 'a'}}, err: end}}
		if _, err := s.ReceiveFrame(time.Minute); !errors.Is(err, end) || !s.Ended() || len(s.Partial()) != 3 {
			t.Errorf("got %v with %d bytes, want %v with 3", err, len(s.Partial()), end)
		}
	}
}

func TestStreamQuiet(t *testing.T) {
	s := Stream{Link: &scriptLink{err: conformance.ErrQuiet}}
	if _, err := s.ReceiveFrame(0); !errors.Is(err, conformance.ErrQuiet) || s.Ended() {
		t.Errorf("got %v, ended %v, want ErrQuiet on an open link", err, s.Ended())
	}
}

// That the peer has gone shows when receiving, after what it sent.
func TestStreamSendToTheGone(t *testing.T) {
	tests := []struct{ send, want error }{
		{conformance.ErrReset, conformance.ErrReset},
		{io.ErrClosedPipe, io.EOF},
		{conformance.ErrStalled, conformance.ErrStalled},
	}
	for _, tt := range tests {
		s := Stream{Link: &scriptLink{sendErr: tt.send, pieces: [][]byte{Frame([]byte("last"))}, err: conformance.ErrQuiet}}
		if err := s.SendFrame([]byte("m")); err != nil {
			t.Errorf("%v: sending failed: %v", tt.send, err)
		}
		if got, err := s.ReceiveFrame(time.Minute); err != nil || string(got) != "last" {
			t.Errorf("%v: got %q, %v, want the last message", tt.send, got, err)
		}
		if _, err := s.ReceiveFrame(time.Minute); !errors.Is(err, tt.want) {
			t.Errorf("%v: got %v, want %v", tt.send, err, tt.want)
		}
	}
	s := Stream{Link: &scriptLink{sendErr: conformance.ErrLinkClosed}}
	if err := s.SendFrame(nil); !errors.Is(err, conformance.ErrLinkClosed) {
		t.Errorf("got %v, want ErrLinkClosed: it is the kit's own trouble", err)
	}
}

func TestStreamSegments(t *testing.T) {
	a, b := []byte("first"), []byte("second")
	tests := []struct {
		name string
		send func(s *Stream) error
		want [][]byte
	}{
		{"two frames", func(s *Stream) error { return errors.Join(s.SendFrame(a), s.SendFrame(b)) }, [][]byte{Frame(a), Frame(b)}},
		{"held", func(s *Stream) error {
			s.Hold()
			return errors.Join(s.SendFrame(a), s.SendFrame(b), s.Release(), s.Release())
		}, [][]byte{slices.Concat(Frame(a), Frame(b))}},
		{"split", func(s *Stream) error { return errors.Join(s.SendFrameSplit(a, 1, 4), s.SendFrame(b)) },
			[][]byte{Frame(a)[:1], Frame(a)[1:4], Frame(a)[4:], Frame(b)}},
		{"cut", func(s *Stream) error {
			s.Cut = CutAt(2)
			return s.SendFrame(a)
		}, [][]byte{Frame(a)[:2], Frame(a)[2:]}},
	}
	for _, tt := range tests {
		link := &scriptLink{}
		if err := tt.send(&Stream{Link: link}); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if !slices.EqualFunc(link.sent, tt.want, bytes.Equal) {
			t.Errorf("%s: got %d writes %x, want %x", tt.name, len(link.sent), link.sent, tt.want)
		}
	}
}
