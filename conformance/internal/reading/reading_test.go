package reading_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/internal/reading"
	"ockamtest/ref"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A conn has one message, which comes after a while. It counts the reads and notes the buffers.
type conn struct {
	message []byte
	from    time.Time
	buffers []int
	end     error // instead of the message
}

var from = ref.Routes{Return: wire.Route{wire.LocalAddress([]byte("app"))}}

func (c *conn) ReadMessage(ctx context.Context, p []byte) (int, ref.Routes, error) {
	c.buffers = append(c.buffers, len(p))
	select {
	case <-time.After(time.Until(c.from)):
	case <-ctx.Done():
		return 0, ref.Routes{}, ctx.Err()
	}
	if c.end != nil {
		return 0, ref.Routes{}, c.end
	}
	n := copy(p, c.message)
	if c.message = c.message[n:]; len(c.message) > 0 {
		return n, from, transport.ErrMoreData
	}
	return n, from, nil
}

// IO-002, IO-006: the message is whole however it is read, and it is read in that way indeed.
func TestMessage(t *testing.T) {
	message := []byte("0123456789")
	for _, test := range []struct {
		name    string
		how     conformance.Reading
		after   time.Duration
		buffers []int
	}{
		{"at once", conformance.Reading{}, time.Hour, []int{20}},
		{"in parts", conformance.Reading{Buffer: 4}, 0, []int{4, 4, 4}},
		{"in parts as long as it", conformance.Reading{Buffer: 10}, 0, []int{10}},
		{"in parts longer than all there is room for", conformance.Reading{Buffer: 30}, 0, []int{20}},
		{"given up", conformance.Reading{GiveUp: time.Second}, 2500 * time.Millisecond, []int{20, 20, 20}},
		{"in parts and given up", conformance.Reading{Buffer: 7, GiveUp: time.Second}, 1500 * time.Millisecond, []int{7, 7, 7}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &conn{message: message, from: time.Now().Add(test.after)}
				p := make([]byte, 20)
				n, routes, err := reading.Message(t.Context(), c, test.how, p)
				if err != nil || !bytes.Equal(p[:n], message) || len(routes.Return) != 1 {
					t.Errorf("got %q, %v, %v", p[:n], routes, err)
				}
				if !slices.Equal(c.buffers, test.buffers) {
					t.Errorf("read into buffers of %v, want %v", c.buffers, test.buffers)
				}
			})
		})
	}
}

// The caller's own end, the channel's, and a message for which there is no room are errors.
func TestMessageEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		how := conformance.Reading{Buffer: 4, GiveUp: time.Second}
		ended := errors.New("ended")
		if n, _, err := reading.Message(t.Context(), &conn{end: ended}, how, make([]byte, 20)); n != 0 || !errors.Is(err, ended) {
			t.Errorf("got %d, %v", n, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		c := &conn{from: time.Now().Add(time.Hour)}
		if _, _, err := reading.Message(ctx, c, how, make([]byte, 20)); !errors.Is(err, context.DeadlineExceeded) || len(c.buffers) != 3 {
			t.Errorf("got %v after %d reads, want the caller's deadline after 3", err, len(c.buffers))
		}
		long := &conn{message: make([]byte, 9)}
		if n, _, err := reading.Message(t.Context(), long, how, make([]byte, 8)); n != 8 || !errors.Is(err, transport.ErrMoreData) {
			t.Errorf("got %d, %v, want ErrMoreData for what has no room", n, err)
		}
	})
}
