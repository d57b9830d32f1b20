// Package transporttest is the contract test of transport.Conn, transport.Listener, and transport.PacketConn (specification section
// 2, and TRAN-005, TRAN-010 to TRAN-013, TRAN-020 to TRAN-023): what code written against the interface may rely on, whatever lies
// below (IO-005). Run and RunListener are for streams, RunDatagrams and RunDatagramListener for connections over datagrams, RunPackets
// for sockets.
//
// It tests the interface, not the bytes: framing and connecting are tested by each transport. It waits for events, with a
// bound of some seconds that only a broken implementation reaches, and runs in virtual time where the transport does.
package transporttest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"ockamtest/ref/transport"
)

const (
	// patience bounds each check; a correct transport never takes that long.
	patience = 20 * time.Second
	// pause is how long a check lets a call block before it ends the wait. Too short a pause makes the check weaker, not wrong.
	pause = 10 * time.Millisecond
)

// A check is one clause of the contract. The writer w and the reader r are the two ends of a fresh connection.
type check struct {
	name string
	run  func(t testing.TB, ctx context.Context, w, r transport.Conn)
}

// Run tests stream-like connections, which keep order and lose nothing. newPair returns the two ends of a new connection and
// registers whatever it needs with t.Cleanup; Run closes the ends. Each check runs in both directions.
func Run(t *testing.T, newPair func(t *testing.T) (client, server transport.Conn)) {
	t.Helper()
	for _, c := range checks() {
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

func checks() []check {
	return []check{
		{"boundaries", checkBoundaries},
		{"more data", checkMoreData},
		{"no room", checkNoRoom},
		{"four results", checkFourResults},
		{"too long", checkTooLong},
		{"ended context", checkEndedContext},
		{"give up", checkGiveUp},
		{"give up inside", checkGiveUpInside},
		{"give up often", checkGiveUpOften},
		{"buffer is the caller's", checkBufferIsCallers},
		{"concurrent writers", checkConcurrentWriters},
		{"batch", checkBatch},
		{"batch too long", checkBatchTooLong},
		{"batch is the caller's", checkBatchIsCallers},
		{"both ways", checkBothWays},
		{"end of stream", checkEndOfStream},
		{"close wakes read", checkCloseWakesRead},
		{"close wakes write", checkCloseWakesWrite},
		{"closed", checkClosed},
		{"peer closed", checkPeerClosed},
		{"addresses", checkAddresses},
	}
}

// runCheck runs one check and closes both ends.
func runCheck(t testing.TB, c check, w, r transport.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	defer closeAll(w, r)
	c.run(t, ctx, w, r)
}

// closeAll closes what a check is done with, for which closing is not the point.
func closeAll(closers ...io.Closer) {
	for _, c := range closers {
		_ = c.Close()
	}
}

// message is a message of n bytes that differs from those of other seeds and has no period that a lost byte could hide in.
func message(seed, n int) []byte {
	b := make([]byte, n)
	x := uint32(seed)*2654435761 + 12345
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// sizes are lengths around the places where implementations change their way, up to the limit.
func sizes(limit int) []int {
	var out []int
	for _, n := range []int{0, 1, 2, 3, 255, 256, 257, 1000, 4093, 4094, 4095, 4096, 4097, 16384, 65534} {
		if n < limit {
			out = append(out, n)
		}
	}
	return append(out, limit, 0, 1)
}

// send writes messages in a goroutine, for a transport's queue is bounded. The function returned waits for it.
func send(t testing.TB, ctx context.Context, w transport.Writer, msgs ...[]byte) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i, m := range msgs {
			if err := w.Write(ctx, m); err != nil {
				t.Errorf("Write of message %d, %d bytes: %v", i, len(m), err)
				return
			}
		}
	}()
	return func() { <-done }
}

// receive reads one whole message and compares it.
func receive(t testing.TB, ctx context.Context, r transport.Conn, want []byte) {
	t.Helper()
	p := make([]byte, r.Limit()+1)
	n, err := r.Read(ctx, p)
	if err != nil {
		t.Fatalf("Read: got %d bytes and %v, want a message of %d bytes", n, err, len(want))
	}
	if !bytes.Equal(p[:n], want) {
		t.Fatalf("Read: got a message of %d bytes, want %d bytes; equal up to byte %d", n, len(want), commonPrefix(p[:n], want))
	}
}

// exchange shows that the connection works and that nothing is left over from before.
func exchange(t testing.TB, ctx context.Context, w, r transport.Conn) {
	t.Helper()
	msg := message(4711, min(33, w.Limit()))
	wait := send(t, ctx, w, msg)
	defer wait()
	receive(t, ctx, r, msg)
}

// wantRead reads into a buffer with room and wants an error and no bytes (IO-004).
func wantRead(t testing.TB, ctx context.Context, r transport.Conn, want error) {
	t.Helper()
	n, err := r.Read(ctx, make([]byte, r.Limit()+1))
	if n != 0 || !errors.Is(err, want) {
		t.Fatalf("Read: got %d bytes and error %v, want 0 and %v", n, err, want)
	}
}

func commonPrefix(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
