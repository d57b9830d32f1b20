package stream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref/transport"
)

// A recordingCarrier keeps what is written, and may fail.
type recordingCarrier struct {
	carrier
	writes [][]byte
	failAt int // number of the write that fails, from 1
}

func (c *recordingCarrier) write(_ context.Context, parts [][]byte) (int, error) {
	if len(c.writes)+1 == c.failAt {
		return 0, io.ErrClosedPipe
	}
	c.writes = append(c.writes, bytes.Join(parts, nil))
	return len(c.writes[len(c.writes)-1]), nil
}

func recording(t *testing.T) (*Conn, *recordingCarrier) {
	a, b := net.Pipe()
	c := New(a, Config{})
	t.Cleanup(func() { c.Close(); b.Close() })
	r := &recordingCarrier{carrier: c.carrier}
	c.carrier = r
	return c, r
}

// of returns messages of these lengths and their frames.
func of(lengths ...int) (msgs [][]byte, frames []byte) {
	for i, n := range lengths {
		m := bytes.Repeat([]byte{byte(i + 1)}, n)
		msgs = append(msgs, m)
		frames, _ = transport.AppendFrame(frames, m)
	}
	return msgs, frames
}

// TRAN-001, TRAN-007: the bytes of a batch are those of its messages one by one, in few writes.
func TestBatch(t *testing.T) {
	repeat := func(n, times int) []int { return slices.Repeat([]int{n}, times) }
	for name, test := range map[string]struct {
		lengths []int
		writes  int
	}{
		"nothing":              {nil, 0},
		"one":                  {[]int{5}, 1},
		"empty ones":           {[]int{0, 0, 0}, 1},
		"a buffer full":        {repeat(1022, 64), 1},
		"one more":             {repeat(1022, 65), 2},
		"a byte more":          {append(repeat(1022, 63), 1023), 2},
		"two bytes are left":   {append(repeat(1022, 63), 1020, 0), 1},
		"one byte is left":     {append(repeat(1022, 63), 1021, 0), 2},
		"the longest copied":   {repeat(4094, 16), 1},
		"one more than copied": {repeat(4097, 32), 1},
		"all parts":            {repeat(16384, 32), 1},
		"one part more":        {repeat(16384, 33), 2},
		"parts of both kinds":  {append(repeat(9000, 31), 5, 6, 9000, 1), 2},
		"the longest":          {repeat(transport.MaxFrame, 3), 1},
		"lengths of all kinds": {[]int{0, 1, 255, 256, 4094, 4096, 4097, 16383, 65533, 65534, 65535, 0, 9}, 1},
	} {
		c, r := recording(t)
		msgs, frames := of(test.lengths...)
		if err := c.WriteBatch(t.Context(), msgs); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := bytes.Join(r.writes, nil); !bytes.Equal(got, frames) {
			t.Errorf("%s: %d bytes leave, want %d, or others", name, len(got), len(frames))
		}
		if len(r.writes) != test.writes {
			t.Errorf("%s: %d writes, want %d", name, len(r.writes), test.writes)
		}
	}
}

// A batch that has left keeps no reference to the caller's messages.
func TestBatchKeepsNothing(t *testing.T) {
	c, r := recording(t)
	msgs, _ := of(slices.Repeat([]int{16384}, 33)...)
	for _, failAt := range []int{0, 2} {
		r.failAt = failAt
		_ = c.WriteBatch(t.Context(), msgs)
		b := c.shared.buffers.batch() // probably the same
		if b.carrier != nil || b.count+b.used+b.sent != 0 || slices.ContainsFunc(b.parts[:], func(p []byte) bool { return p != nil }) {
			t.Errorf("write %d fails: a batch is not empty", failAt)
		}
	}
}

// TRAN-005: what is too long ends the batch, and nothing of it leaves.
func TestBatchTooLong(t *testing.T) {
	c, r := recording(t)
	msgs, _ := of(3, transport.MaxFrame+1, 4)
	_, before := of(3)
	if err := c.WriteBatch(t.Context(), msgs); !errors.Is(err, transport.ErrMessageTooLong) {
		t.Errorf("got %v, want ErrMessageTooLong", err)
	}
	if got := bytes.Join(r.writes, nil); !bytes.Equal(got, before) {
		t.Errorf("%d bytes leave, want the %d before it", len(got), len(before))
	}
	if err := c.Write(t.Context(), nil); err != nil {
		t.Errorf("the next write: %v", err)
	}
}

// REC-003: a batch that fails after a part of it has left fails the connection, one that fails before does not.
func TestBatchFails(t *testing.T) {
	msgs, _ := of(slices.Repeat([]int{16384}, 33)...)
	for failAt, broken := range map[int]bool{1: false, 2: true} {
		c, r := recording(t)
		r.failAt = failAt
		if err := c.WriteBatch(t.Context(), msgs); !errors.Is(err, io.ErrClosedPipe) {
			t.Fatalf("write %d fails: got %v, want its error", failAt, err)
		}
		r.failAt = 0
		if err := c.Write(t.Context(), nil); broken != errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("write %d failed: the next returns %v, broken should be %v", failAt, err, broken)
		}
	}
}

// A batch that is given up inside fails the connection; what it returns is a timeout, what later calls return is none (IO-003).
func TestGiveUpBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		c := New(a, Config{})
		defer c.Close()
		go func() { _, _ = io.ReadFull(b, make([]byte, 70000)) }()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		msgs, _ := of(50000, 50000)
		if err := c.WriteBatch(short, msgs); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, transport.ErrGivenUp) {
			t.Fatalf("got %v, want a timeout and ErrGivenUp", err)
		}
		if err := c.WriteBatch(t.Context(), msgs); !errors.Is(err, transport.ErrGivenUp) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("later: got %v, want ErrGivenUp and no timeout", err)
		}
	})
}
