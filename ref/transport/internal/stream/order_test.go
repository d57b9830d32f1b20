package stream

import (
	"bytes"
	"io"
	"testing"
)

// What was done before a message was written is known where it was read, also to the race detector, for which this test is.
func TestMessagesAreOrderedWithMemory(t *testing.T) {
	for name, write := range map[string]func(c *Conn, msgs [][]byte) error{
		"one by one": func(c *Conn, msgs [][]byte) error {
			for _, m := range msgs {
				if err := c.Write(t.Context(), m); err != nil {
					return err
				}
			}
			return nil
		},
		"batch": func(c *Conn, msgs [][]byte) error { return c.WriteBatch(t.Context(), msgs) },
	} {
		msgs, frames := of(5000, 5000, 5000, 5000, 5000, 5000)
		for _, framed := range []bool{true, false} {
			a, b := sockets(t)
			c := New(a, Config{})
			shared := 0
			written := make(chan error, 1)
			go func() {
				shared++
				written <- write(c, msgs)
			}()
			if framed {
				p := make([]byte, 5000)
				d := New(b, Config{})
				for range msgs {
					if n, err := d.Read(t.Context(), p); n != len(p) || err != nil {
						t.Fatal(n, err)
					}
				}
			} else {
				p := make([]byte, len(frames))
				if _, err := io.ReadFull(b, p); err != nil || !bytes.Equal(p, frames) {
					t.Fatalf("the frames are wrong, or %v", err)
				}
			}
			if shared++; shared != 2 {
				t.Errorf("%s, read by package net %v: got %d, want 2", name, !framed, shared)
			}
			if err := <-written; err != nil {
				t.Fatal(err)
			}
			// And back, from package net.
			go func() {
				shared++
				_, _ = b.Write(frames)
			}()
			if n, err := c.Read(t.Context(), make([]byte, 5000)); n != 5000 || err != nil {
				t.Fatal(n, err)
			}
			if shared++; shared != 4 {
				t.Errorf("%s: back: got %d, want 4", name, shared)
			}
			c.Close()
		}
	}
}
