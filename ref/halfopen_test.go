package ref_test

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"ockamtest/ref"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// CHAN-012: at the bound the oldest half-open handshake gives way; younger ones and open channels are not affected.
func TestHalfOpenBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, inner, failed := newMemory(t, func(c *ref.ListenConfig) { c.HalfOpen = 2 })
		defer l.Close()
		oldest := inner.dial()
		synctest.Wait()
		client := initiate(t, inner.dial()) // counts only until it is open
		defer client.Close()
		server := accept(t, l)
		defer server.Close()
		younger := inner.dial()
		synctest.Wait()
		if n := len(failed.all()); n != 0 {
			t.Fatalf("%d handshakes failed below the bound", n)
		}
		youngest := inner.dial()
		synctest.Wait()
		if errs := failed.all(); len(errs) != 1 || !errors.Is(errs[0], ref.ErrGaveWay) {
			t.Fatalf("got %v, want one handshake that gave way", errs)
		}
		if n, err := oldest.Read(t.Context(), make([]byte, 10)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("the oldest reads %d bytes and %v, want the end", n, err)
		}
		for _, conn := range []transport.Conn{younger, youngest} {
			c := initiate(t, conn)
			s := accept(t, l)
			exchange(t, c, s)
			c.Close()
			s.Close()
		}
		exchange(t, client, server)
		if n := len(failed.all()); n != 1 {
			t.Errorf("%d handshakes failed, want 1", n)
		}
	})
}

// CHAN-012: by default 1,024 handshakes may be half-open, whether they ping or say nothing. Then one gives way, and who comes last gets a
// channel.
func TestDefaultHalfOpenBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, inner, failed := newMemory(t, nil)
		defer l.Close()
		for i := range ref.DefaultHalfOpen {
			conn := inner.dial()
			if i%2 == 0 {
				if err := conn.Write(t.Context(), header(wire.Ping)); err != nil {
					t.Fatal(err)
				}
			}
		}
		synctest.Wait()
		if n := len(failed.all()); n != 0 {
			t.Fatalf("%d handshakes failed at the bound", n)
		}
		client := initiate(t, inner.dial())
		server := accept(t, l)
		exchange(t, client, server)
		synctest.Wait()
		if errs := failed.all(); len(errs) != 1 || !errors.Is(errs[0], ref.ErrGaveWay) {
			t.Errorf("got %v, want one handshake that gave way", errs)
		}
		client.Close()
		server.Close()
	})
}
