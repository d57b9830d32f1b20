package transporttest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"testing"

	"ockamtest/ref/transport"
)

// IO-001: one write is one message, in order, with the same bytes, for every length from 0 to the limit.
func checkBoundaries(t testing.TB, ctx context.Context, w, r transport.Conn) {
	var msgs [][]byte
	for i, n := range sizes(w.Limit()) {
		msgs = append(msgs, message(i, n))
	}
	defer send(t, ctx, w, msgs...)()
	for _, m := range msgs {
		receive(t, ctx, r, m)
	}
}

// IO-002: parts fill the buffer and say that there is more; the part that completes the message is a success, also when it
// fits exactly; the next message is whole.
func checkMoreData(t testing.TB, ctx context.Context, w, r transport.Conn) {
	for i, n := range sizes(w.Limit()) {
		for _, part := range []int{1, 7, 1000, n - 1, n} {
			if part < 1 || n/part > 10_000 {
				continue
			}
			readParts(t, ctx, w, r, message(i, n), part)
			exchange(t, ctx, w, r)
		}
	}
}

func readParts(t testing.TB, ctx context.Context, w, r transport.Conn, msg []byte, part int) {
	t.Helper()
	defer send(t, ctx, w, msg)()
	var got []byte
	for {
		p := make([]byte, part)
		n, err := r.Read(ctx, p)
		got = append(got, p[:n]...)
		switch {
		case err == nil:
			if !bytes.Equal(got, msg) {
				t.Fatalf("%d bytes in parts of %d: got %d bytes, equal up to byte %d", len(msg), part, len(got), commonPrefix(got, msg))
			}
			return
		case !errors.Is(err, transport.ErrMoreData):
			t.Fatalf("%d bytes in parts of %d: after %d bytes: %v", len(msg), part, len(got), err)
		case n != part:
			t.Fatalf("%d bytes in parts of %d: got %d bytes with more data, want a full buffer", len(msg), part, n)
		case len(got) >= len(msg):
			t.Fatalf("%d bytes in parts of %d: more data after %d bytes", len(msg), part, len(got))
		}
	}
}

// IO-002, IO-003: a buffer of length 0 takes nothing from a message, and completes an empty one.
func checkNoRoom(t testing.TB, ctx context.Context, w, r transport.Conn) {
	defer send(t, ctx, w, []byte("x"), nil, []byte("y"))()
	for range 2 {
		if n, err := r.Read(ctx, nil); n != 0 || !errors.Is(err, transport.ErrMoreData) {
			t.Fatalf("Read into no room: got %d, %v, want 0 and ErrMoreData", n, err)
		}
	}
	receive(t, ctx, r, []byte("x"))
	if n, err := r.Read(ctx, nil); n != 0 || err != nil {
		t.Fatalf("Read of an empty message into no room: got %d, %v, want 0 and success", n, err)
	}
	receive(t, ctx, r, []byte("y"))
}

// TRAN-005: a message that is too long is refused before any byte leaves.
func checkTooLong(t testing.TB, ctx context.Context, w, r transport.Conn) {
	for _, n := range []int{w.Limit() + 1, w.Limit() + 65536, 1 << 20} {
		if err := w.Write(ctx, make([]byte, n)); !errors.Is(err, transport.ErrMessageTooLong) {
			t.Fatalf("Write of %d bytes, limit %d: got %v, want ErrMessageTooLong", n, w.Limit(), err)
		}
		exchange(t, ctx, w, r)
	}
}

// Writer: it keeps no reference to p.
func checkBufferIsCallers(t testing.TB, ctx context.Context, w, r transport.Conn) {
	p := message(1, min(3000, w.Limit()))
	want := bytes.Clone(p)
	if err := w.Write(ctx, p); err != nil {
		t.Fatalf("Write: %v", err)
	}
	clear(p)
	receive(t, ctx, r, want)
}

// Writer: Write is safe for concurrent use; each message arrives once and whole, those of one writer in order.
func checkConcurrentWriters(t testing.TB, ctx context.Context, w, r transport.Conn) {
	const writers, each = 8, 25
	msg := func(writer, i int) []byte {
		n := min(8+(i*997+writer*131)%9000, w.Limit())
		b := message(writer*each+i, max(n, 4))
		binary.BigEndian.PutUint16(b, uint16(writer))
		binary.BigEndian.PutUint16(b[2:], uint16(i))
		return b
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	for writer := range writers {
		wg.Go(func() {
			for i := range each {
				if err := w.Write(ctx, msg(writer, i)); err != nil {
					t.Errorf("writer %d, message %d: %v", writer, i, err)
					return
				}
			}
		})
	}
	var next [writers]int
	p := make([]byte, r.Limit())
	for range writers * each {
		n, err := r.Read(ctx, p)
		if err != nil || n < 4 {
			t.Fatalf("Read: %d bytes, %v", n, err)
		}
		writer, i := int(binary.BigEndian.Uint16(p)), int(binary.BigEndian.Uint16(p[2:]))
		if writer >= writers || i != next[writer] || !bytes.Equal(p[:n], msg(writer, i)) {
			t.Fatalf("got message %d of writer %d, %d bytes, which is not what was written next", i, writer, n)
		}
		next[writer]++
	}
}

// Conn: both directions work at once and do not wait for each other.
func checkBothWays(t testing.TB, ctx context.Context, w, r transport.Conn) {
	const each = 100
	var there, back [][]byte
	for i := range each {
		there = append(there, message(i, min(i*50, w.Limit())))
		back = append(back, message(-i, min(i*70, r.Limit())))
	}
	defer send(t, ctx, w, there...)()
	defer send(t, ctx, r, back...)()
	for i := range each {
		receive(t, ctx, r, there[i])
		receive(t, ctx, w, back[i])
	}
}

// Conn: the two ends name each other, and a limit that carries messages.
func checkAddresses(t testing.TB, _ context.Context, w, r transport.Conn) {
	if got, want := w.RemoteAddress(), r.LocalAddress(); !got.Equal(want) {
		t.Errorf("remote address %v, the other end's local address is %v", got, want)
	}
	if !w.LocalAddress().IsTransport() {
		t.Errorf("local address %v is not a transport address", w.LocalAddress())
	}
	if w.LocalAddress().Equal(w.RemoteAddress()) {
		t.Errorf("both addresses are %v", w.LocalAddress())
	}
	if w.Limit() <= 0 || w.Limit() > transport.MaxFrame {
		t.Errorf("limit %d", w.Limit())
	}
}
