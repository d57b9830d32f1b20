package attach

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

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
		if n.cfg.Static, err = v.Generate(vault.Attributes{Type: vault.X25519PrivateKey}); err != nil {
			return nil, errors.Join(fmt.Errorf("static key: %w", err), v.Close())
		}
	}
	return n, nil
}

// listen listens at HOST:PORT.
func (n *echoNode) listen(ctx context.Context, address string) (*ref.Listener, error) {
	at, err := parseTCP(address)
	if err != nil {
		return nil, err
	}
	l, err := ref.Listen(ctx, at, ref.ListenConfig{Config: n.cfg, Failed: func(remote wire.Address, err error) {
		n.log.Info("handshake failed", "from", remote, "err", err)
	}})
	if err != nil {
		return nil, fmt.Errorf("bind: %w", err)
	}
	return l, nil
}

// parseTCP reads HOST:PORT.
func parseTCP(address string) (wire.Address, error) {
	at, err := wire.ParseAddressString("tcp://" + address)
	if err != nil {
		return at, fmt.Errorf("%w: address: %w", ErrConfig, err)
	}
	return at, nil
}

// serve echoes on every channel that the listener opens, until ctx ends or the listener is closed. Each has a goroutine, for which run
// starts it.
func (n *echoNode) serve(ctx context.Context, l *ref.Listener, run func(func())) error {
	for {
		conn, err := l.Accept(ctx)
		if err != nil {
			return err
		}
		n.log.Info("channel open", "from", conn.RemoteAddress())
		run(func() { n.echo(ctx, conn) })
	}
}

// initiate opens a channel with whoever listens at the address, sends one payload, and echoes until the channel ends.
func (n *echoNode) initiate(ctx context.Context, at wire.Address) error {
	conn, err := ref.Dial(ctx, at, n.cfg)
	if err != nil {
		return err
	}
	n.log.Info("channel open", "to", at)
	if err := conn.Write(ctx, greeting()); err != nil {
		return errors.Join(err, conn.Close())
	}
	n.echo(ctx, conn)
	return nil
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
		size, routes, err := conn.ReadMessage(ctx, p)
		if err == nil {
			err = conn.WriteMessage(ctx, p[:size], ref.Routes{Onward: routes.Return})
		}
		if err != nil && !refused(err) {
			n.log.Info("channel ended", "with", conn.RemoteAddress(), "err", err)
			return
		}
	}
}

// refused reports a write that changed nothing: its payload is not echoed, and the channel goes on.
func refused(err error) bool {
	return errors.Is(err, transport.ErrMessageTooLong) || errors.Is(err, key.ErrCounterExhausted) || errors.Is(err, channel.ErrCannotTravel)
}
