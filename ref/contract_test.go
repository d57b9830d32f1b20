package ref_test

import (
	"context"
	stdtls "crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/sim"
	"ockamtest/ref/transport/tls"
	"ockamtest/ref/transport/transporttest"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// newProfileConfig is newConfig for a profile.
func newProfileConfig(t testing.TB, p profile.Profile) ref.Config {
	t.Helper()
	cfg, _ := newConfig(t)
	if cfg.Profile = p; p.StaticKey == profile.PerHandshake {
		cfg.Static = vault.Secret{}
	}
	return cfg
}

// A pairing opens a channel in one of the ways in which that can be done.
type pairing func(t *testing.T) (client, server *ref.Conn)

// listened is a pairing of Dial with Listen.
func listened(p profile.Profile, kind wire.AddressType) pairing {
	return func(t *testing.T) (client, server *ref.Conn) {
		cfg := newProfileConfig(t, p)
		l := listenAt(t, at(kind), ref.ListenConfig{Config: cfg})
		client, err := ref.Dial(t.Context(), l.Address(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		return client, next(t, l)
	}
}

// secured is a pairing over TLS.
func secured(t *testing.T) (client, server *ref.Conn) {
	cfg, _ := newConfig(t)
	certificate, roots := selfSigned()
	inner, err := tls.Listen(t.Context(), at(wire.TCP), tls.Config{TLS: &stdtls.Config{Certificates: []stdtls.Certificate{certificate}}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := ref.NewListener(inner, ref.ListenConfig{Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	conn, err := tls.Dial(t.Context(), l.Address(), tls.Config{TLS: &stdtls.Config{RootCAs: roots}})
	if err != nil {
		t.Fatal(err)
	}
	client, err = ref.Initiate(t.Context(), conn, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client, next(t, l)
}

// onPorts is a pairing over datagrams in memory.
func onPorts(t *testing.T) (client, server *ref.Conn) {
	hub := transport.NewHub(transport.HubConfig{})
	var ends [2]transport.PacketConn
	for i := range ends {
		var err error
		if ends[i], err = hub.Listen(at(wire.UDP)); err != nil {
			t.Fatal(err)
		}
	}
	initiator, _ := newConfig(t)
	responder, _ := newConfig(t)
	i, r := transport.Connected(ends[0], ends[1].LocalAddress()), transport.Connected(ends[1], ends[0].LocalAddress())
	return open(t, i, r, initiator, responder)
}

// A shortened channel takes shorter messages than it could: as long as the other end could send, and as no hop makes too long (REC-010).
// Across hops the other end of the connection below is not that of the channel.
type shortened struct {
	*ref.Conn
	limit  int
	remote wire.Address
}

func (s shortened) RemoteAddress() wire.Address { return s.remote }

func (s shortened) Limit() int { return s.limit }

func (s shortened) Write(ctx context.Context, p []byte) error {
	if len(p) > s.limit {
		return transport.ErrMessageTooLong
	}
	return s.Conn.Write(ctx, p)
}

func (s shortened) WriteBatch(ctx context.Context, ps [][]byte) error {
	for i, p := range ps {
		if len(p) > s.limit {
			return errors.Join(s.Conn.WriteBatch(ctx, ps[:i]), transport.ErrMessageTooLong)
		}
	}
	return s.Conn.WriteBatch(ctx, ps)
}

// betweenNodes is a pairing of nodes with sockets of the system, across as many routers.
func betweenNodes(kind wire.AddressType, routers int) pairing {
	return func(t *testing.T) (client, server *ref.Conn) {
		cfg, _ := newConfig(t)
		var route wire.Route
		for range routers {
			relay := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP), at(wire.TCP)}, Forward: onLoopback})
			route = append(route, relay.Addresses()[len(route)%2])
		}
		here := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP)}})
		there := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(kind)}})
		l, err := there.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		client, err = here.Dial(t.Context(), append(route, there.Addresses()[0]), cfg)
		if err != nil {
			t.Fatal(err)
		}
		return client, next(t, l)
	}
}

// fromNode is a pairing of a node with a listener over TCP, and toNode one of Dial with a node.
func fromNode(t *testing.T) (client, server *ref.Conn) {
	cfg, _ := newConfig(t)
	l := listenAt(t, at(wire.TCP), ref.ListenConfig{Config: cfg})
	client, err := newNode(t, ref.NodeConfig{}).Dial(t.Context(), wire.Route{l.Address()}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client, next(t, l)
}

func toNode(t *testing.T) (client, server *ref.Conn) {
	cfg, _ := newConfig(t)
	there := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.TCP)}})
	l, err := there.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	client, err = ref.Dial(t.Context(), there.Addresses()[0], cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client, next(t, l)
}

// simulated is a pairing of nodes on a network that runs in memory.
func simulated(t *testing.T) (client, server *ref.Conn) {
	net, err := sim.New(sim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	cfg, _ := newConfig(t)
	here, there := simulatedNode(t, net, 1, false), simulatedNode(t, net, 2, false)
	t.Cleanup(func() { closeNodes(t, here, there) })
	return openNodes(t, here, there, cfg, cfg)
}

// tunnelled is a channel over another.
func tunnelled(below pairing) pairing {
	return func(t *testing.T) (client, server *ref.Conn) {
		cfg, _ := newConfig(t)
		client, server = below(t)
		return open(t, client, server, cfg, cfg)
	}
}

// inMemory is a pairing over a connection in memory that looks like TCP.
func inMemory(p profile.Profile) pairing {
	return func(t *testing.T) (client, server *ref.Conn) { return openPipe(t, p) }
}

// A listener of channels is a transport's listener (IO-005).
type asTransport struct{ *ref.Listener }

func (l asTransport) Accept(ctx context.Context) (transport.Conn, error) {
	c, err := l.Listener.Accept(ctx)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// IO-001 to IO-006, TRAN-022, CHAN-008: a channel is a transport connection, whatever it runs over: on a stream it behaves like one.
func TestStreamContracts(t *testing.T) {
	for name, pair := range map[string]pairing{
		"memory":                  inMemory(profile.V1()),
		"memory, c09":             inMemory(profile.C09()),
		"tcp":                     listened(profile.V1(), wire.TCP),
		"tcp, c09":                listened(profile.C09(), wire.TCP),
		"tls":                     secured,
		"tunnel over tls":         tunnelled(secured),
		"tunnel over tunnel, tcp": tunnelled(tunnelled(listened(profile.V1(), wire.TCP))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transporttest.Run(t, func(t *testing.T) (client, server transport.Conn) { return pair(t) })
		})
	}
}

// The same on datagrams.
func TestDatagramContracts(t *testing.T) {
	udp := listened(profile.V1(), wire.UDP)
	for name, pair := range map[string]pairing{
		"udp":                        udp,
		"udp, c09":                   listened(profile.C09(), wire.UDP),
		"udp, c010":                  listened(profile.C010(), wire.UDP),
		"memory":                     onPorts,
		"udp between nodes":          betweenNodes(wire.UDP, 0),
		"tcp between nodes":          betweenNodes(wire.TCP, 0),
		"across two routers":         betweenNodes(wire.UDP, 2),
		"tcp from a node":            fromNode,
		"tcp to a node":              toNode,
		"simulation":                 simulated,
		"tunnel over udp":            tunnelled(udp),
		"tunnel over memory":         tunnelled(onPorts),
		"tunnel across a router":     tunnelled(betweenNodes(wire.TCP, 1)),
		"tunnel over tcp to a node":  tunnelled(toNode),
		"tunnel over a simulation":   tunnelled(simulated),
		"tunnel over tunnel, memory": tunnelled(tunnelled(onPorts)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transporttest.RunDatagrams(t, func(t *testing.T) (client, server transport.Conn) {
				c, s := pair(t)
				limit := min(c.Limit(), s.Limit()) - 100
				toServer, toClient := c.RemoteAddress(), s.RemoteAddress()
				if strings.Contains(name, "router") {
					toServer, toClient = s.LocalAddress(), c.LocalAddress()
				}
				return shortened{c, limit, toServer}, shortened{s, limit, toClient}
			})
		})
	}
}

// TRAN-021, TRAN-023: a listener of channels is a listener, also where its channels have no connections of their own.
func TestListenerContracts(t *testing.T) {
	for name, kind := range map[string]wire.AddressType{"tcp": wire.TCP, "udp": wire.UDP} {
		t.Run(name, func(t *testing.T) {
			transporttest.RunListener(t, func(t *testing.T) (transport.Listener, transporttest.Dial) {
				cfg, _ := newConfig(t)
				l := listenAt(t, at(kind), ref.ListenConfig{Config: cfg})
				cfg.HandshakeTimeout = time.Second / 2 // over UDP nobody says that nobody listens
				return asTransport{l}, func(ctx context.Context) (transport.Conn, error) { return ref.Dial(ctx, l.Address(), cfg) }
			})
		})
	}
}
