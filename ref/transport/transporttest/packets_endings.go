package transporttest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// IO-004: a context that has ended fails a read and a write; nothing comes or goes.
func checkPacketEndedContext(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	wantNoPacket(t, ended, r, context.Canceled)
	if err := w.WriteTo(ended, []byte("never sent"), r.LocalAddress()); !errors.Is(err, context.Canceled) {
		t.Fatalf("WriteTo: got %v, want %v", err, context.Canceled)
	}
	if n, err := w.WriteBatchTo(ended, [][]byte{[]byte("never sent")}, r.LocalAddress()); n != 0 || !errors.Is(err, context.Canceled) {
		t.Fatalf("WriteBatchTo: got %d and %v, want 0 and %v", n, err, context.Canceled)
	}
	if err := w.WriteTo(ctx, []byte("sent"), r.LocalAddress()); err != nil {
		t.Fatalf("WriteTo: %v", err)
	}
	wantNoPacket(t, ended, r, context.Canceled)
	receivePacket(t, ctx, w, r, []byte("sent"))
	pass(t, ctx, w, r, []byte("next"))
}

// IO-006: a read that waits is given up, by deadline and by cancellation; the datagram that comes later is whole.
func checkPacketGiveUp(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	for i := range 3 {
		wantSilence(t, ctx, r)
		canceled, cancel := context.WithCancel(ctx)
		timer := time.AfterFunc(pause, cancel)
		wantNoPacket(t, canceled, r, context.Canceled)
		timer.Stop()
		cancel()
		pass(t, ctx, w, r, message(i, min(1+i*3000, w.Limit())))
	}
}

// IO-006: reads that are given up at any moment, also while a datagram comes in, lose nothing.
func checkPacketGiveUpOften(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	p := make([]byte, r.Limit())
	for i := range 100 {
		msg := message(i, min(i*i, w.Limit()))
		sent := make(chan error, 1)
		timer := time.AfterFunc(50*time.Microsecond, func() { sent <- w.WriteTo(ctx, msg, r.LocalAddress()) })
		n, err := 0, context.DeadlineExceeded
		for try := 0; errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil; try++ {
			wait := time.Duration(try%7) * 20 * time.Microsecond
			if try > 100 { // it is lost, or the machine is busy
				wait = time.Second
			}
			short, cancel := context.WithTimeout(ctx, wait)
			n, _, err = r.ReadFrom(short, p)
			cancel()
		}
		if err != nil || !bytes.Equal(p[:n], msg) {
			timer.Stop()
			t.Fatalf("datagram %d: got %d bytes and %v, want %d bytes", i, n, err, len(msg))
		}
		if err := <-sent; err != nil {
			t.Fatalf("WriteTo: %v", err)
		}
	}
	wantSilence(t, ctx, r)
}

// TRAN-012: datagrams of several sources come with their own source, and an answer goes to whom it is for.
func checkPacketSources(t testing.TB, ctx context.Context, w, r, c transport.PacketConn) {
	for i := range 10 {
		pass(t, ctx, w, r, message(i, 10))
		pass(t, ctx, c, r, message(i, 11))
		pass(t, ctx, r, c, message(i, 12))
		pass(t, ctx, r, w, message(i, 13))
		pass(t, ctx, r, r, message(i, 14)) // also itself
	}
	for _, s := range []transport.PacketConn{w, r, c} {
		wantSilence(t, ctx, s)
	}
}

// TRAN-013: nobody listens at an address; that fails neither the socket that sends there nor its reader.
func checkNobodyThere(t testing.TB, ctx context.Context, w, r, c transport.PacketConn) {
	gone := c.LocalAddress()
	closeAll(c)
	for i := range 5 {
		if err := w.WriteTo(ctx, []byte("anybody?"), gone); err != nil {
			t.Fatalf("WriteTo an address where nobody listens: %v", err)
		}
		if n, err := w.WriteBatchTo(ctx, [][]byte{[]byte("any"), []byte("body?")}, gone); n != 2 || err != nil {
			t.Fatalf("WriteBatchTo an address where nobody listens: got %d and %v, want 2", n, err)
		}
		wantSilence(t, ctx, w)
		pass(t, ctx, w, r, message(i, 100))
		pass(t, ctx, r, w, message(i, 101))
	}
}

// TRAN-013: a socket that nobody reads is flooded with anything; afterwards it works as before, and nothing has been altered.
func checkFlood(t testing.TB, ctx context.Context, w, r, c transport.PacketConn) {
	sent := map[string]bool{} // by source and bytes
	for i := range 4000 {
		from, msg := w, message(i%50, min((i%50)*20, w.Limit()))
		if i%3 == 0 {
			from = c
		}
		if err := from.WriteTo(ctx, msg, r.LocalAddress()); err != nil {
			t.Fatalf("WriteTo: %v", err)
		}
		sent[from.LocalAddress().String()+string(msg)] = true
	}
	for i, drained := 0, false; !drained; i++ {
		if ctx.Err() != nil {
			t.Fatalf("nothing arrives after the flood")
		}
		last := message(-1-i, min(50, w.Limit()))
		if err := w.WriteTo(ctx, last, r.LocalAddress()); err != nil { // lost if the queue is full
			t.Fatalf("WriteTo: %v", err)
		}
		sent[w.LocalAddress().String()+string(last)] = true
		drained = drain(t, ctx, r, sent, last)
	}
	pass(t, ctx, w, r, message(1, 77))
	pass(t, ctx, c, r, message(2, 78))
}

// drain reads what waits, all of which was sent, until the last has come or nothing comes.
func drain(t testing.TB, ctx context.Context, r transport.PacketConn, sent map[string]bool, last []byte) (all bool) {
	t.Helper()
	p := make([]byte, r.Limit())
	for {
		short, cancel := context.WithTimeout(ctx, pause)
		n, from, err := r.ReadFrom(short, p)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return false
		case err != nil || !sent[from.String()+string(p[:n])]:
			t.Fatalf("ReadFrom: got %d bytes from %v and %v, which nobody sent", n, from, err)
		case bytes.Equal(p[:n], last):
			return true
		}
	}
}

// TRAN-022: closing wakes a read that waits.
func checkPacketCloseWakesRead(t testing.TB, ctx context.Context, _, r, _ transport.PacketConn) {
	timer := time.AfterFunc(pause, func() { closeAll(r) })
	defer timer.Stop()
	wantNoPacket(t, ctx, r, transport.ErrClosed)
}

// TRAN-022: after Close every call says so, also when datagrams wait; closing again is harmless.
func checkPacketClosed(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	for range 3 {
		if err := w.WriteTo(ctx, []byte("late"), r.LocalAddress()); err != nil {
			t.Fatalf("WriteTo: %v", err)
		}
	}
	receivePacket(t, ctx, w, r, []byte("late"))
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		wantNoPacket(t, ctx, r, transport.ErrClosed)
		if err := r.WriteTo(ctx, []byte("late"), w.LocalAddress()); !errors.Is(err, transport.ErrClosed) {
			t.Fatalf("WriteTo: got %v, want ErrClosed", err)
		}
		n, err := r.WriteBatchTo(ctx, [][]byte{[]byte("late"), []byte("later")}, w.LocalAddress())
		if n != 0 || !errors.Is(err, transport.ErrClosed) {
			t.Fatalf("WriteBatchTo: got %d and %v, want 0 and ErrClosed", n, err)
		}
	}
	wantSilence(t, ctx, w)
}

// PacketConn: an address and a limit that carry datagrams.
func checkPacketAddresses(t testing.TB, _ context.Context, w, r, c transport.PacketConn) {
	seen := map[wire.Address]bool{}
	for _, s := range []transport.PacketConn{w, r, c} {
		a := s.LocalAddress()
		if a.Type() != wire.UDP || !a.Sendable() || a != a.Canonical() {
			t.Errorf("local address %v, want a numeric UDP address that can be sent to", a)
		}
		seen[a] = true
		if s.Limit() <= 0 || s.Limit() > transport.DatagramLimit(a) {
			t.Errorf("limit %d, want 1 to %d", s.Limit(), transport.DatagramLimit(a))
		}
	}
	if len(seen) != 3 {
		t.Errorf("3 sockets have %d addresses", len(seen))
	}
}
