package stream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"testing"

	"ockamtest/ref/transport"
)

// A choppySource gives a stream in pieces and fails between them, as a socket does whose reader gives up again and again.
type choppySource struct {
	net.Conn
	stream []byte
	cuts   []byte // sizes of the pieces, in turn; 0 is a failed read
	i      int
}

func (s *choppySource) Read(p []byte) (int, error) {
	if len(s.stream) == 0 {
		return 0, io.EOF
	}
	n := 1
	if len(s.cuts) > 0 {
		n = int(s.cuts[s.i%len(s.cuts)])
		s.i++
	}
	if n == 0 && s.i <= 4*len(s.cuts) { // not for ever
		return 0, os.ErrDeadlineExceeded
	}
	n = copy(p[:min(max(n, 1)*37, len(p))], s.stream)
	s.stream = s.stream[n:]
	return n, nil
}

// A lendingCarrier gives a choppy stream as a socket does: into the caller's buffer, and behind it in one of its own. It notices when that
// is used after release.
type lendingCarrier struct {
	carrier
	src  *choppySource
	lent []byte
}

func (c *lendingCarrier) next(ctx context.Context, size int) ([]byte, error) {
	_, ahead, err := c.read(ctx, nil, size)
	return ahead, err
}

func (c *lendingCarrier) read(_ context.Context, p []byte, size int) (int, []byte, error) {
	if c.lent != nil {
		panic("a buffer was not released")
	}
	buf := make([]byte, len(p)+size)
	m, err := c.src.Read(buf)
	n := copy(p, buf[:m])
	if m > n {
		c.lent = buf[n:m]
	}
	return n, c.lent, err
}

func (c *lendingCarrier) release() {
	for i := range c.lent {
		c.lent[i] ^= 0xff
	}
	c.lent = nil
}

// readAll reads every message in parts of the given sizes and returns them with the error that ended it.
func readAll(r *frameReader, parts []byte) (msgs [][]byte, err error) {
	var msg []byte
	for i := 0; ; {
		n := 5000
		if len(parts) > 0 {
			n = int(parts[i%len(parts)]) * 41
			if i >= len(parts) {
				n++ // a buffer without room makes no progress
			}
		}
		p := make([]byte, n)
		n, err := r.read(context.Background(), p)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			continue
		case err == nil:
			msgs = append(msgs, append(msg, p[:n]...))
			msg = nil
		case errors.Is(err, transport.ErrMoreData):
			msg = append(msg, p[:n]...)
		default:
			return msgs, err
		}
		i++
	}
}

// IO-001, IO-002, IO-006, TRAN-002 to TRAN-004, TRAN-008: whatever the pieces, the parts, and the reads given up, the messages are those
// of the deframer, and so is the end.
func FuzzFrameReader(f *testing.F) {
	large, _ := transport.AppendFrame(nil, bytes.Repeat([]byte("0123456789"), 1000))
	f.Add([]byte("\x00\x00\x00\x01\xff"), []byte{1}, []byte{1}, uint16(0))
	f.Add(large, []byte{0, 200, 0, 3}, []byte{255}, uint16(0))
	f.Add(append(large, "\x00\x05hel"...), []byte{200, 0, 1}, []byte{0, 120, 121}, uint16(0))
	f.Add([]byte("\x00\x24\x01\x00\x00\x03\x35\x80"), []byte{1}, []byte{}, uint16(1024)) // the head of m1, profile c09
	f.Add([]byte("\x04\x4c"), []byte{}, []byte{}, uint16(1024))                          // 1,100 bytes announced
	f.Fuzz(func(t *testing.T, stream, cuts, parts []byte, limit uint16) {
		max := Limit(int(limit))
		d := transport.NewDeframer(max)
		d.Push(stream)
		var want [][]byte
		for {
			msg, ok, err := d.Next()
			if err != nil || !ok {
				break
			}
			want = append(want, bytes.Clone(msg))
		}
		for _, src := range []carrier{
			newPlainCarrier(&choppySource{stream: stream, cuts: cuts}, &buffers{}),
			&lendingCarrier{src: &choppySource{stream: stream, cuts: cuts}},
		} {
			r := newFrameReader(src, max)
			got, err := readAll(&r, parts)
			if !slices.EqualFunc(got, want, bytes.Equal) {
				t.Fatalf("%T: got %d messages, the deframer has %d", src, len(got), len(want))
			}
			switch end := d.End(); {
			case errors.Is(end, transport.ErrMessageTooLong) != errors.Is(err, transport.ErrMessageTooLong):
				t.Fatalf("%T: got %v, the deframer has %v", src, err, end)
			case errors.Is(err, io.EOF) && r.inside() != errors.Is(end, transport.ErrTruncated):
				t.Fatalf("%T: inside a frame: %v, the deframer has %v", src, r.inside(), end)
			}
		}
	})
}
