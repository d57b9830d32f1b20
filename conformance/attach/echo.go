package attach

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/internal/reading"
	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
)

// An echoNode is the reference with its real shell, and the application of the echo contract on top.
type echoNode struct {
	cfg   ref.Config
	vault *software.Vault
	log   *slog.Logger
	depth int // channels inside each other; 0 means 1
	// reading is how the application reads.
	reading conformance.Reading
	// way is the rest of the way to the channel listener, behind the transport address: a responder listens at its last address, if
	// that is a local one, an initiator's m1 goes there. nil means conformance.DefaultRoute.
	way wire.Route
}

// newEchoNode makes a node with a vault and a static key of its own. timeout is its handshake deadline, 0 for the default.
func newEchoNode(profileName string, timeout time.Duration, log *slog.Logger) (*echoNode, error) {
	p, ok := profile.Lookup(profileName)
	if !ok {
		return nil, fmt.Errorf("%w: profile %s", ErrNeed, profileName)
	}
	v, err := software.New(software.Config{})
	if err != nil {
		return nil, fmt.Errorf("new vault: %w", err)
	}
	n := &echoNode{vault: v, log: log}
	n.cfg = ref.Config{Profile: p, Vault: v, Policy: ref.AcceptAnyKey(), HandshakeTimeout: timeout}
	if p.StaticKey == profile.Configured {
		if n.cfg.Static, err = v.Generate(vault.Attributes{Type: privateKeyType(p.Suite)}); err != nil {
			return nil, errors.Join(fmt.Errorf("static key: %w", err), v.Close())
		}
	}
	return n, nil
}

// privateKeyType is what a vault calls a private key of a suite.
func privateKeyType(s profile.Suite) vault.Type {
	if s.P256 {
		return vault.P256PrivateKey
	}
	return vault.X25519PrivateKey
}

// parseAddress reads HOST:PORT.
func parseAddress(over conformance.Transport, address string) (wire.Address, error) {
	at, err := wire.ParseAddressString(string(over) + "://" + address)
	if err != nil {
		return at, fmt.Errorf("%w: address: %w", ErrConfig, err)
	}
	return at, nil
}

// serve echoes on every channel that the listener opens, until ctx ends or the listener is closed. Each has a goroutine, for which run
// starts it.
func (n *echoNode) serve(ctx context.Context, l *echoListener, run func(func())) error {
	for {
		conn, err := l.Accept(ctx)
		if err != nil {
			return err
		}
		run(func() {
			conn, err := n.descend(ctx, conn, ref.Respond)
			if err != nil {
				n.log.Info("no channel inside", "err", err)
				return
			}
			n.log.Info("channel open", "from", conn.RemoteAddress())
			n.echo(ctx, conn)
		})
	}
}

// initiate opens a channel with whoever listens at the address, sends one payload, and echoes until the channel ends. It calls opened, if
// not nil, when the channel is open.
func (n *echoNode) initiate(ctx context.Context, at wire.Address, opened func()) error {
	conn, err := n.dial(ctx, at)
	if err == nil {
		conn, err = n.descend(ctx, conn, ref.Initiate)
	}
	if err != nil {
		return err
	}
	if opened != nil {
		opened()
	}
	n.log.Info("channel open", "to", at)
	routes := n.routes(ref.Routes{})
	if p := n.cfg.Profile; p.InnerOnwardNeeded {
		routes.Onward = wire.Route{conformance.DefaultService(p)}
	}
	if err := conn.WriteMessage(ctx, greeting(), routes); err != nil && !refused(err) {
		return errors.Join(err, conn.Close())
	}
	n.echo(ctx, conn)
	return nil
}

// behind is the way behind the transport address.
func (n *echoNode) behind() wire.Route {
	if n.way == nil {
		return conformance.DefaultRoute(n.cfg.Profile)
	}
	return n.way
}

// listener is the local address at which a responder listens, zero if it is that of the node.
func (n *echoNode) listener() wire.Address {
	if way := n.behind(); len(way) > 0 && way[len(way)-1].IsLocal() {
		return way[len(way)-1]
	}
	return wire.Address{}
}

// dial opens a channel. A handshake whose messages cannot travel in the profile begins anew, with another key.
func (n *echoNode) dial(ctx context.Context, at wire.Address) (conn *ref.Conn, err error) {
	route := append(wire.Route{at}, n.behind()...)
	for range maxDials {
		conn, err = ref.DialRoute(ctx, route, n.cfg)
		if !errors.Is(err, channel.ErrCannotTravel) {
			break
		}
	}
	return conn, err
}

// descend opens the channels inside a channel, each in the one before (CHAN-008). On failure everything is closed.
func (n *echoNode) descend(ctx context.Context, conn *ref.Conn,
	open func(context.Context, transport.Conn, ref.Config) (*ref.Conn, error)) (*ref.Conn, error) {
	for range max(1, n.depth) - 1 {
		inside, err := open(ctx, conn, n.cfg)
		if err != nil {
			return nil, err
		}
		conn = inside
	}
	return conn, nil
}

// maxDials is how often a handshake that cannot travel begins anew.
const maxDials = 10

// routes are the inner routes of an answer.
func (n *echoNode) routes(received ref.Routes) ref.Routes {
	routes := ref.Routes{Onward: received.Return}
	if n.cfg.Profile.InnerOnwardNeeded {
		routes.Return = wire.Route{wire.LocalAddress([]byte("app"))}
	}
	return routes
}

// echo sends back every payload to where it came from, and closes the channel at its end.
func (n *echoNode) echo(ctx context.Context, conn *ref.Conn) {
	defer func() {
		if err := conn.Close(); err != nil {
			n.log.Warn("close", "err", err)
		}
	}()
	p := make([]byte, wire.MaxMessage)
	for {
		size, routes, err := n.read(ctx, conn, p)
		if err == nil {
			err = conn.WriteMessage(ctx, p[:size], n.routes(routes))
		}
		if err != nil && !refused(err) {
			n.log.Info("channel ended", "with", conn.RemoteAddress(), "err", err)
			return
		}
	}
}

// read is Conn.ReadMessage, which gives up a channel over UDP that has been idle: nothing tells that its peer has gone.
func (n *echoNode) read(ctx context.Context, conn *ref.Conn, p []byte) (int, ref.Routes, error) {
	if conn.RemoteAddress().Type() != wire.TCP {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, sessionIdle)
		defer cancel()
	}
	return reading.Message(ctx, conn, n.reading, p)
}

// refused reports a write that changed nothing: its payload is not echoed, and the channel goes on.
func refused(err error) bool {
	return errors.Is(err, transport.ErrMessageTooLong) || errors.Is(err, key.ErrCounterExhausted) || errors.Is(err, channel.ErrCannotTravel)
}
