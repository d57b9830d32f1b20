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
	"ockamtest/ref/wire"
)

// PacketConn: it keeps no reference to what it sent.
func checkPacketBuffer(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	size := min(3000, w.Limit())
	one, two := message(1, size), message(2, size)
	a, b := bytes.Clone(one), bytes.Clone(two)
	if err := w.WriteTo(ctx, a, r.LocalAddress()); err != nil {
		t.Fatalf("WriteTo: %v", err)
	}
	clear(a)
	receivePacket(t, ctx, w, r, one)
	copy(a, one)
	ps := [][]byte{a, b}
	if n, err := w.WriteBatchTo(ctx, ps, r.LocalAddress()); n != 2 || err != nil {
		t.Fatalf("WriteBatchTo: got %d and %v, want 2", n, err)
	}
	clear(a)
	clear(b)
	clear(ps)
	receivePacket(t, ctx, w, r, one)
	receivePacket(t, ctx, w, r, two)
}

// batches are sizes of datagrams that are sent at once: runs of one size around the numbers at which systems split them, runs with a
// shorter or a longer end, and empty datagrams anywhere.
func batches(limit int) [][]int {
	repeat := func(n, size int) (out []int) {
		for range n {
			out = append(out, min(size, limit))
		}
		return out
	}
	var growing, shrinking []int
	for i := range 40 {
		growing, shrinking = append(growing, min(i*3, limit)), append(shrinking, min((40-i)*3, limit))
	}
	return [][]int{
		{}, {0}, {1}, {0, 0, 0}, growing, shrinking,
		repeat(2, 200), repeat(63, 200), repeat(64, 200), repeat(65, 200), repeat(70, 200),
		append(repeat(20, 500), 100, 0, min(500, limit), min(501, limit), 499),
		append(repeat(10, 1), append([]int{0}, repeat(10, 1)...)...),
		repeat(3, 30000), repeat(2, 32753), repeat(2, 32754), {min(limit, 40000), min(limit, 25507)}, {limit, limit},
	}
}

// PacketConn: a batch is its datagrams, in order.
func checkPacketBatch(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	for i, batch := range batches(w.Limit()) {
		var ps [][]byte
		for j, size := range batch {
			ps = append(ps, message(i*1000+j, size))
		}
		n, err := w.WriteBatchTo(ctx, ps, r.LocalAddress())
		if n != len(ps) || err != nil {
			t.Fatalf("WriteBatchTo of %v: got %d and %v, want all", batch, n, err)
		}
		for _, p := range ps {
			receivePacket(t, ctx, w, r, p)
		}
	}
	wantSilence(t, ctx, r)
}

// PacketConn: a batch with a datagram that is too long, wherever it is, sends as many of the first as it says.
func checkFailedBatch(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	for bad := range 4 {
		var ps [][]byte
		for i := range 4 {
			ps = append(ps, message(i, 50))
		}
		ps[bad] = make([]byte, w.Limit()+1)
		n, err := w.WriteBatchTo(ctx, ps, r.LocalAddress())
		if n < 0 || n > bad || !errors.Is(err, transport.ErrMessageTooLong) {
			t.Fatalf("WriteBatchTo, datagram %d too long: got %d and %v, want ErrMessageTooLong", bad, n, err)
		}
		for _, p := range ps[:n] {
			receivePacket(t, ctx, w, r, p)
		}
		wantSilence(t, ctx, r)
	}
}

// PacketConn: writing is safe for concurrent use; the datagrams of one writer arrive once, whole, and in order.
func checkPacketWriters(t testing.TB, ctx context.Context, w, r, c transport.PacketConn) {
	const writers, each = 8, 20
	msg := func(writer, i int) []byte {
		b := message(writer*each+i, min(8+(i*97+writer*131)%1500, w.Limit()))
		binary.BigEndian.PutUint16(b, uint16(writer))
		binary.BigEndian.PutUint16(b[2:], uint16(i))
		return b
	}
	var turn [writers]chan struct{} // one datagram of each is on the way, for queues are bounded
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer wg.Wait()
	defer cancel()
	for writer := range writers {
		turn[writer] = make(chan struct{}, 1)
		wg.Go(func() {
			writePackets(t, ctx, w, r.LocalAddress(), each, turn[writer], func(i int) []byte { return msg(writer, i) })
		})
	}
	var next [writers]int
	p := make([]byte, r.Limit())
	for range writers * each {
		n, _, err := r.ReadFrom(ctx, p)
		if err != nil || n < 4 {
			t.Fatalf("ReadFrom: %d bytes, %v", n, err)
		}
		writer, i := int(binary.BigEndian.Uint16(p)), int(binary.BigEndian.Uint16(p[2:]))
		if writer >= writers || i != next[writer] || !bytes.Equal(p[:n], msg(writer, i)) {
			t.Fatalf("got datagram %d of writer %d, %d bytes, which is not what was written next", i, writer, n)
		}
		next[writer]++
		turn[writer] <- struct{}{}
	}
}

// writePackets writes datagrams, singly and in batches of one, the next when the one before has arrived.
func writePackets(t testing.TB, ctx context.Context, w transport.PacketConn, to wire.Address, n int, turn <-chan struct{}, msg func(i int) []byte) {
	for i := range n {
		var err error
		if i%2 == 0 {
			err = w.WriteTo(ctx, msg(i), to)
		} else {
			_, err = w.WriteBatchTo(ctx, [][]byte{msg(i)}, to)
		}
		if err != nil {
			t.Errorf("datagram %d: %v", i, err)
			return
		}
		select {
		case <-turn:
		case <-ctx.Done():
			return
		}
	}
}

// PacketConn: a socket that waits for a datagram can be written to, and both directions work at once.
func checkPacketBothWays(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	const rounds = 100
	echoed := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	defer func() { <-echoed }()
	defer cancel()
	go func() {
		defer close(echoed)
		p := make([]byte, r.Limit())
		for {
			n, from, err := r.ReadFrom(ctx, p)
			if err == nil {
				err = r.WriteTo(ctx, p[:n], from)
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
		case <-time.After(pause): // the other goroutine waits in ReadFrom by now
		case <-ctx.Done():
		}
		for i := range rounds {
			if err := w.WriteTo(ctx, message(i, 4+i), r.LocalAddress()); err != nil && ctx.Err() == nil {
				t.Errorf("WriteTo: %v", err)
			}
		}
	}()
	defer func() { <-sent }()
	for i := range rounds {
		receivePacket(t, ctx, r, w, message(i, 4+i))
	}
}
