package udp_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"testing"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/transporttest"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// Where tests listen; the system chooses the port.
func loopback4() wire.Address { return wire.UDPAddress4([4]byte{127, 0, 0, 1}, 0) }
func loopback6() wire.Address { return wire.UDPAddress6([16]byte{15: 1}, 0) }

// hosts are the loopback addresses that this system has.
func hosts(t *testing.T) map[string]wire.Address {
	t.Helper()
	out := map[string]wire.Address{"ipv4": loopback4()}
	if s, err := udp.Listen(t.Context(), loopback6(), udp.Config{}); err == nil {
		s.Close()
		out["ipv6"] = loopback6()
	} else {
		t.Logf("this system has no IPv6 on loopback: %v", err)
	}
	return out
}

// configs are the ways in which a socket can work.
func configs() map[string]udp.Config {
	return map[string]udp.Config{
		"default":      {},
		"single calls": {SingleCalls: true},
		"limit":        {Limit: 1100, ReadAhead: 1},
	}
}

func listen(t testing.TB, address wire.Address, cfg udp.Config) transport.PacketConn {
	t.Helper()
	s, err := udp.Listen(t.Context(), address, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func dial(t testing.TB, remote wire.Address, cfg udp.Config) transport.Conn {
	t.Helper()
	c, err := udp.Dial(t.Context(), remote, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// plain is a bare socket of the system.
func plain(t testing.TB) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func addrPort(t testing.TB, a wire.Address) netip.AddrPort {
	t.Helper()
	ap, ok := udp.AddrPort(a)
	if !ok {
		t.Fatalf("%v is not numeric", a)
	}
	return ap
}

func want(t testing.TB, s transport.PacketConn, msg string) (from wire.Address) {
	t.Helper()
	p := make([]byte, 70_000) // more than any limit
	n, from, err := s.ReadFrom(t.Context(), p)
	if err != nil || string(p[:n]) != msg {
		t.Fatalf("got %q, %v, want %q", p[:n], err, msg)
	}
	return from
}

func TestSocketContract(t *testing.T) {
	for host, address := range hosts(t) {
		for name, cfg := range configs() {
			t.Run(host+"/"+name, func(t *testing.T) {
				transporttest.RunPackets(t, func(t *testing.T, n int) []transport.PacketConn {
					var out []transport.PacketConn
					for range n {
						out = append(out, listen(t, address, cfg))
					}
					return out
				})
			})
		}
	}
}

func TestConnContract(t *testing.T) {
	for host, address := range hosts(t) {
		for name, cfg := range configs() {
			t.Run(host+"/"+name, func(t *testing.T) {
				transporttest.RunDatagrams(t, func(t *testing.T) (client, server transport.Conn) {
					l := transport.Sources(listen(t, address, cfg), transport.SourcesConfig{})
					t.Cleanup(func() { l.Close() })
					client = dial(t, l.Address(), cfg)
					if err := client.Write(t.Context(), nil); err != nil {
						t.Fatal(err)
					}
					server, err := l.Accept(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { server.Close() })
					if n, err := server.Read(t.Context(), nil); n != 0 || err != nil {
						t.Fatal(n, err)
					}
					return client, server
				})
			})
		}
	}
}

func TestListenerContract(t *testing.T) {
	transporttest.RunDatagramListener(t, func(t *testing.T) (transport.Listener, transporttest.Dial) {
		l := transport.Sources(listen(t, loopback4(), udp.Config{}), transport.SourcesConfig{})
		return l, func(ctx context.Context) (transport.Conn, error) { return udp.Dial(ctx, l.Address(), udp.Config{}) }
	})
}

// WIRE-013: a socket for both families serves IPv4 under IPv4 addresses, one for IPv4 has no other.
func TestWildcards(t *testing.T) {
	for name, cfg := range configs() {
		four := listen(t, wire.UDPAddress4([4]byte{}, 0), cfg)
		both := listen(t, wire.UDPAddress6([16]byte{}, 0), cfg)
		if got, want := four.LocalAddress(), wire.UDPAddress4([4]byte{}, four.LocalAddress().Port()); got != want || got.Port() == 0 {
			t.Errorf("%s: listens on %v, want %v", name, got, want)
		}
		if got, want := both.LocalAddress(), wire.UDPAddress6([16]byte{}, both.LocalAddress().Port()); got != want || got.Port() == 0 {
			t.Errorf("%s: listens on %v, want %v", name, got, want)
		}
		if err := four.WriteTo(t.Context(), nil, loopback6().WithPort(9)); !errors.Is(err, transport.ErrAddress) {
			t.Errorf("%s: IPv6 from IPv4: got %v, want ErrAddress", name, err)
		}
		for host, address := range hosts(t) {
			peer := listen(t, address, cfg)
			for i := range 3 {
				batch := [][]byte{[]byte("one"), []byte("two"), []byte("3"), {}}
				if n, err := peer.WriteBatchTo(t.Context(), batch, address.WithPort(both.LocalAddress().Port())); n != len(batch) || err != nil {
					t.Fatalf("%s, %s, round %d: %d, %v", name, host, i, n, err)
				}
				for _, msg := range batch {
					if from := want(t, both, string(msg)); from != peer.LocalAddress() {
						t.Errorf("%s, %s: from %v, want %v", name, host, from, peer.LocalAddress())
					}
				}
				if n, err := both.WriteBatchTo(t.Context(), batch, peer.LocalAddress()); n != len(batch) || err != nil {
					t.Fatalf("%s, %s, round %d, back: %d, %v", name, host, i, n, err)
				}
				for _, msg := range batch {
					if from := want(t, peer, string(msg)); from != address.WithPort(both.LocalAddress().Port()) {
						t.Errorf("%s, %s: back from %v", name, host, from)
					}
				}
			}
		}
	}
}

// REC-010: a socket for both families sends IPv4 what IPv4 carries.
func TestLimitOfEachFamily(t *testing.T) {
	for name, cfg := range map[string]udp.Config{"default": {}, "single calls": {SingleCalls: true}} {
		both := listen(t, wire.UDPAddress6([16]byte{}, 0), cfg)
		for host, address := range hosts(t) {
			limit := map[string]int{"ipv4": 65507, "ipv6": 65527}[host]
			peer := listen(t, address, cfg)
			if peer.Limit() != limit || both.Limit() != 65527 {
				t.Errorf("%s, %s: limits %d and %d", name, host, peer.Limit(), both.Limit())
			}
			if err := both.WriteTo(t.Context(), make([]byte, limit+1), peer.LocalAddress()); !errors.Is(err, transport.ErrMessageTooLong) {
				t.Errorf("%s, %s: got %v, want ErrMessageTooLong", name, host, err)
			}
			msg := make([]byte, limit)
			msg[limit-1] = 'x'
			if err := both.WriteTo(t.Context(), msg, peer.LocalAddress()); err != nil {
				t.Errorf("%s, %s: %v", name, host, err)
			}
			want(t, peer, string(msg))
		}
	}
}

// TRAN-011: what exceeds the receiver's limit is dropped whole, alone and in a run; the longest that does not is received.
func TestDatagramAboveLimit(t *testing.T) {
	for name, cfg := range map[string]udp.Config{"default": {Limit: 1000}, "single calls": {Limit: 1000, SingleCalls: true}} {
		s, peer := listen(t, loopback4(), cfg), listen(t, loopback4(), udp.Config{})
		batch := make([][]byte, 0, 12)
		for _, n := range []int{1000, 1001, 1001, 1001, 65507, 5, 1001, 1000, 60000, 1002, 0, 7} {
			batch = append(batch, make([]byte, n))
		}
		if n, err := peer.WriteBatchTo(t.Context(), batch, s.LocalAddress()); n != len(batch) || err != nil {
			t.Fatalf("%s: %d, %v", name, n, err)
		}
		for _, n := range []int{1000, 5, 1000, 0, 7} {
			want(t, s, string(make([]byte, n)))
		}
	}
}

// MEM-003: the steady state allocates nothing, singly and in batches.
func TestAllocations(t *testing.T) {
	for host, address := range hosts(t) {
		for name, cfg := range configs() {
			a, b := listen(t, address, cfg), listen(t, address, cfg)
			ctx := context.Background()
			batch, p := [][]byte{}, make([]byte, 1024)
			for range 20 {
				batch = append(batch, make([]byte, 1024))
			}
			exchange := func() {
				if err := a.WriteTo(ctx, batch[0], b.LocalAddress()); err != nil {
					t.Fatal(err)
				}
				if n, err := a.WriteBatchTo(ctx, batch, b.LocalAddress()); n != len(batch) || err != nil {
					t.Fatal(n, err)
				}
				for range 1 + len(batch) {
					if n, from, err := b.ReadFrom(ctx, p); n != len(p) || from != a.LocalAddress() || err != nil {
						t.Fatal(n, from, err)
					}
				}
			}
			exchange()
			if got := testing.AllocsPerRun(50, exchange); got != 0 {
				t.Errorf("%s, %s: %v allocations, want 0", host, name, got)
			}
		}
	}
}

// TRAN-022: each descriptor is released.
func TestDescriptors(t *testing.T) {
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("this system does not list its descriptors")
		}
		return len(entries)
	}
	before := count()
	for range 50 {
		s, err := udp.Listen(t.Context(), loopback4(), udp.Config{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := udp.Dial(t.Context(), s.LocalAddress(), udp.Config{})
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		s.Close()
	}
	if after := count(); after > before+5 { // the poller's own descriptors appear with the first socket
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestAddresses(t *testing.T) {
	ap := netip.MustParseAddrPort("[::ffff:10.0.0.1]:4000")
	if got, want := udp.Address(ap), wire.UDPAddress4([4]byte{10, 0, 0, 1}, 4000); got != want { // WIRE-013
		t.Errorf("got %v, want %v", got, want)
	}
	if got, ok := udp.AddrPort(wire.UDPAddress6([16]byte{15: 1}, 4000)); !ok || got != netip.MustParseAddrPort("[::1]:4000") {
		t.Errorf("got %v, %v, want [::1]:4000", got, ok)
	}
	for _, a := range []wire.Address{{}, wire.TCPAddress4([4]byte{1, 2, 3, 4}, 5), wire.UDPAddressDNS("localhost", 1), wire.LocalAddress([]byte("x"))} {
		if ap, ok := udp.AddrPort(a); ok {
			t.Errorf("%v: got %v, want none", a, ap)
		}
	}
}
