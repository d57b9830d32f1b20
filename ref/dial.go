package ref

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// Dial connects to a TCP address and opens a channel as initiator. The handshake's error is a *channel.Error with the step and the
// requirement (CHAN-007). That the channel is open does not tell that the responder accepted this end's key; the first message
// from it does (NOISE-011).
func Dial(ctx context.Context, remote wire.Address, cfg Config) (*Conn, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := cfg.checkTransport(profile.TCP); err != nil {
		return nil, err
	}
	conn, err := tcp.Dial(ctx, remote, cfg.TCP)
	if err != nil {
		return nil, err
	}
	return open(ctx, conn, cfg, channel.Initiator)
}

// Initiate opens a channel as initiator over a connection that carries nothing else. It owns conn from then on, and closes it on
// failure. Over a Conn the channel is tunnelled (CHAN-008); other connections are TCP, or look like it.
func Initiate(ctx context.Context, conn transport.Conn, cfg Config) (*Conn, error) {
	return openChecked(ctx, conn, cfg, channel.Initiator)
}

// Respond opens a channel as responder over a connection that carries nothing else; see Initiate.
func Respond(ctx context.Context, conn transport.Conn, cfg Config) (*Conn, error) {
	return openChecked(ctx, conn, cfg, channel.Responder)
}

func openChecked(ctx context.Context, conn transport.Conn, cfg Config, role channel.Role) (*Conn, error) {
	if conn == nil {
		return nil, fmt.Errorf("%w: no connection", ErrConfig)
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return open(ctx, conn, cfg, role)
}

// open runs the handshake. On failure everything is released, conn too.
func open(ctx context.Context, conn transport.Conn, cfg Config, role channel.Role) (*Conn, error) {
	stream, err := onStream(conn, cfg)
	switch {
	case err != nil:
		_ = conn.Close()
		return nil, err
	case !stream:
		return openPort(ctx, conn, cfg, role)
	}
	return openStream(ctx, conn, cfg, role)
}

// onStream tells whether a channel over conn is on a stream or on datagrams (CHAN-011), and refuses what the profile does not run over.
func onStream(conn transport.Conn, cfg Config) (bool, error) {
	if below, tunnelled := conn.(*Conn); tunnelled {
		return below.onStream(), nil
	}
	local, remote := conn.LocalAddress().Type(), conn.RemoteAddress().Type()
	switch {
	case local == wire.TCP && remote == wire.TCP:
		return true, cfg.checkTransport(profile.TCP)
	case local == wire.UDP && remote == wire.UDP:
		return false, cfg.checkTransport(profile.UDP)
	}
	return false, fmt.Errorf("%w: the connection has no transport addresses", ErrConfig)
}

// openStream runs the handshake over a connection on a stream.
func openStream(ctx context.Context, conn transport.Conn, cfg Config, role channel.Role) (*Conn, error) {
	c, temporary, err := newStream(conn, cfg, role)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	err = errors.Join(c.handshake(ctx), destroy(cfg.Vault, temporary)) // NOISE-015
	if err != nil {
		return nil, errors.Join(fmt.Errorf("handshake: %w", err), c.Close())
	}
	c.limit = c.ch.Limit()
	return &Conn{engine: c, peerStatic: c.ch.PeerStatic(), binding: c.ch.ChannelBinding()}, nil
}

// newStream makes a stream whose channel has not started. The temporary secret is the static key of profiles that make one per handshake.
func newStream(conn transport.Conn, cfg Config, role channel.Role) (c *stream, temporary vault.Secret, err error) {
	setup := channel.Config{
		Role:         role,
		Profile:      cfg.Profile,
		Stream:       true, // CHAN-011
		MessageLimit: conn.Limit(),
		Deadline:     channel.Instant(cfg.HandshakeTimeout),
	}
	if _, tunnelled := conn.(*Conn); !tunnelled { // ROUT-004: over any other IO both routes are empty
		setup.Local, setup.Remote = conn.LocalAddress(), conn.RemoteAddress()
	}
	agreement, temporary, err := newAgreement(cfg)
	if err != nil {
		return nil, temporary, err
	}
	setup.Agreement = agreement
	c = &stream{conn: conn, began: time.Now(), in: newInbox(cfg), out: newSealer()}
	if c.ch, err = channel.New(setup); err != nil {
		return nil, vault.Secret{}, errors.Join(fmt.Errorf("%w: %w", ErrConfig, err), destroy(cfg.Vault, temporary))
	}
	return c, temporary, nil
}

// newAgreement makes the key agreement of one channel. The temporary secret is the static key of profiles that make one per handshake; it
// can be destroyed when the handshake is over.
func newAgreement(cfg Config) (agreement key.Agreement, temporary vault.Secret, err error) {
	static := cfg.Static
	if static.IsZero() {
		if temporary, err = generate(cfg.Vault, cfg.Profile.Suite); err != nil {
			return nil, vault.Secret{}, fmt.Errorf("static key: %w", err)
		}
		static = temporary
	}
	agreement, err = key.NewXX(key.XXConfig{
		Vault:          cfg.Vault,
		Static:         static,
		Suite:          cfg.Profile.Suite,
		Policy:         cfg.Policy,
		AssociatedData: cfg.Profile.AssociatedData,
	})
	if err != nil {
		return nil, vault.Secret{}, errors.Join(fmt.Errorf("%w: %w", ErrConfig, err), destroy(cfg.Vault, temporary))
	}
	return agreement, temporary, nil
}

// generate makes a static key for one handshake.
func generate(v vault.Vault, suite profile.Suite) (vault.Secret, error) {
	t := vault.X25519PrivateKey
	if suite.P256 {
		t = vault.P256PrivateKey
	}
	return v.Generate(vault.Attributes{Type: t})
}

func destroy(v vault.Vault, s vault.Secret) error {
	if s.IsZero() {
		return nil
	}
	return v.Destroy(s)
}

// handshake runs the handshake until the channel is open or has failed.
func (c *stream) handshake(ctx context.Context) error {
	out, err := c.ch.Start(c.now(), nil)
	if err != nil {
		return err
	}
	wake, _ := c.ch.Wake()
	timed, cancel := context.WithDeadline(ctx, c.began.Add(time.Duration(wake))) // NOISE-013: traffic does not extend it
	defer cancel()
	for {
		if len(out) > 0 {
			if err := c.conn.Write(timed, out); err != nil {
				return c.cutShort(ctx, err)
			}
		}
		if c.ch.State() == channel.Open {
			c.out.out = out[:0]
			return nil
		}
		msg, err := c.in.receive(timed, c.conn)
		if err != nil {
			return c.cutShort(ctx, err)
		}
		out, _, err = c.ch.Handle(c.now(), out[:0], msg)
		if err != nil && c.ch.State() == channel.Failed {
			return err
		}
	}
}

// cutShort fails a handshake whose connection gave err, and tells why: the deadline, the caller, or the connection.
func (c *stream) cutShort(ctx context.Context, err error) error {
	if _, expired := c.ch.Tick(c.now(), nil); expired != nil {
		return expired
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	c.ch.Cancel(err)
	return c.ch.Err()
}
