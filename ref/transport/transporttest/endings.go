package transporttest

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"ockamtest/ref/transport"
)

// IO-003: end of stream, timeout, closed handle, and an empty message are four results, told apart with errors.Is.
func checkFourResults(t testing.TB, ctx context.Context, w, r transport.Conn) {
	short, cancel := context.WithTimeout(ctx, pause)
	defer cancel()
	_, timeout := r.Read(short, make([]byte, 1))

	wait := send(t, ctx, w, nil)
	n, empty := r.Read(ctx, make([]byte, 1))
	wait()
	if n != 0 || empty != nil {
		t.Errorf("empty message: got %d bytes and %v, want 0 and success", n, empty)
	}

	closeAll(w)
	_, end := r.Read(ctx, make([]byte, 1))
	closeAll(r)
	_, closed := r.Read(ctx, make([]byte, 1))

	results := []error{context.DeadlineExceeded, io.EOF, transport.ErrClosed}
	for i, got := range []error{timeout, end, closed} {
		for j, result := range results {
			if errors.Is(got, result) != (i == j) {
				t.Errorf("got %v where %v is wanted", got, results[i])
			}
		}
	}
}

// IO-004: a context that has ended fails a read and a write; no byte comes or goes.
func checkEndedContext(t testing.TB, ctx context.Context, w, r transport.Conn) {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	wantRead(t, ended, r, context.Canceled)
	if err := w.Write(ended, []byte("never sent")); !errors.Is(err, context.Canceled) {
		t.Fatalf("Write: got %v, want %v", err, context.Canceled)
	}
	wait := send(t, ctx, w, []byte("sent"))
	wantRead(t, ended, r, context.Canceled)
	receive(t, ctx, r, []byte("sent"))
	wait()
	exchange(t, ctx, w, r)
}

// IO-006: a read that waits is given up, by deadline and by cancellation; the message that comes later is whole.
func checkGiveUp(t testing.TB, ctx context.Context, w, r transport.Conn) {
	for i := range 3 {
		short, cancel := context.WithTimeout(ctx, pause)
		wantRead(t, short, r, context.DeadlineExceeded)
		cancel()

		canceled, cancel := context.WithCancel(ctx)
		timer := time.AfterFunc(pause, cancel)
		wantRead(t, canceled, r, context.Canceled)
		timer.Stop()
		cancel()

		msg := message(i, min(1+i*3000, w.Limit()))
		wait := send(t, ctx, w, msg)
		receive(t, ctx, r, msg)
		wait()
	}
}

// IO-006 and IO-002 together: giving up between two parts loses neither the rest nor the next message.
func checkGiveUpInside(t testing.TB, ctx context.Context, w, r transport.Conn) {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	msg := message(7, min(5000, w.Limit()))
	defer send(t, ctx, w, msg, []byte("next"))()
	head := make([]byte, 3)
	if n, err := r.Read(ctx, head); n != 3 || !errors.Is(err, transport.ErrMoreData) {
		t.Fatalf("first part: got %d, %v, want 3 and ErrMoreData", n, err)
	}
	wantRead(t, ended, r, context.Canceled)
	receive(t, ctx, r, msg[3:])
	receive(t, ctx, r, []byte("next"))
}

// IO-006: reads that are given up at any moment, also while a message comes in, lose nothing.
func checkGiveUpOften(t testing.TB, ctx context.Context, w, r transport.Conn) {
	var msgs [][]byte
	for i := range 60 {
		msgs = append(msgs, message(i, min(i*i*19, w.Limit())))
	}
	p := make([]byte, r.Limit())
	short, cancel := context.WithTimeout(ctx, pause)
	_, err := r.Read(short, p)
	cancel()
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Read before anything was sent: %v", err)
	}
	defer send(t, ctx, w, msgs...)()
	for i := 0; i < len(msgs); {
		short, cancel := context.WithTimeout(ctx, time.Duration(i%7)*20*time.Microsecond)
		n, err := r.Read(short, p)
		cancel()
		if ctx.Err() != nil {
			t.Fatalf("message %d did not arrive", i)
		}
		if errors.Is(err, context.DeadlineExceeded) && n == 0 {
			if i%7 == 0 { // this time for good
				receive(t, ctx, r, msgs[i])
				i++
			}
			continue
		}
		if err != nil || commonPrefix(p[:n], msgs[i]) != len(msgs[i]) || n != len(msgs[i]) {
			t.Fatalf("message %d: got %d bytes and %v, want %d bytes", i, n, err, len(msgs[i]))
		}
		i++
	}
}

// CHAN-013, IO-003: what was written before the close is read, then the end, again and again.
func checkEndOfStream(t testing.TB, ctx context.Context, w, r transport.Conn) {
	msgs := [][]byte{[]byte("first"), {}, message(3, min(5000, w.Limit()))}
	sent := send(t, ctx, w, msgs...)
	closed := make(chan error, 1)
	go func() {
		sent()
		closed <- w.Close()
	}()
	for _, m := range msgs {
		receive(t, ctx, r, m)
	}
	for range 3 {
		wantRead(t, ctx, r, io.EOF)
	}
	if err := <-closed; err != nil {
		t.Fatalf("Close: %v", err)
	}
}

// TRAN-022: closing wakes a read that waits.
func checkCloseWakesRead(t testing.TB, ctx context.Context, _, r transport.Conn) {
	timer := time.AfterFunc(pause, func() { closeAll(r) })
	defer timer.Stop()
	wantRead(t, ctx, r, transport.ErrClosed)
}

// TRAN-022: closing wakes a write that waits, for nobody reads.
func checkCloseWakesWrite(t testing.TB, ctx context.Context, w, _ transport.Conn) {
	closing := time.AfterFunc(10*pause, func() { closeAll(w) })
	defer closing.Stop()
	msg := message(1, w.Limit())
	for ctx.Err() == nil {
		if err := w.Write(ctx, msg); err != nil {
			if !errors.Is(err, transport.ErrClosed) {
				t.Fatalf("Write: got %v, want ErrClosed", err)
			}
			return
		}
	}
	t.Fatalf("Write still succeeds")
}

// TRAN-022: after Close every call says so, also with a message half read; closing again is harmless.
func checkClosed(t testing.TB, ctx context.Context, w, r transport.Conn) {
	defer send(t, ctx, w, []byte("one"))()
	if _, err := r.Read(ctx, make([]byte, 1)); !errors.Is(err, transport.ErrMoreData) {
		t.Fatalf("Read: %v", err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		wantRead(t, ctx, r, transport.ErrClosed)
		if err := r.Write(ctx, []byte("late")); !errors.Is(err, transport.ErrClosed) {
			t.Fatalf("Write: got %v, want ErrClosed", err)
		}
	}
}

// IO-004: writing to a peer that has gone fails sooner or later, and not as if this side had closed.
func checkPeerClosed(t testing.TB, ctx context.Context, w, r transport.Conn) {
	closeAll(r)
	for ctx.Err() == nil {
		err := w.Write(ctx, []byte("anybody?"))
		if err == nil {
			continue
		}
		if errors.Is(err, transport.ErrClosed) || errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Write: got %v, want an error of the connection", err)
		}
		return
	}
	t.Fatalf("Write still succeeds")
}
