package udp_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

const msecond = time.Millisecond

// WIRE-013, WIRE-014: addresses that are never connected to, and those that the rule refuses; no socket is made.
func TestDialRefuses(t *testing.T) {
	loopbackOnly := func(ap netip.AddrPort) bool { return ap.Addr().IsLoopback() }
	for name, test := range map[string]struct {
		address wire.Address
		want    error
	}{
		"zero":         {wire.Address{}, transport.ErrAddress},
		"local":        {wire.LocalAddress([]byte("worker")), transport.ErrAddress},
		"tcp":          {wire.TCPAddress4([4]byte{127, 0, 0, 1}, 9), transport.ErrAddress},
		"port 0":       {wire.UDPAddress4([4]byte{127, 0, 0, 1}, 0), transport.ErrAddress},
		"name, port 0": {wire.UDPAddressDNS("localhost", 0), transport.ErrAddress},
		"link-local":   {wire.UDPAddress6([16]byte{0: 0xfe, 1: 0x80, 15: 1}, 9), transport.ErrAddress},
		"bad name":     {wire.UDPAddressDNS("no such name", 9), transport.ErrAddress},
		"not allowed":  {wire.UDPAddress4([4]byte{192, 0, 2, 1}, 9), transport.ErrNotAllowed},
		"mapped":       {wire.UDPAddress6([16]byte{10: 0xff, 11: 0xff, 12: 192, 14: 2, 15: 1}, 9), transport.ErrNotAllowed},
	} {
		made := 0
		dialer := &net.Dialer{Control: func(string, string, syscall.RawConn) error { made++; return nil }}
		c, err := udp.Dial(t.Context(), test.address, udp.Config{Allow: loopbackOnly, Dialer: dialer})
		if c != nil || !errors.Is(err, test.want) || made != 0 {
			t.Errorf("%s: got %v, %v after %d sockets, want %v and none", name, c, err, made, test.want)
		}
	}
}

// WIRE-014: the rule is asked about whom a socket sends to, and nothing that it refuses leaves.
func TestRuleOfSocket(t *testing.T) {
	for name, cfg := range configs() {
		allowed, refused := listen(t, loopback4(), cfg), listen(t, loopback4(), cfg)
		cfg.Allow = func(ap netip.AddrPort) bool { return ap.Port() == allowed.LocalAddress().Port() }
		s := listen(t, loopback4(), cfg)
		if err := s.WriteTo(t.Context(), []byte("x"), refused.LocalAddress()); !errors.Is(err, transport.ErrNotAllowed) {
			t.Errorf("%s: got %v, want ErrNotAllowed", name, err)
		}
		if n, err := s.WriteBatchTo(t.Context(), [][]byte{[]byte("x")}, refused.LocalAddress()); n != 0 || !errors.Is(err, transport.ErrNotAllowed) {
			t.Errorf("%s: got %d, %v, want ErrNotAllowed", name, n, err)
		}
		for _, to := range []transport.PacketConn{allowed, refused} {
			if err := refused.WriteTo(t.Context(), []byte("y"), to.LocalAddress()); err != nil {
				t.Fatal(err)
			}
		}
		want(t, refused, "y")
		want(t, allowed, "y")
		if err := s.WriteTo(t.Context(), []byte("x"), allowed.LocalAddress()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want(t, allowed, "x")
	}
}

// WIRE-014: a name is looked up when it is dialed, the rule sees numbers, and the connection's addresses are numeric.
func TestDialName(t *testing.T) {
	s := listen(t, loopback4(), udp.Config{})
	var asked []netip.AddrPort
	c := dial(t, wire.UDPAddressDNS("localhost", s.LocalAddress().Port()), udp.Config{
		Allow: func(ap netip.AddrPort) bool { asked = append(asked, ap); return ap.Addr().Is4() },
	})
	if c.RemoteAddress() != s.LocalAddress() {
		t.Errorf("remote address %v, want %v", c.RemoteAddress(), s.LocalAddress())
	}
	if !slices.Contains(asked, addrPort(t, s.LocalAddress())) {
		t.Errorf("the rule was asked about %v, want %v among them", asked, s.LocalAddress())
	}
	if err := c.Write(t.Context(), []byte("x")); err != nil {
		t.Fatal(err)
	}
	if from := want(t, s, "x"); from != c.LocalAddress() {
		t.Errorf("from %v, the connection is %v", from, c.LocalAddress())
	}
}

// WIRE-014: a look-up ends with its time, also when the caller sets no deadline.
func TestLookUpHasDeadline(t *testing.T) {
	var looked atomic.Int32
	silent := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		looked.Add(1)
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	c, err := udp.Dial(context.Background(), wire.UDPAddressDNS("silent.example", 9), udp.Config{
		Dialer: &net.Dialer{Resolver: silent, Timeout: 10 * msecond},
	})
	if c != nil || err == nil || looked.Load() == 0 {
		t.Errorf("got %v, %v after %d look-ups, want an error", c, err, looked.Load())
	}
}

// TRAN-020: connecting succeeds though nobody listens; retries have no effect.
func TestDialNobody(t *testing.T) {
	nobody := plain(t)
	at := udp.Address(nobody.LocalAddr().(*net.UDPAddr).AddrPort())
	nobody.Close()
	for _, count := range []int{0, 5, transport.Forever} {
		c := dial(t, at, udp.Config{Retry: transport.Retry{Count: count, Interval: time.Hour}})
		if c.RemoteAddress() != at || !c.LocalAddress().Sendable() {
			t.Errorf("count %d: %v to %v, want %v", count, c.LocalAddress(), c.RemoteAddress(), at)
		}
	}
}

// TRAN-021, TRAN-012: datagrams of other sources do not reach a connected socket.
func TestDialReadsOneSource(t *testing.T) {
	for name, cfg := range configs() {
		peer, other := listen(t, loopback4(), cfg), listen(t, loopback4(), cfg)
		c := dial(t, peer.LocalAddress(), cfg)
		for i := range 10 {
			if err := other.WriteTo(t.Context(), []byte("forged"), c.LocalAddress()); err != nil {
				t.Fatal(err)
			}
			if err := peer.WriteTo(t.Context(), []byte{byte(i)}, c.LocalAddress()); err != nil {
				t.Fatal(err)
			}
			p := make([]byte, 10)
			if n, err := c.Read(t.Context(), p); err != nil || n != 1 || p[0] != byte(i) {
				t.Errorf("%s: got %q, %v, want message %d", name, p[:n], err, i)
			}
		}
	}
}

// Listen refuses what is no address of its own.
func TestListenRefuses(t *testing.T) {
	taken := listen(t, loopback4(), udp.Config{})
	for name, test := range map[string]struct {
		address wire.Address
		want    error
	}{
		"zero":     {wire.Address{}, transport.ErrAddress},
		"tcp":      {wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0), transport.ErrAddress},
		"local":    {wire.LocalAddress([]byte("worker")), transport.ErrAddress},
		"bad name": {wire.UDPAddressDNS("no such name", 0), transport.ErrAddress},
		"in use":   {taken.LocalAddress(), syscall.EADDRINUSE},
	} {
		s, err := udp.Listen(t.Context(), test.address, udp.Config{})
		if s != nil || !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, %v, want %v", name, s, err, test.want)
		}
	}
}
