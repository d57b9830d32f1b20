package transport_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"ockamtest/ref/transport"
)

// take takes every complete message.
func take(t *testing.T, d *transport.Deframer) [][]byte {
	t.Helper()
	var msgs [][]byte
	for {
		msg, ok, err := d.Next()
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		if !ok {
			return msgs
		}
		msgs = append(msgs, bytes.Clone(msg))
	}
}

// stream is three frames: one of the specification (section 12, "hello"), an empty one, and one byte.
func stream(t *testing.T) (frames []byte, msgs [][]byte) {
	t.Helper()
	hello, err := hex.DecodeString("0101" +
		"01007f000001a00f" + "01" + "01007f00000131d4" + "02" + "5309337ef3c0aadc399f648b360b89cf45a3ec086cfa7e7639")
	if err != nil {
		t.Fatal(err)
	}
	msgs = [][]byte{hello, {}, {0xff}}
	for _, m := range msgs {
		if frames, err = transport.AppendFrame(frames, m); err != nil {
			t.Fatal(err)
		}
	}
	if got := hex.EncodeToString(frames[:4]); got != "002d0101" {
		t.Fatalf("the frame begins %s, want 002d0101", got)
	}
	return frames, msgs
}

// TRAN-001, TRAN-005
func TestAppendFrame(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 65534, 65535} {
		msg := bytes.Repeat([]byte{0xa5}, n)
		got, err := transport.AppendFrame([]byte("prefix"), msg)
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		want := append([]byte{'p', 'r', 'e', 'f', 'i', 'x', byte(n >> 8), byte(n)}, msg...)
		if !bytes.Equal(got, want) {
			t.Errorf("%d bytes: the frame is wrong", n)
		}
	}
	got, err := transport.AppendFrame([]byte("prefix"), make([]byte, 65536))
	if !errors.Is(err, transport.ErrMessageTooLong) || string(got) != "prefix" {
		t.Errorf("65,536 bytes: got %d bytes and error %v, want the prefix and ErrMessageTooLong", len(got), err)
	}
}

// TRAN-002, TRAN-003, TRAN-006: every way to cut the stream in two, byte by byte, and in one piece.
func TestDeframerFragmentation(t *testing.T) {
	frames, want := stream(t)
	check := func(name string, pieces ...[]byte) {
		t.Helper()
		d := transport.NewDeframer(0)
		var got [][]byte
		for _, p := range pieces {
			d.Push(p)
			got = append(got, take(t, d)...)
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%s: got %d messages %x, want %x", name, len(got), got, want)
		}
		if err := d.End(); err != nil {
			t.Errorf("%s: End: %v", name, err)
		}
	}
	check("one piece", frames)
	for i := range len(frames) + 1 {
		check("two pieces", frames[:i], frames[i:])
	}
	check("single bytes", slices.Collect(slices.Chunk(frames, 1))...)
}

// TRAN-004: every strict prefix that ends inside a frame.
func TestDeframerTruncated(t *testing.T) {
	frames, msgs := stream(t)
	boundaries := map[int]int{0: 0}
	end := 0
	for i, m := range msgs {
		end += transport.FrameHeader + len(m)
		boundaries[end] = i + 1
	}
	truncated := 0
	for i := range len(frames) + 1 {
		d := transport.NewDeframer(0)
		d.Push(frames[:i])
		before := d.End()
		complete := len(take(t, d))
		n, boundary := boundaries[i]
		switch err := d.End(); {
		case !errors.Is(err, before):
			t.Errorf("%d bytes: End is %v before and %v after taking the messages", i, before, err)
		case boundary && (err != nil || complete != n):
			t.Errorf("%d bytes: got %d messages and %v, want %d and nil", i, complete, err, n)
		case !boundary && !errors.Is(err, transport.ErrTruncated):
			t.Errorf("%d bytes: got %v, want ErrTruncated", i, err)
		case !boundary:
			truncated++
		}
	}
	if want := len(frames) + 1 - 4; truncated != want {
		t.Errorf("%d truncated prefixes, want %d", truncated, want)
	}
}

// TRAN-008: the prefix alone is enough to refuse, and what follows is never a frame.
func TestDeframerLimit(t *testing.T) {
	d := transport.NewDeframer(4)
	d.Push([]byte{0, 4, 1, 2, 3, 4, 0, 5})
	if msg, ok, err := d.Next(); err != nil || !ok || !bytes.Equal(msg, []byte{1, 2, 3, 4}) {
		t.Fatalf("at the limit: got %x, %v, %v", msg, ok, err)
	}
	for range 2 {
		if msg, ok, err := d.Next(); !errors.Is(err, transport.ErrMessageTooLong) || ok || msg != nil {
			t.Errorf("above the limit: got %x, %v, %v, want ErrMessageTooLong", msg, ok, err)
		}
		d.Push([]byte{0, 1, 7})
	}
	if err := d.End(); !errors.Is(err, transport.ErrMessageTooLong) {
		t.Errorf("End: got %v, want ErrMessageTooLong", err)
	}
}

// A message stays as it is until the next Push, and appending to it does not reach the next one.
func TestDeframerOwnership(t *testing.T) {
	d := transport.NewDeframer(0)
	d.Push([]byte{0, 1, 'a', 0, 1, 'b'})
	a, _, _ := d.Next()
	_ = append(a, 0xff, 0xff, 0xff)
	if b, ok, err := d.Next(); !ok || err != nil || string(b) != "b" {
		t.Errorf("got %q, %v, %v, want b", b, ok, err)
	}
}

func FuzzDeframer(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 0xff}, []byte{1}, uint16(0))
	f.Add([]byte("\x00\x24\x01\x00\x00\x03\x35\x80"), []byte{1, 1, 3}, uint16(1024)) // the head of m1, profile c09, section 12
	f.Add([]byte{4, 0x4c}, []byte{1}, uint16(1024))                                  // 1,100 bytes announced
	f.Fuzz(func(t *testing.T, stream, cuts []byte, limit uint16) {
		oneShot := transport.NewDeframer(int(limit))
		oneShot.Push(stream)
		want, wantErr := drain(oneShot)

		chunked := transport.NewDeframer(int(limit))
		var got [][]byte
		var gotErr error
		rest := stream
		for i := 0; len(rest) > 0; i++ {
			n := 1
			if len(cuts) > 0 {
				n = min(len(rest), 1+int(cuts[i%len(cuts)]))
			}
			chunked.Push(rest[:n])
			rest = rest[n:]
			var msgs [][]byte
			msgs, gotErr = drain(chunked)
			got = append(got, msgs...)
		}
		if !slices.EqualFunc(got, want, bytes.Equal) || !sameError(gotErr, wantErr) {
			t.Fatalf("chunked: %d messages, %v; in one piece: %d messages, %v", len(got), gotErr, len(want), wantErr)
		}
		if got, want := chunked.End(), oneShot.End(); !sameError(got, want) {
			t.Fatalf("End: chunked %v, in one piece %v", got, want)
		}
		// The messages are the stream: framed again they are its prefix.
		var again []byte
		for _, m := range got {
			again, _ = transport.AppendFrame(again, m)
		}
		if !bytes.HasPrefix(stream, again) {
			t.Fatal("the messages, framed again, are not a prefix of the stream")
		}
		if wantErr == nil && len(again) != len(stream) != errors.Is(oneShot.End(), transport.ErrTruncated) {
			t.Fatalf("%d bytes left, End: %v", len(stream)-len(again), oneShot.End())
		}
	})
}

func drain(d *transport.Deframer) (msgs [][]byte, err error) {
	for {
		msg, ok, err := d.Next()
		if err != nil || !ok {
			return msgs, err
		}
		msgs = append(msgs, bytes.Clone(msg))
	}
}

func sameError(a, b error) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Error() == b.Error()
}
