package ref

import (
	"context"
	"errors"
	"fmt"
	"math"

	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// DefaultBacklog is how many open channels wait for Accept.
const DefaultBacklog = 128

// maxBound keeps the sum of two bounds in range.
const maxBound = math.MaxInt32 / 2

// A ListenConfig configures a Listener.
type ListenConfig struct {
	// Config is this end of every channel.
	Config
	// HalfOpen is how many handshakes may be in progress at once; 0 means DefaultHalfOpen, and a billion is the most. The oldest gives
	// way (CHAN-012).
	HalfOpen int
	// Backlog is how many open channels may wait for Accept; 0 means DefaultBacklog, and a billion is the most. When so many wait, streams
	// are not accepted any more, and channels on datagrams are closed as they open.
	Backlog int
	// Failed is called with the error of each handshake that failed, unless Close cut it off; nil means that nobody wants to
	// know. It is called from several goroutines at once and does not call Close. The error is a *channel.Error with the step and
	// the requirement (CHAN-007), or ErrBacklog.
	Failed func(remote wire.Address, err error)
}

// complete fills in the defaults and refuses what makes no listener.
func (cfg ListenConfig) complete() (ListenConfig, error) {
	var err error
	if cfg.Config, err = cfg.withDefaults(); err != nil {
		return cfg, err
	}
	if cfg.HalfOpen < 0 || cfg.HalfOpen > maxBound || cfg.Backlog < 0 || cfg.Backlog > maxBound {
		return cfg, fmt.Errorf("%w: bound out of range", ErrConfig)
	}
	if cfg.HalfOpen == 0 {
		cfg.HalfOpen = DefaultHalfOpen
	}
	if cfg.Backlog == 0 {
		cfg.Backlog = DefaultBacklog
	}
	return cfg, nil
}

// failed tells who wants to know.
func (cfg *ListenConfig) failed(remote wire.Address, err error) {
	if cfg.Failed != nil {
		cfg.Failed(remote, err)
	}
}

// A Listener opens channels as responder, many at once: an idle, slow, or hostile peer holds up no other (TRAN-023).
type Listener struct {
	listening
}

// A listening is where the channels of a Listener come from: connections, or a node.
type listening interface {
	Accept(ctx context.Context) (*Conn, error)
	Address() wire.Address
	Close() error
}

// Listen listens on a TCP or UDP address; port 0 lets the system choose one. ctx bounds the look-up of a name and no more.
func Listen(ctx context.Context, address wire.Address, cfg ListenConfig) (*Listener, error) {
	complete, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	if address.Type() == wire.UDP {
		return listenUDP(ctx, address, complete)
	}
	if err := complete.checkTransport(profile.TCP); err != nil {
		return nil, err
	}
	inner, err := tcp.Listen(ctx, address, complete.TCP)
	if err != nil {
		return nil, err
	}
	return NewListener(inner, cfg)
}

// listenUDP listens at a node of its own or, in profiles without routes, for one channel of each source.
func listenUDP(ctx context.Context, address wire.Address, cfg ListenConfig) (*Listener, error) {
	if err := cfg.checkTransport(profile.UDP); err != nil {
		return nil, err
	}
	if !cfg.Profile.Routes {
		socket, err := udp.Listen(ctx, address, cfg.UDP)
		if err != nil {
			return nil, err
		}
		return NewListener(transport.Sources(socket, transport.SourcesConfig{}), cfg)
	}
	n, err := NewNode(ctx, NodeConfig{Profile: cfg.Profile, Addresses: []wire.Address{address}, UDP: cfg.UDP})
	if err != nil {
		return nil, err
	}
	a, err := n.listenPrivate(cfg)
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return &Listener{a}, nil
}

// NewListener opens channels on the connections that inner accepts. It owns inner, also when it fails.
func NewListener(inner transport.Listener, cfg ListenConfig) (*Listener, error) {
	if inner == nil {
		return nil, fmt.Errorf("%w: no listener", ErrConfig)
	}
	cfg, err := cfg.complete()
	if err != nil {
		_ = inner.Close()
		return nil, err
	}
	return &Listener{newConnListener(inner, cfg)}, nil
}

// Accept waits for the next open channel. It fails with transport.ErrClosed after Close, with ctx.Err(), or because what is below has
// failed; never because of a peer: handshakes that fail go to ListenConfig.Failed, so that no peer can end an accept loop.
func (l *Listener) Accept(ctx context.Context) (*Conn, error) { return l.listening.Accept(ctx) }

// Address is the address bound, with the port that the system chose; at a node, the local address of the listener, or the node's
// first transport address if it has none.
func (l *Listener) Address() wire.Address { return l.listening.Address() }

// Close stops listening, gives up handshakes in progress, closes channels that Accept has not returned, and waits for all that. Accepted
// channels stay open. Closing twice is harmless.
func (l *Listener) Close() error { return l.listening.Close() }
