package ref

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// Dial opens a channel as initiator with a TCP or UDP address. The handshake's error is a *channel.Error with the step and the
// requirement (CHAN-007). That the channel is open does not tell that the responder accepted this end's key; the first message
// from it does (NOISE-011).
func Dial(ctx context.Context, remote wire.Address, cfg Config) (*Conn, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if remote.Type() == wire.UDP {
		return dialUDP(ctx, wire.Route{remote}, cfg)
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

// DialRoute is Dial along a route: the first hop, which is a transport address, further hops, and the local address of a channel listener if
// it is not its node's own (CHAN-010). The hops see nothing of what is said (ROUT-009). A channel over hops is on datagrams, whatever
// the transports are (CHAN-011).
func DialRoute(ctx context.Context, route wire.Route, cfg Config) (*Conn, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	switch {
	case len(route) == 0:
		return nil, fmt.Errorf("%w: no route", ErrConfig)
	case len(route) == 1:
		return Dial(ctx, route[0], cfg)
	case !cfg.Profile.Routes:
		return nil, fmt.Errorf("%w: profile %s has no routes", ErrConfig, cfg.Profile.Name)
	}
	if route[0].Type() == wire.UDP {
		return dialUDP(ctx, route, cfg)
	}
	n, err := NewNode(ctx, NodeConfig{Profile: cfg.Profile, TCP: cfg.TCP})
	if err != nil {
		return nil, err
	}
	return n.dialPrivate(ctx, route, cfg)
}

// dialUDP dials from a node of its own or, in profiles without routes, from a socket of its own.
func dialUDP(ctx context.Context, route wire.Route, cfg Config) (*Conn, error) {
	if err := cfg.checkTransport(profile.UDP); err != nil {
		return nil, err
	}
	conn, err := udp.Dial(ctx, route[0], cfg.UDP)
	if err != nil {
		return nil, err
	}
	if !cfg.Profile.Routes {
		return open(ctx, conn, cfg, channel.Initiator)
	}
	// The system has chosen the address from which the first hop can be reached, and looked up its name. A node's own socket stays open to
	// others, for an answer may come another way.
	local, remote := conn.LocalAddress(), conn.RemoteAddress()
	_ = conn.Close()
	n, err := NewNode(ctx, NodeConfig{Profile: cfg.Profile, Addresses: []wire.Address{local.WithPort(0)}, UDP: cfg.UDP})
	if err != nil {
		return nil, err
	}
	return n.dialPrivate(ctx, append(wire.Route{remote}, route[1:]...), cfg)
}

// dialPrivate dials from a node that nobody else knows, and that ends with the channel.
func (n *Node) dialPrivate(ctx context.Context, route wire.Route, cfg Config) (*Conn, error) {
	n.mu.Lock()
	n.private = true
	n.mu.Unlock()
	c, err := n.Dial(ctx, route, cfg)
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return c, nil
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
	return openStream(ctx, conn, cfg, role, nil)
}

// A tunnel is a connection that is a channel itself: a Conn, or something around one.
type tunnel interface{ onStream() bool }

// onStream tells whether a channel over conn is on a stream or on datagrams (CHAN-011), and refuses what the profile does not run over.
func onStream(conn transport.Conn, cfg Config) (bool, error) {
	if below, tunnelled := conn.(tunnel); tunnelled {
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

// openStream runs the handshake over a connection on a stream. take, unless it is nil, is given the connection and its first message if that
// shows that others share the connection; then the error is errTaken.
func openStream(ctx context.Context, conn transport.Conn, cfg Config, role channel.Role, take taker) (*Conn, error) {
	c, err := newStream(conn, cfg, role)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	switch err := c.handshake(ctx, &cfg.Profile, take); {
	case errors.Is(err, errTaken):
		return nil, errors.Join(err, c.ch.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("handshake: %w", err), c.Close())
	}
	if !c.ch.Stream() { // CHAN-011: the peer has shown so
		return continueOn(c.ch, cfg, conn, c.in, c.began), nil
	}
	c.limit = c.ch.Limit()
	return &Conn{engine: c, peerStatic: c.ch.PeerStatic(), binding: c.ch.ChannelBinding()}, nil
}

// newStream makes a stream whose channel has not started.
func newStream(conn transport.Conn, cfg Config, role channel.Role) (*stream, error) {
	setup := setupOver(conn, cfg, role)
	setup.Stream = true // CHAN-011
	ch, err := newChannel(setup, cfg)
	if err != nil {
		return nil, err
	}
	return &stream{
		conn: conn, began: time.Now(), answers: newAnswerer(conn), ch: ch, in: newInbox(cfg), out: newSealer(),
	}, nil
}

// setupOver is the configuration of a channel that has a connection for itself.
func setupOver(conn transport.Conn, cfg Config, role channel.Role) channel.Config {
	setup := channel.Config{
		Role:         role,
		Profile:      cfg.Profile,
		Window:       cfg.Window,
		MessageLimit: conn.Limit(),
		Deadline:     channel.Instant(cfg.HandshakeTimeout),
		RepeatAfter:  channel.Instant(cfg.RepeatAfter),
	}
	if _, tunnelled := conn.(tunnel); !tunnelled { // ROUT-004: over any other IO both routes are empty
		setup.Local, setup.Remote = conn.LocalAddress(), conn.RemoteAddress()
	}
	return setup
}

// newChannel makes a channel with an agreement of its own.
func newChannel(setup channel.Config, cfg Config) (*channel.Channel, error) {
	agreement, err := newAgreement(cfg)
	if err != nil {
		return nil, err
	}
	setup.Agreement = agreement
	ch, err := channel.New(setup)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrConfig, err), agreement.Close())
	}
	return ch, nil
}

// handshake runs the handshake until the channel is open or has failed.
func (c *stream) handshake(ctx context.Context, p *profile.Profile, take taker) error {
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
		if take != nil && shares(p, msg) {
			take(c.conn, bytes.Clone(msg))
			c.in.release()
			return errTaken
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
