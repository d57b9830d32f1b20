package transporttest

import (
	"context"
	"errors"
	"testing"

	"ockamtest/ref/transport"
)

// WriteBatch: each element is one message, in order, whatever the lengths, before and after others; nothing sends nothing.
func checkBatch(t testing.TB, ctx context.Context, w, r transport.Conn) {
	var msgs [][]byte
	for i := range 3 {
		for j, n := range sizes(w.Limit()) {
			msgs = append(msgs, message(100*i+j, n))
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, part := range [][][]byte{msgs[:1], nil, msgs[1:]} {
			if err := transport.WriteBatch(ctx, w, part); err != nil {
				t.Errorf("WriteBatch of %d: %v", len(part), err)
			}
		}
	}()
	for _, m := range msgs {
		receive(t, ctx, r, m)
	}
	<-done
	exchange(t, ctx, w, r)
}

// TRAN-005, WriteBatch: a message that is too long ends the batch. What stands before it is sent, and the connection goes on.
func checkBatchTooLong(t testing.TB, ctx context.Context, w, r transport.Conn) {
	before := [][]byte{message(1, 5), message(2, min(3000, w.Limit()))}
	done := make(chan struct{})
	go func() {
		defer close(done)
		batch := [][]byte{before[0], before[1], make([]byte, w.Limit()+1), []byte("never")}
		if err := transport.WriteBatch(ctx, w, batch); !errors.Is(err, transport.ErrMessageTooLong) {
			t.Errorf("WriteBatch with %d bytes, limit %d: got %v, want ErrMessageTooLong", w.Limit()+1, w.Limit(), err)
		}
	}()
	for _, m := range before {
		receive(t, ctx, r, m)
	}
	<-done
	exchange(t, ctx, w, r)
}

// WriteBatch keeps no reference, and with a context that has ended it sends nothing.
func checkBatchIsCallers(t testing.TB, ctx context.Context, w, r transport.Conn) {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := transport.WriteBatch(ended, w, [][]byte{[]byte("never sent")}); !errors.Is(err, context.Canceled) {
		t.Fatalf("WriteBatch: got %v, want %v", err, context.Canceled)
	}
	want := message(1, min(3000, w.Limit()))
	p := [][]byte{message(1, len(want))}
	if err := transport.WriteBatch(ctx, w, p); err != nil {
		t.Fatalf("WriteBatch: %v", err)
	}
	clear(p[0])
	receive(t, ctx, r, want)
}
