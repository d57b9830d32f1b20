package ref_test

import (
	"context"
	"sync"

	"ockamtest/ref/transport"
)

// A tap is a connection on whose line somebody sits: what arrives is changed, doubled, or joined by messages of his own, and what leaves
// is seen. Messages are counted from 0, each way.
type tap struct {
	transport.Conn
	arrives func(i int, msg []byte) [][]byte // what is delivered instead; nil leaves it alone

	received int
	queue    [][]byte
	rest     []byte
	inside   bool

	mu   sync.Mutex
	sent [][]byte // guarded by mu
}

func (t *tap) Read(ctx context.Context, p []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	for !t.inside && len(t.queue) == 0 {
		msg := make([]byte, t.Limit())
		n, err := t.Conn.Read(ctx, msg)
		if err != nil {
			return 0, err
		}
		t.queue = [][]byte{msg[:n]}
		if t.arrives != nil {
			t.queue = t.arrives(t.received, msg[:n])
		}
		t.received++
	}
	if !t.inside {
		t.rest, t.queue, t.inside = t.queue[0], t.queue[1:], true
	}
	n := copy(p, t.rest)
	if t.rest = t.rest[n:]; len(t.rest) > 0 {
		return n, transport.ErrMoreData
	}
	t.inside = false
	return n, nil
}

func (t *tap) Write(ctx context.Context, p []byte) error {
	t.mu.Lock()
	t.sent = append(t.sent, append([]byte{}, p...))
	t.mu.Unlock()
	return t.Conn.Write(ctx, p)
}

// messages returns what has left so far.
func (t *tap) messages() [][]byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([][]byte(nil), t.sent...)
}

// change changes the message with number n alone.
func change(n int, f func(msg []byte) [][]byte) func(int, []byte) [][]byte {
	return func(i int, msg []byte) [][]byte {
		if i == n {
			return f(msg)
		}
		return [][]byte{msg}
	}
}

// flip flips one bit, counted in bytes from the end.
func flip(fromEnd int) func([]byte) [][]byte {
	return func(msg []byte) [][]byte {
		msg[len(msg)-fromEnd] ^= 1
		return [][]byte{msg}
	}
}
