package transport

import (
	"testing"
	"testing/synctest"

	"ockamtest/ref/wire"
)

// TRAN-021: several wait in Accept, and one token stands for several sources.
func TestOneTokenForSeveralSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		socket, err := NewHub(HubConfig{}).Listen(wire.UDPAddress4([4]byte{10, 0, 0, 1}, 0))
		if err != nil {
			t.Fatal(err)
		}
		l := Sources(socket, SourcesConfig{}).(*sources)
		accepted := make(chan Conn)
		for range 3 {
			go func() {
				c, err := l.Accept(t.Context())
				if err != nil {
					t.Error(err)
				}
				accepted <- c
			}()
		}
		synctest.Wait()
		l.mu.Lock()
		for i := range 3 {
			c := newSource(l, wire.UDPAddress4([4]byte{10, 0, 0, 2}, uint16(i+1)))
			l.known[c.remote] = c
			l.waiting.add(c)
		}
		l.announce()
		l.mu.Unlock()
		for range 3 {
			(<-accepted).Close()
		}
		l.Close()
	})
}

// Close: sources that wait are forgotten, and new ones are not kept.
func TestClosedSourcesForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := NewHub(HubConfig{})
		listen := func() PacketConn {
			s, err := hub.Listen(wire.UDPAddress4([4]byte{10, 0, 0, 1}, 0))
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		socket, a, b, c := listen(), listen(), listen(), listen()
		l := Sources(socket, SourcesConfig{}).(*sources)
		write := func(from PacketConn) {
			if err := from.WriteTo(t.Context(), []byte("x"), socket.LocalAddress()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		write(a)
		served, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		write(b)
		if n := len(l.known); n != 2 {
			t.Errorf("%d sources are known, want 2", n)
		}
		l.Close()
		write(c)
		if n := len(l.known); n != 1 || l.known[a.LocalAddress()] == nil || l.waiting.len != 0 {
			t.Errorf("%d sources are known after Close, want the one that is served", n)
		}
		served.Close()
		if n := len(l.known); n != 0 {
			t.Errorf("%d sources are known after the last Close, want none", n)
		}
	})
}
