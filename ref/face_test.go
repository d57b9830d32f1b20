package ref_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// anywhere is an unspecified address with a port that the system chooses.
func anywhere(kind wire.AddressType, ip netip.Addr) wire.Address {
	return transport.NumericAddress(kind, netip.AddrPortFrom(ip, 0))
}

// hasIPv6 tells whether the system has IPv6 on loopback.
func hasIPv6(t *testing.T) bool {
	s, err := udp.Listen(t.Context(), anywhere(wire.UDP, netip.IPv6Loopback()), udp.Config{})
	if err != nil {
		return false
	}
	s.Close()
	return true
}

// sourceOf is what a message from a node says of itself: the first return address of a ping, to a socket or connection.
func sourceOf(t *testing.T, msg []byte) wire.Address {
	t.Helper()
	var m wire.Message
	if err := m.Parse(wire.Dialect{}, msg); err != nil || len(m.Return) == 0 {
		t.Fatalf("got %v, %v, want a message with a return route", m, err)
	}
	return m.Return[0]
}

// pingSeen is the ping that a node sends to a socket.
func pingSeen(t *testing.T, n *ref.Node, to transport.PacketConn) []byte {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = n.Ping(ctx, wire.Route{to.LocalAddress()}) }()
	p := make([]byte, 65535)
	k, _, err := to.ReadFrom(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return p[:k]
}

// ROUT-004, WIRE-013: a node that is bound to all addresses of its machine says one of them, and never the unspecified one. ROUT-005: it
// forwards to none of them.
func TestWildcard(t *testing.T) {
	for name, ip := range map[string]netip.Addr{"IPv4": netip.IPv4Unspecified(), "IPv6": netip.IPv6Unspecified()} {
		t.Run(name, func(t *testing.T) {
			if ip.Is6() && !hasIPv6(t) {
				t.Skip("the system has no IPv6")
			}
			n := newNode(t, ref.NodeConfig{
				Addresses: []wire.Address{anywhere(wire.UDP, ip), anywhere(wire.TCP, ip)},
				Forward:   anybody,
			})
			faces := 1
			if ip.Is6() {
				faces = 2 // it serves IPv4 too
			}
			all := n.Addresses()
			if len(all) != 2*faces {
				t.Fatalf("addresses %v, want %d", all, 2*faces)
			}
			for i, a := range all {
				ap, numeric := transport.AddrPort(a)
				if !numeric || ap.Addr().IsUnspecified() || ap.Port() == 0 || !a.Sendable() {
					t.Errorf("address %v cannot be sent to", a)
				}
				if v6 := ip.Is6() && i%faces == 0; ap.Addr().Is6() != v6 {
					t.Errorf("address %d is %v", i, a)
				}
			}
			socket, err := udp.Listen(t.Context(), at(wire.UDP), udp.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer socket.Close()
			if got, want := sourceOf(t, pingSeen(t, n, socket)), all[faces-1]; got != want {
				t.Errorf("a ping says that it comes from %v, want %v", got, want)
			}
			here := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP)}})
			for _, a := range []wire.Address{at(wire.UDP).WithPort(all[0].Port()), at(wire.TCP).WithPort(all[len(all)-1].Port()), all[len(all)-1]} {
				if err := here.Ping(t.Context(), wire.Route{at(wire.UDP).WithPort(all[0].Port())}); err != nil {
					t.Fatal(err)
				}
				before := n.Counters().Dropped[router.OwnAddress]
				ctx, cancel := context.WithCancel(t.Context())
				go func() { _ = here.Ping(ctx, wire.Route{at(wire.UDP).WithPort(all[0].Port()), a}) }()
				for n.Counters().Dropped[router.OwnAddress] == before && n.Counters().Forwarded == 0 {
					<-time.After(time.Millisecond)
				}
				cancel()
				if c := n.Counters(); c.Forwarded != 0 {
					t.Errorf("the node has forwarded to itself at %v: %+v", a, c)
				}
			}
		})
	}
}

// TRAN-010, WIRE-013: channels between IPv4, IPv6, and a node that is bound to both; and one that forwards between them.
func TestMixedFamilies(t *testing.T) {
	if !hasIPv6(t) {
		t.Skip("the system has no IPv6")
	}
	for _, kind := range []wire.AddressType{wire.UDP, wire.TCP} {
		four, six, both := at(kind), anywhere(kind, netip.IPv6Loopback()), anywhere(kind, netip.IPv6Unspecified())
		cfg, _ := newConfig(t)
		relay := newNode(t, ref.NodeConfig{Addresses: []wire.Address{both}, Forward: anybody})
		loopback := []wire.Address{six.WithPort(relay.Addresses()[0].Port()), four.WithPort(relay.Addresses()[0].Port())}
		for i, from := range []wire.Address{six, four} {
			for j, to := range []wire.Address{six, four, both} {
				t.Run(fmt.Sprintf("%s/%d to %d", at(kind).String()[:3], i, j), func(t *testing.T) {
					here := newNode(t, ref.NodeConfig{Addresses: []wire.Address{from}})
					there := newNode(t, ref.NodeConfig{Addresses: []wire.Address{to}})
					l, err := there.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
					if err != nil {
						t.Fatal(err)
					}
					last := there.Addresses()[0]
					if j == 2 {
						last = loopback[i].WithPort(last.Port())
					}
					for _, route := range []wire.Route{{loopback[i], last}, {last}} {
						if len(route) == 1 && i != j && j != 2 {
							continue // there is no way
						}
						client, err := here.Dial(t.Context(), route, cfg)
						if err != nil {
							t.Fatalf("%v: %v", route, err)
						}
						exchange(t, client, next(t, l))
						client.Close()
					}
				})
			}
		}
	}
}

// A datagram leaves from a socket from which it can arrive.
func TestChoiceOfSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := transport.NewHub(transport.HubConfig{})
		listen := func(ip string) transport.PacketConn {
			s, err := hub.Listen(anywhere(wire.UDP, netip.MustParseAddr(ip)))
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		own := []transport.PacketConn{listen("127.0.0.1"), listen("10.0.0.1"), listen("::1"), listen("2001:db8::1")}
		n, err := ref.NewNode(t.Context(), ref.NodeConfig{Sockets: own})
		if err != nil {
			t.Fatal(err)
		}
		for to, from := range map[string]int{"127.0.0.9": 0, "10.0.0.2": 1, "192.0.2.1": 1, "::1": 2, "2001:db8::2": 3} {
			if got, want := sourceOf(t, pingSeen(t, n, listen(to))), own[from].LocalAddress(); got != want {
				t.Errorf("to %s: it says that it comes from %v, want %v", to, got, want)
			}
		}
		closeNodes(t, n)
		for _, only := range []string{"127.0.0.1", "2001:db8::1"} {
			n, err := ref.NewNode(t.Context(), ref.NodeConfig{Sockets: []transport.PacketConn{listen(only)}})
			if err != nil {
				t.Fatal(err)
			}
			if err := n.Ping(t.Context(), wire.Route{wire.UDPAddress4([4]byte{10, 0, 0, 9}, 9)}); !errors.Is(err, ref.ErrUnreachable) {
				t.Errorf("from %s alone: got %v, want ErrUnreachable", only, err)
			}
			closeNodes(t, n)
		}
	})
}

// ROUT-004: what the configuration says stands in return routes and pongs instead of the node's own address, also of connections.
func TestAdvertise(t *testing.T) {
	public := func(own wire.Address) wire.Address {
		if own.Type() == wire.UDP {
			return wire.UDPAddress4([4]byte{203, 0, 113, 7}, own.Port())
		}
		return wire.TCPAddress4([4]byte{203, 0, 113, 8}, own.Port())
	}
	n := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.TCP), at(wire.UDP)}, Advertise: public})
	all := n.Addresses()
	if got, want := all[0], public(all[0]); got != want {
		t.Errorf("Addresses: got %v, want %v", got, want)
	}
	socket, err := udp.Listen(t.Context(), at(wire.UDP), udp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if got, want := sourceOf(t, pingSeen(t, n, socket)), all[0]; got != want {
		t.Errorf("a ping says that it comes from %v, want %v", got, want)
	}
	conn, err := tcp.Dial(t.Context(), at(wire.TCP).WithPort(all[1].Port()), tcp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Write(t.Context(), header(wire.Ping)); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 1000)
	k, err := conn.Read(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sourceOf(t, p[:k]), all[1]; got != want {
		t.Errorf("a pong says that it comes from %v, want %v", got, want)
	}
	cfg, _ := newConfig(t) // and channels work
	l, err := n.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []wire.Address{at(wire.UDP).WithPort(all[0].Port()), at(wire.TCP).WithPort(all[1].Port())} {
		client, err := ref.Dial(t.Context(), a, cfg)
		if err != nil {
			t.Fatal(err)
		}
		exchange(t, client, next(t, l))
		client.Close()
	}
}

// A transport that a node is given is closed whatever becomes of the node.
type closedTransport struct {
	transport.PacketConn
	transport.Listener
	address wire.Address
	closed  *atomic.Int64
}

func (c closedTransport) LocalAddress() wire.Address { return c.address }
func (c closedTransport) Address() wire.Address      { return c.address }
func (c closedTransport) Close() error               { c.closed.Add(1); return nil }

// What makes no node is an error of the configuration, or of what cannot be bound. Nothing stays open.
func TestNodeConfigRefused(t *testing.T) {
	taken, err := udp.Listen(t.Context(), at(wire.UDP), udp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var closed atomic.Int64
	given := func(a wire.Address) closedTransport { return closedTransport{address: a, closed: &closed} }
	socket, listener := given(at(wire.UDP).WithPort(1)), given(at(wire.TCP).WithPort(1))
	local, named := wire.LocalAddress([]byte("here")), wire.UDPAddressDNS("localhost", 1)
	files := openFiles(t)
	refusals := 0
	for name, test := range map[string]struct {
		change func(*ref.NodeConfig)
		want   error // nil: any
	}{
		"profile without routes":     {func(c *ref.NodeConfig) { c.Profile = profile.C09() }, ref.ErrConfig},
		"end point that forwards":    {func(c *ref.NodeConfig) { c.Profile, c.Forward, c.Listeners = profile.C010(), anybody, nil }, ref.ErrConfig},
		"TCP in a profile of UDP":    {func(c *ref.NodeConfig) { c.Profile, c.Addresses = profile.E09(), []wire.Address{at(wire.TCP)} }, ref.ErrConfig},
		"TLS in a profile of UDP":    {func(c *ref.NodeConfig) { c.Profile = profile.C010() }, ref.ErrConfig},
		"local address":              {func(c *ref.NodeConfig) { c.Addresses = []wire.Address{at(wire.UDP), local} }, ref.ErrConfig},
		"no address":                 {func(c *ref.NodeConfig) { c.Addresses = []wire.Address{{}} }, ref.ErrConfig},
		"address taken":              {func(c *ref.NodeConfig) { c.Addresses = []wire.Address{at(wire.TCP), taken.LocalAddress()} }, nil},
		"negative connections":       {func(c *ref.NodeConfig) { c.MaxConnections = -1 }, ref.ErrConfig},
		"negative connect timeout":   {func(c *ref.NodeConfig) { c.ConnectTimeout = -1 }, ref.ErrConfig},
		"negative resolve timeout":   {func(c *ref.NodeConfig) { c.ResolveTimeout = -1 }, ref.ErrConfig},
		"negative addresses":         {func(c *ref.NodeConfig) { c.MaxAddresses = -1 }, ref.ErrConfig},
		"no socket":                  {func(c *ref.NodeConfig) { c.Sockets = append(c.Sockets, nil) }, ref.ErrConfig},
		"no listener":                {func(c *ref.NodeConfig) { c.Listeners = append(c.Listeners, nil) }, ref.ErrConfig},
		"socket for TCP":             {func(c *ref.NodeConfig) { c.Sockets = []transport.PacketConn{given(listener.address), socket} }, ref.ErrConfig},
		"listener for UDP":           {func(c *ref.NodeConfig) { c.Listeners = []transport.Listener{given(socket.address), listener} }, ref.ErrConfig},
		"socket with a name":         {func(c *ref.NodeConfig) { c.Sockets = []transport.PacketConn{given(named), socket} }, ref.ErrConfig},
		"sockets with one address":   {func(c *ref.NodeConfig) { c.Sockets = []transport.PacketConn{socket, socket} }, ref.ErrConfig},
		"local address advertised":   {func(c *ref.NodeConfig) { c.Advertise = func(wire.Address) wire.Address { return local } }, ref.ErrConfig},
		"name advertised":            {func(c *ref.NodeConfig) { c.Advertise = func(wire.Address) wire.Address { return named } }, ref.ErrConfig},
		"other kind advertised":      {func(c *ref.NodeConfig) { c.Advertise = func(wire.Address) wire.Address { return listener.address } }, ref.ErrConfig},
		"unspecified one advertised": {func(c *ref.NodeConfig) { c.Advertise = func(wire.Address) wire.Address { return at(wire.UDP) } }, ref.ErrConfig},
	} {
		closed.Store(0)
		cfg := ref.NodeConfig{Sockets: []transport.PacketConn{socket}, Listeners: []transport.Listener{listener}}
		test.change(&cfg)
		n, err := ref.NewNode(t.Context(), cfg)
		if n != nil || err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, %v, want %v", name, n, err, test.want)
		}
		want := 0
		for _, s := range cfg.Sockets {
			if s != nil {
				want++
			}
		}
		for _, l := range cfg.Listeners {
			if l != nil {
				want++
			}
		}
		if got := int(closed.Load()); got != want || want == 0 {
			t.Errorf("%s: %d transports closed, want %d", name, got, want)
		}
		refusals++
	}
	if refusals != 21 {
		t.Errorf("%d refusals, want 21", refusals)
	}
	if now := openFiles(t); now > files {
		t.Errorf("%d descriptors before, %d after", files, now)
	}
}

// WIRE-014: a name as the first hop is looked up when it is sent to, and messages carry the numeric address. What cannot be found is told.
func TestNamedFirstHop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		end := w.node(t, 2, nil)
		var asked []string
		n := w.node(t, 1, func(cfg *ref.NodeConfig) {
			cfg.ResolveTimeout = time.Minute
			cfg.Resolve = func(ctx context.Context, name string) ([]netip.Addr, error) {
				asked = append(asked, name)
				switch name {
				case "there.example":
					return []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, 2})}, nil
				case "nothing.example":
					return nil, nil
				case "slow.example":
					<-ctx.Done()
					return nil, ctx.Err()
				}
				return nil, errNobody
			}
		})
		cfg, _ := newConfig(t)
		l, err := end.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		name := func(s string) wire.Route { return wire.Route{wire.TCPAddressDNS(s, 4000)} }
		client, err := n.Dial(t.Context(), name("There.Example."), cfg)
		if err != nil {
			t.Fatal(err)
		}
		exchange(t, client, accept(t, l))
		if got := client.RemoteAddress(); got != host(2) {
			t.Errorf("the remote address is %v, want %v", got, host(2))
		}
		for what, want := range map[string]error{"nothing.example": ref.ErrUnreachable, "none.example": errNobody, "slow.example": ref.ErrUnreachable} {
			began := time.Now()
			if err := n.Ping(t.Context(), name(what)); !errors.Is(err, want) || !errors.Is(err, ref.ErrUnreachable) {
				t.Errorf("%s: got %v, want %v", what, err, want)
			}
			if took := time.Since(began); what == "slow.example" && took != time.Minute {
				t.Errorf("%s: it took %v, want a minute", what, took)
			}
		}
		if len(asked) != 4 || asked[0] != "there.example" {
			t.Errorf("asked for %v", asked)
		}
		closeNodes(t, n, end)
	})
}
