package ref_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// openTapped opens a channel with a tap on the responder's end: message 2 is the first after the handshake that it receives.
func openTapped(t *testing.T, p profile.Profile, arrives func(int, []byte) [][]byte) (client, server *ref.Conn, line *tap) {
	t.Helper()
	initiator, _ := newConfig(t)
	responder, _ := newConfig(t)
	initiator.Profile, responder.Profile = p, p
	i, r := transport.Pipe(transport.PipeConfig{})
	line = &tap{Conn: r, arrives: arrives}
	client, server = open(t, i, line, initiator, responder)
	return client, server, line
}

const firstRecord = 2

// REC-004 to REC-007: a record that does not verify fails a channel on a stream. Nothing of it is delivered, nor the genuine record after it;
// the connection is closed, and the failure stays.
func TestRecordRefused(t *testing.T) {
	for name, test := range map[string]struct {
		arrives   func(msg []byte) [][]byte
		delivered int // messages before the failure
		want      refused
	}{
		"tag":             {flip(1), 0, refused{channel.StepRecord, "REC-004", vault.ErrAuthentication}},
		"ciphertext":      {flip(17), 0, refused{channel.StepRecord, "REC-004", vault.ErrAuthentication}},
		"15 bytes":        {func([]byte) [][]byte { return [][]byte{message(wire.Payload, make([]byte, 15))} }, 0, refused{channel.StepRecord, "REC-006", vault.ErrShortCiphertext}},
		"none":            {func([]byte) [][]byte { return [][]byte{message(wire.Payload, nil)} }, 0, refused{channel.StepRecord, "REC-006", vault.ErrShortCiphertext}},
		"replay":          {func(m []byte) [][]byte { return [][]byte{bytes.Clone(m), m} }, 1, refused{channel.StepRecord, "REC-004", vault.ErrAuthentication}},
		"forged, genuine": {func(m []byte) [][]byte { return append(flip(1)(bytes.Clone(m)), m) }, 0, refused{channel.StepRecord, "REC-004", vault.ErrAuthentication}},
		"lost":            {func(m []byte) [][]byte { return nil }, 0, refused{channel.StepRecord, "REC-004", vault.ErrAuthentication}},
	} {
		t.Run(name, func(t *testing.T) {
			client, server, _ := openTapped(t, profile.V1(), change(firstRecord, test.arrives))
			ctx := t.Context()
			for _, m := range []string{"first", "second"} {
				if err := client.Write(ctx, []byte(m)); err != nil {
					t.Fatal(err)
				}
			}
			p := make([]byte, 100)
			for range test.delivered {
				if n, err := server.Read(ctx, p); err != nil || string(p[:n]) != "first" {
					t.Fatalf("got %q, %v, want the first message", p[:n], err)
				}
			}
			for range 2 {
				n, err := server.Read(ctx, p)
				if n != 0 {
					t.Errorf("%d bytes were delivered", n)
				}
				test.want.check(t, err)
			}
			if err := server.Write(ctx, []byte("x")); !errors.Is(err, channel.ErrFailed) && !errors.Is(err, test.want.err) {
				t.Errorf("write to a failed channel: %v", err)
			}
			if n, err := client.Read(ctx, p); n != 0 || !errors.Is(err, io.EOF) {
				t.Errorf("the peer reads %d bytes and %v, want the end", n, err)
			}
		})
	}
}

// CHAN-003, WIRE-005, WIRE-010: what is rejected on an open channel changes nothing, and the next record arrives.
func TestRejectedAfterOpen(t *testing.T) {
	for name, junk := range map[string][]byte{
		"m1":           message(wire.M1, make([]byte, 32)),
		"m2":           message(wire.M2, make([]byte, 96)),
		"m3":           message(wire.M3, make([]byte, 64)),
		"empty":        {},
		"version 2":    {2, 0, 0, 2},
		"pong":         header(wire.Pong),
		"somebody's":   {1, 1, 0, 2, 'm', 'e', 0, 2},
		"unknown type": {1, 0, 0, 77},
	} {
		t.Run(name, func(t *testing.T) {
			client, server, line := openTapped(t, profile.V1(), change(firstRecord, func(msg []byte) [][]byte { return [][]byte{junk, msg} }))
			before := len(line.messages())
			if err := client.Write(t.Context(), []byte("hello")); err != nil {
				t.Fatal(err)
			}
			p := make([]byte, 10)
			if n, err := server.Read(t.Context(), p); err != nil || string(p[:n]) != "hello" {
				t.Fatalf("got %q, %v, want hello", p[:n], err)
			}
			if n := len(line.messages()) - before; n != 0 {
				t.Errorf("it was answered with %d messages", n)
			}
			exchange(t, client, server)
		})
	}
}

// WIRE-010: a ping for the node is answered once, while the application reads.
func TestPingIsAnswered(t *testing.T) {
	client, server, line := openTapped(t, profile.V1(), change(firstRecord, func(msg []byte) [][]byte {
		return [][]byte{header(wire.Ping), msg}
	}))
	before := len(line.messages())
	if err := client.Write(t.Context(), []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if n, err := server.Read(t.Context(), make([]byte, 10)); n != 5 || err != nil {
		t.Fatal(n, err)
	}
	sent := line.messages()[before:]
	if len(sent) != 1 || !bytes.HasSuffix(sent[0], []byte{byte(wire.Pong)}) {
		t.Errorf("%d messages left: %x, want one pong", len(sent), sent)
	}
	exchange(t, client, server)
}

// REC-003: the 65,537th message of a direction is refused and sends nothing; the other direction goes on.
func TestCounterExhausted(t *testing.T) {
	client, server, line := openTapped(t, profile.C09(), nil)
	ctx := context.Background()
	p := make([]byte, 1)
	for i := range key.MaxCounter + 1 {
		if err := server.Write(ctx, []byte{byte(i)}); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		if n, err := client.Read(ctx, p); n != 1 || err != nil || p[0] != byte(i) {
			t.Fatalf("message %d: got %d, %v", i, n, err)
		}
	}
	before := len(line.messages())
	for range 2 {
		if err := server.Write(ctx, []byte("x")); !errors.Is(err, key.ErrCounterExhausted) {
			t.Fatalf("got %v, want ErrCounterExhausted", err)
		}
	}
	if n := len(line.messages()) - before; n != 0 {
		t.Errorf("%d messages left", n)
	}
	if err := client.Write(ctx, []byte("y")); err != nil {
		t.Fatal(err)
	}
	if n, err := server.Read(ctx, p); n != 1 || err != nil {
		t.Errorf("the other direction: %d, %v", n, err)
	}
}

// REC-003: a message whose counter is spent and that cannot leave fails the channel; a context that ended before spends none.
func TestWriteGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		initiator, _ := newConfig(t)
		responder, _ := newConfig(t)
		i, r := transport.Pipe(transport.PipeConfig{Queue: 1})
		client, server := open(t, i, r, initiator, responder)
		defer server.Close()
		defer client.Close()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := client.Write(ended, []byte("x")); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want %v", err, context.Canceled)
		}
		exchange(t, client, server)

		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var err error
		for err == nil { // until the queue is full
			err = client.Write(short, []byte("x"))
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want %v", err, context.DeadlineExceeded)
		}
		if !errors.Is(err, transport.ErrGivenUp) {
			t.Errorf("got %v, want ErrGivenUp too", err)
		}
		// IO-003: later calls have not timed out. Who takes a timeout for a reason to try again would do so for ever.
		_, read := client.Read(t.Context(), make([]byte, 1))
		for _, again := range []error{client.Write(t.Context(), []byte("x")), read} {
			if !errors.Is(again, transport.ErrGivenUp) || errors.Is(again, context.DeadlineExceeded) {
				t.Errorf("later: got %v, want ErrGivenUp and no timeout", again)
			}
		}
	})
}

// CHAN-004, NOISE-015, KEY-003: closing destroys the keys; what is known of the peer stays.
func TestCloseDestroysKeys(t *testing.T) {
	initiator, _, initiatorLive := newCounted(t)
	responder, _, responderLive := newCounted(t)
	before := []int{initiatorLive(), responderLive()}
	i, r := transport.Pipe(transport.PipeConfig{})
	client, server := open(t, i, r, initiator, responder)
	if initiatorLive() <= before[0] {
		t.Error("an open channel has no keys in its vault")
	}
	for range 2 {
		if err := errors.Join(client.Close(), server.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if got := []int{initiatorLive(), responderLive()}; got[0] != before[0] || got[1] != before[1] {
		t.Errorf("%d secrets before, %d after", before, got)
	}
	if len(client.PeerStatic()) != 32 || len(client.ChannelBinding()) != 32 {
		t.Errorf("peer's key %x, binding %x", client.PeerStatic(), client.ChannelBinding())
	}
}

// CHAN-013, CHAN-004: the end of the connection ends the channel; what was written before is delivered.
func TestEndOfStream(t *testing.T) {
	client, server := openPipe(t, profile.V1())
	if err := client.Write(t.Context(), []byte("last")); err != nil {
		t.Fatal(err)
	}
	client.Close()
	p := make([]byte, 10)
	if n, err := server.Read(t.Context(), p); err != nil || string(p[:n]) != "last" {
		t.Fatalf("got %q, %v", p[:n], err)
	}
	for range 2 {
		if n, err := server.Read(t.Context(), p); n != 0 || !errors.Is(err, io.EOF) {
			t.Fatalf("got %d, %v, want io.EOF", n, err)
		}
	}
	if err := server.Write(t.Context(), []byte("late")); err == nil || errors.Is(err, transport.ErrClosed) {
		t.Errorf("write after the end: got %v, want an error", err)
	}
}
