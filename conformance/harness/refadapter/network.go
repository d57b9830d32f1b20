package refadapter

import (
	"context"
	"errors"
	"sync"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/harness"
	"ockamtest/conformance/internal/reading"
	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// greeting is the first payload of an initiator.
const greeting = "hello"

// A network keeps the echo contract on real sockets, with package ref as applications use it.
type network struct {
	vault   vault.Vault
	ctx     context.Context // of everything that runs; it ends with Reset
	cancel  context.CancelFunc
	running sync.WaitGroup
	closes  []func() error // listeners
	keys    []vault.Secret
}

func newNetwork(v vault.Vault) *network {
	n := &network{vault: v}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	return n
}

// config makes the configuration of one listener or initiator.
func (n *network) config(name string, static, peer []byte, deadline int) (ref.Config, error) {
	p, ok := profile.Lookup(name)
	if !ok {
		return ref.Config{}, harness.ErrUnsupported
	}
	cfg := ref.Config{
		Profile: p, Vault: n.vault, Policy: policy(peer), HandshakeTimeout: time.Duration(deadline) * time.Millisecond,
	}
	s, err := n.vault.Import(vault.Attributes{Type: keyType(p)}, static)
	if err != nil {
		return ref.Config{}, refusal(err)
	}
	n.keys = append(n.keys, s)
	if p.StaticKey == profile.Configured {
		cfg.Static = s
	}
	return cfg, nil
}

// Listen implements harness.Network.
func (n *network) Listen(m harness.Listen) (harness.Address, error) {
	cfg, err := n.config(m.Profile, m.Static, m.Peer, m.Deadline)
	if err != nil {
		return harness.Address{}, err
	}
	listener, at, err := n.bind(ToAddress(m.On), ToAddress(m.Address), ref.ListenConfig{Config: cfg})
	if err != nil {
		return harness.Address{}, err
	}
	n.running.Go(func() {
		for {
			conn, err := listener.Accept(n.ctx)
			if err != nil {
				return // it is closed, or this is the end
			}
			n.running.Go(func() { n.echo(conn, how(m.Buffer, m.GiveUp)) })
		}
	})
	return FromAddress(at), nil
}

// bind listens at a transport address, for the node or at a local address of it, and returns where.
func (n *network) bind(on, address wire.Address, cfg ref.ListenConfig) (*ref.Listener, wire.Address, error) {
	if address == (wire.Address{}) {
		listener, err := ref.Listen(n.ctx, on, cfg)
		if err != nil {
			return nil, on, err
		}
		n.closes = append(n.closes, listener.Close)
		return listener, listener.Address(), nil
	}
	node, err := ref.NewNode(n.ctx, ref.NodeConfig{Profile: cfg.Profile, Addresses: []wire.Address{on}})
	if err != nil {
		return nil, on, err
	}
	listener, err := node.Listen(address, cfg)
	if err != nil {
		return nil, on, errors.Join(err, node.Close())
	}
	n.closes = append(n.closes, listener.Close, node.Close)
	return listener, node.Addresses()[0], nil
}

// Connect implements harness.Network.
func (n *network) Connect(m harness.Connect) error {
	cfg, err := n.config(m.Profile, m.Static, m.Peer, m.Deadline)
	if err != nil {
		return err
	}
	route := ToRoute(m.Route)
	if route == nil {
		route = wire.Route{ToAddress(m.To)}
	}
	n.running.Go(func() {
		conn, err := n.dial(route, cfg)
		if err != nil {
			return // it shows on the wire
		}
		if send(n.ctx, conn, []byte(greeting), ref.Routes{Onward: service(m)}) == nil {
			n.echo(conn, how(m.Buffer, m.GiveUp))
			return
		}
		_ = conn.Close() // it has failed
	})
	return nil
}

func service(m harness.Connect) wire.Route {
	if m.Service.IsZero() {
		return nil
	}
	return wire.Route{ToAddress(m.Service)}
}

// how is how an application reads that was told so with these numbers, the second in milliseconds.
func how(buffer, giveUp int) conformance.Reading {
	return conformance.Reading{Buffer: buffer, GiveUp: time.Duration(giveUp) * time.Millisecond}
}

// send writes a message, anew under the next counter if it cannot travel under one.
func send(ctx context.Context, conn *ref.Conn, p []byte, routes ref.Routes) (err error) {
	for range attempts {
		if err = conn.WriteMessage(ctx, p, routes); !errors.Is(err, channel.ErrCannotTravel) {
			break
		}
	}
	return err
}

// attempts is how often something that cannot travel (section 11) is done anew.
const attempts = 10

func (n *network) dial(route wire.Route, cfg ref.Config) (conn *ref.Conn, err error) {
	for range attempts {
		if conn, err = ref.DialRoute(n.ctx, route, cfg); !errors.Is(err, channel.ErrCannotTravel) {
			break
		}
	}
	return conn, err
}

// echo sends back what comes, until the channel ends.
func (n *network) echo(conn *ref.Conn, how conformance.Reading) {
	defer func() { _ = conn.Close() }() // whatever it says, the channel has ended
	buffer := make([]byte, wire.MaxMessage)
	for {
		length, routes, err := reading.Message(n.ctx, conn, how, buffer)
		if err != nil {
			return
		}
		// An echo that is refused, for its length or because the counters are spent, is not sent.
		_ = send(n.ctx, conn, buffer[:length], ref.Routes{Onward: routes.Return})
	}
}

// Reset implements harness.Network.
func (n *network) Reset() error {
	n.cancel()
	var errs []error
	for _, end := range n.closes {
		errs = append(errs, end())
	}
	n.running.Wait()
	for _, s := range n.keys {
		errs = append(errs, n.vault.Destroy(s))
	}
	n.closes, n.keys = nil, nil
	n.ctx, n.cancel = context.WithCancel(context.Background())
	return errors.Join(errs...)
}
