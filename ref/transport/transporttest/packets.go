package transporttest

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A packetCheck is one clause of the contract of transport.PacketConn. The sockets are fresh and reach each other: w writes, r reads, and
// c is a third.
type packetCheck struct {
	name string
	run  func(t testing.TB, ctx context.Context, w, r, c transport.PacketConn)
}

// RunPackets tests a PacketConn. newSockets returns n new sockets that reach each other under their LocalAddress, and registers whatever
// it needs with t.Cleanup; RunPackets closes the sockets. Between two sockets at rest, a datagram that fits arrives, and so do some dozens
// in order: a network that loses or reorders is tested with its faults switched off.
func RunPackets(t *testing.T, newSockets func(t *testing.T, n int) []transport.PacketConn) {
	t.Helper()
	for _, c := range packetChecks() {
		t.Run(c.name, func(t *testing.T) { runPacketCheck(t, c, newSockets(t, 3)) })
	}
}

func packetChecks() []packetCheck {
	return []packetCheck{
		{"boundaries", checkPacketBoundaries},
		{"short buffer", checkShortBuffer},
		{"three results", checkPacketResults},
		{"too long", checkPacketTooLong},
		{"bad addresses", checkBadAddresses},
		{"ended context", checkPacketEndedContext},
		{"give up", checkPacketGiveUp},
		{"give up often", checkPacketGiveUpOften},
		{"buffer is the caller's", checkPacketBuffer},
		{"batch", checkPacketBatch},
		{"batch that fails", checkFailedBatch},
		{"concurrent writers", checkPacketWriters},
		{"both ways", checkPacketBothWays},
		{"sources", checkPacketSources},
		{"nobody there", checkNobodyThere},
		{"flood", checkFlood},
		{"close wakes read", checkPacketCloseWakesRead},
		{"closed", checkPacketClosed},
		{"addresses", checkPacketAddresses},
	}
}

func runPacketCheck(t testing.TB, c packetCheck, sockets []transport.PacketConn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	defer closeAll(sockets[0], sockets[1], sockets[2])
	c.run(t, ctx, sockets[0], sockets[1], sockets[2])
}

// pass sends a datagram and receives it.
func pass(t testing.TB, ctx context.Context, w, r transport.PacketConn, msg []byte) {
	t.Helper()
	if err := w.WriteTo(ctx, msg, r.LocalAddress()); err != nil {
		t.Fatalf("WriteTo of %d bytes: %v", len(msg), err)
	}
	receivePacket(t, ctx, w, r, msg)
}

// receivePacket reads a datagram of w and compares it.
func receivePacket(t testing.TB, ctx context.Context, w, r transport.PacketConn, want []byte) {
	t.Helper()
	p := make([]byte, r.Limit()+1)
	n, from, err := r.ReadFrom(ctx, p)
	if err != nil {
		t.Fatalf("ReadFrom: got %d bytes and %v, want a datagram of %d bytes", n, err, len(want))
	}
	if !bytes.Equal(p[:n], want) {
		t.Fatalf("ReadFrom: got %d bytes, want %d; equal up to byte %d", n, len(want), commonPrefix(p[:n], want))
	}
	if from != w.LocalAddress() {
		t.Fatalf("ReadFrom: the source is %v, want %v", from, w.LocalAddress())
	}
}

// wantNoPacket reads and wants an error and nothing else (IO-004).
func wantNoPacket(t testing.TB, ctx context.Context, r transport.PacketConn, want error) {
	t.Helper()
	n, from, err := r.ReadFrom(ctx, make([]byte, r.Limit()+1))
	if n != 0 || from != (wire.Address{}) || !errors.Is(err, want) {
		t.Fatalf("ReadFrom: got %d bytes from %v and error %v, want 0 and %v", n, from, err, want)
	}
}

// wantSilence wants that nothing arrives for a moment.
func wantSilence(t testing.TB, ctx context.Context, r transport.PacketConn) {
	t.Helper()
	short, cancel := context.WithTimeout(ctx, pause)
	defer cancel()
	wantNoPacket(t, short, r, context.DeadlineExceeded)
}

// TRAN-010: one message is one datagram, with its source, for every length from 0 to the limit.
func checkPacketBoundaries(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	for i, n := range sizes(w.Limit()) {
		pass(t, ctx, w, r, message(i, n))
	}
	wantSilence(t, ctx, r)
}

// TRAN-011: a datagram that is longer than the buffer is dropped whole; the next is not harmed.
func checkShortBuffer(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	size := min(100, w.Limit())
	for _, room := range []int{size - 1, 1, 0} {
		next := message(2, room)
		for _, msg := range [][]byte{message(1, size), message(3, room+1), next} {
			if err := w.WriteTo(ctx, msg, r.LocalAddress()); err != nil {
				t.Fatalf("WriteTo: %v", err)
			}
		}
		p := make([]byte, room)
		if n, _, err := r.ReadFrom(ctx, p); err != nil || n != room || !bytes.Equal(p, next) {
			t.Fatalf("ReadFrom into %d bytes: got %d and %v, want the datagram that fits", room, n, err)
		}
		wantSilence(t, ctx, r)
	}
}

// IO-003: timeout, closed socket, and an empty datagram are three results.
func checkPacketResults(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	short, cancel := context.WithTimeout(ctx, pause)
	defer cancel()
	_, _, timeout := r.ReadFrom(short, make([]byte, 1))
	pass(t, ctx, w, r, nil)
	closeAll(r)
	_, _, closed := r.ReadFrom(ctx, make([]byte, 1))
	if !errors.Is(timeout, context.DeadlineExceeded) || errors.Is(timeout, transport.ErrClosed) {
		t.Errorf("timeout: got %v, want %v", timeout, context.DeadlineExceeded)
	}
	if !errors.Is(closed, transport.ErrClosed) || errors.Is(closed, context.DeadlineExceeded) {
		t.Errorf("closed: got %v, want ErrClosed", closed)
	}
}

// REC-010: a datagram that is too long is refused, and nothing is sent.
func checkPacketTooLong(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	for _, n := range []int{w.Limit() + 1, w.Limit() + 65536, 1 << 20} {
		if err := w.WriteTo(ctx, make([]byte, n), r.LocalAddress()); !errors.Is(err, transport.ErrMessageTooLong) {
			t.Fatalf("WriteTo of %d bytes, limit %d: got %v, want ErrMessageTooLong", n, w.Limit(), err)
		}
		pass(t, ctx, w, r, message(n, 20))
	}
	wantSilence(t, ctx, r)
}

// WIRE-013: addresses that are never sent to, and those of another transport.
func checkBadAddresses(t testing.TB, ctx context.Context, w, r, _ transport.PacketConn) {
	here := r.LocalAddress()
	ip, _ := here.IP4()
	for name, to := range map[string]wire.Address{
		"zero":       {},
		"local":      wire.LocalAddress([]byte("worker")),
		"name":       wire.UDPAddressDNS("localhost", here.Port()),
		"tcp":        wire.TCPAddress4(ip, here.Port()),
		"port 0":     here.WithPort(0),
		"link-local": wire.UDPAddress6([16]byte{0: 0xfe, 1: 0x80, 15: 1}, here.Port()),
	} {
		if err := w.WriteTo(ctx, []byte("x"), to); !errors.Is(err, transport.ErrAddress) {
			t.Fatalf("%s: WriteTo: got %v, want ErrAddress", name, err)
		}
		if n, err := w.WriteBatchTo(ctx, [][]byte{[]byte("x"), []byte("y")}, to); n != 0 || !errors.Is(err, transport.ErrAddress) {
			t.Fatalf("%s: WriteBatchTo: got %d and %v, want 0 and ErrAddress", name, n, err)
		}
	}
	wantSilence(t, ctx, r)
	pass(t, ctx, w, r, []byte("x"))
}
