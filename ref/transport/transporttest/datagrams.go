package transporttest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"testing"
	"time"

	"ockamtest/ref/transport"
)

// RunDatagrams tests connections over datagrams, whose messages may be lost and which have no end: it is Run without what only a stream
// can promise, and with few messages on the way at a time. newPair returns the two ends of a new connection, between which a message that
// fits arrives and order is kept while nothing overflows.
func RunDatagrams(t *testing.T, newPair func(t *testing.T) (client, server transport.Conn)) {
	t.Helper()
	for _, c := range datagramChecks() {
		t.Run(c.name+"/client to server", func(t *testing.T) {
			client, server := newPair(t)
			runCheck(t, c, client, server)
		})
		t.Run(c.name+"/server to client", func(t *testing.T) {
			client, server := newPair(t)
			runCheck(t, c, server, client)
		})
	}
}

func datagramChecks() []check {
	return []check{
		{"boundaries", checkOneByOne},
		{"more data", checkMoreData},
		{"no room", checkNoRoom},
		{"three results", checkThreeResults},
		{"too long", checkTooLong},
		{"ended context", checkEndedContext},
		{"give up", checkGiveUp},
		{"give up inside", checkGiveUpInside},
		{"give up often", checkGiveUpPaced},
		{"buffer is the caller's", checkBufferIsCallers},
		{"batch", checkDatagramBatch},
		{"batch too long", checkBatchTooLong},
		{"batch is the caller's", checkBatchIsCallers},
		{"concurrent writers", checkPacedWriters},
		{"both ways", checkEcho},
		{"close wakes read", checkCloseWakesRead},
		{"closed", checkClosed},
		{"nobody there", checkPeerGone},
		{"addresses", checkAddresses},
	}
}

// IO-001: one write is one message with the same bytes, for every length from 0 to the limit.
func checkOneByOne(t testing.TB, ctx context.Context, w, r transport.Conn) {
	for i, n := range sizes(w.Limit()) {
		msg := message(i, n)
		defer send(t, ctx, w, msg)()
		receive(t, ctx, r, msg)
	}
}

// IO-003: timeout, closed handle, and an empty message are three results.
func checkThreeResults(t testing.TB, ctx context.Context, w, r transport.Conn) {
	short, cancel := context.WithTimeout(ctx, pause)
	defer cancel()
	_, timeout := r.Read(short, make([]byte, 1))
	wait := send(t, ctx, w, nil)
	n, empty := r.Read(ctx, make([]byte, 1))
	wait()
	closeAll(r)
	_, closed := r.Read(ctx, make([]byte, 1))
	if !errors.Is(timeout, context.DeadlineExceeded) || errors.Is(timeout, transport.ErrClosed) {
		t.Errorf("timeout: got %v, want %v", timeout, context.DeadlineExceeded)
	}
	if n != 0 || empty != nil {
		t.Errorf("empty message: got %d bytes and %v, want 0 and success", n, empty)
	}
	if !errors.Is(closed, transport.ErrClosed) || errors.Is(closed, context.DeadlineExceeded) {
		t.Errorf("closed: got %v, want ErrClosed", closed)
	}
}

// IO-006: reads that are given up at any moment, also while a message comes in, lose nothing.
func checkGiveUpPaced(t testing.TB, ctx context.Context, w, r transport.Conn) {
	p := make([]byte, r.Limit())
	for i := range 60 {
		msg := message(i, min(i*i*17, w.Limit()))
		sent := make(chan error, 1)
		time.AfterFunc(50*time.Microsecond, func() { sent <- w.Write(ctx, msg) })
		n, err := 0, context.DeadlineExceeded
		for try := 0; errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil; try++ {
			wait := time.Duration(try%7) * 20 * time.Microsecond
			if try > 100 { // it is lost, or the machine is busy
				wait = time.Second
			}
			short, cancel := context.WithTimeout(ctx, wait)
			n, err = r.Read(short, p)
			cancel()
		}
		if err := <-sent; err != nil {
			t.Fatalf("Write: %v", err)
		}
		if err != nil || !bytes.Equal(p[:n], msg) {
			t.Fatalf("message %d: got %d bytes and %v, want %d bytes", i, n, err, len(msg))
		}
	}
}

// WriteBatch: each element is one message, in order, whatever the lengths.
func checkDatagramBatch(t testing.TB, ctx context.Context, w, r transport.Conn) {
	for i, batch := range batches(w.Limit()) {
		var msgs [][]byte
		for j, n := range batch {
			msgs = append(msgs, message(i*1000+j, n))
		}
		if err := transport.WriteBatch(ctx, w, msgs); err != nil {
			t.Fatalf("WriteBatch of %v: %v", batch, err)
		}
		for _, m := range msgs {
			receive(t, ctx, r, m)
		}
	}
}

// Writer: Write is safe for concurrent use; each message arrives once and whole, those of one writer in order.
func checkPacedWriters(t testing.TB, ctx context.Context, w, r transport.Conn) {
	const writers, each = 8, 20
	msg := func(writer, i int) []byte {
		b := message(writer*each+i, max(4, min(8+(i*97+writer*131)%1500, w.Limit())))
		binary.BigEndian.PutUint16(b, uint16(writer))
		binary.BigEndian.PutUint16(b[2:], uint16(i))
		return b
	}
	var turn [writers]chan struct{} // one message of each is on the way, for queues are bounded
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer wg.Wait()
	defer cancel()
	for writer := range writers {
		turn[writer] = make(chan struct{}, 1)
		wg.Go(func() {
			for i := range each {
				if err := w.Write(ctx, msg(writer, i)); err != nil {
					t.Errorf("writer %d, message %d: %v", writer, i, err)
					return
				}
				select {
				case <-turn[writer]:
				case <-ctx.Done():
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
		turn[writer] <- struct{}{}
	}
}

// Conn: both directions work at once and do not wait for each other.
func checkEcho(t testing.TB, ctx context.Context, w, r transport.Conn) {
	const rounds = 50
	ctx, cancel := context.WithCancel(ctx)
	echoed := make(chan struct{})
	defer func() { <-echoed }()
	defer cancel()
	go func() {
		defer close(echoed)
		p := make([]byte, r.Limit())
		for {
			n, err := r.Read(ctx, p)
			if err == nil {
				err = r.Write(ctx, p[:n])
			}
			if err != nil {
				return
			}
		}
	}()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		select {
		case <-time.After(pause): // the other goroutine waits in Read by now
		case <-ctx.Done():
		}
		for i := range rounds {
			if err := w.Write(ctx, message(i, 4+i)); err != nil && ctx.Err() == nil {
				t.Errorf("Write: %v", err)
			}
		}
	}()
	defer func() { <-sent }()
	for i := range rounds {
		receive(t, ctx, w, message(i, 4+i))
	}
}

// TRAN-013: that the other end has gone fails neither writes nor reads.
func checkPeerGone(t testing.TB, ctx context.Context, w, r transport.Conn) {
	closeAll(r)
	for range 5 {
		if err := w.Write(ctx, []byte("anybody?")); err != nil {
			t.Fatalf("Write to nobody: %v", err)
		}
		short, cancel := context.WithTimeout(ctx, pause)
		wantRead(t, short, w, context.DeadlineExceeded)
		cancel()
	}
}
