package ref

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// Defaults of a NodeConfig.
const (
	DefaultMaxConnections = 4096
	DefaultResolveTimeout = 5 * time.Second
	// maxLookups is how many names are looked up at once; what comes beyond is dropped (WIRE-014).
	maxLookups = 64
)

// A NodeConfig configures a Node. Its zero value is a node that has no transport yet and forwards nothing. The functions in it are called
// from several goroutines at once, and do not call the node.
type NodeConfig struct {
	// Profile is the dialect, one with routes; the zero value is v1.
	Profile profile.Profile
	// Addresses are what the node binds: UDP sockets and TCP listeners. Port 0 lets the system choose one.
	Addresses []wire.Address
	// Sockets and Listeners are further transports, such as simulated ones or TLS. They are the node's, which closes them also when NewNode
	// fails.
	Sockets   []transport.PacketConn
	Listeners []transport.Listener
	// Advertise is asked what messages of the node call one of its own addresses: of a socket, a listener, or the local end of a connection
	// (ROUT-004). That is for nodes that others reach at another address, such as behind address translation. What is bound to [::] is
	// asked for as 0.0.0.0 too. The zero Address, and a nil Advertise, mean the address itself or, if it is unspecified, the first of the
	// machine's own that others can reach.
	Advertise func(own wire.Address) wire.Address
	// Dial makes a connection to a TCP address that the node wants to send to, and has none with; nil means package tcp with the
	// configuration below. It returns when ctx ends.
	Dial func(ctx context.Context, remote wire.Address) (transport.Conn, error)
	// TCP and UDP configure what Addresses binds and what is dialled. Their limits are the profile's.
	TCP tcp.Config
	UDP udp.Config

	// Forward is the allow rule of ROUT-007: it is asked before a message is forwarded from a source to a next hop, both numeric. Nil:
	// nothing is forwarded.
	Forward func(source, next wire.Address) bool
	// MaxAddresses is how many addresses both routes of a forwarded message may have together; 0 means
	// router.DefaultMaxAddresses (ROUT-011).
	MaxAddresses int
	// MaxConnections is how many TCP connections there may be; 0 means DefaultMaxConnections. At the bound the one that has been idle
	// for longest gives way (TRAN-023).
	MaxConnections int
	// ConnectTimeout is how long a next hop may take to be connected (ROUT-006); 0 means transport.DefaultTimeout.
	ConnectTimeout time.Duration
	// Resolve looks up the name of a next hop when a message is sent to it (WIRE-014), and returns when ctx ends; nil means the system's
	// resolver. ResolveTimeout bounds it; 0 means DefaultResolveTimeout.
	Resolve        func(ctx context.Context, name string) ([]netip.Addr, error)
	ResolveTimeout time.Duration
	// Metrics counts messages, beside Node.Counters; nil means that nobody else wants to know. It is safe for concurrent use.
	Metrics router.Metrics
}

// withDefaults fills in the defaults and refuses what makes no node.
func (cfg NodeConfig) withDefaults() (NodeConfig, error) {
	if cfg.Profile.Name == "" {
		cfg.Profile = profile.V1()
	}
	if cfg.MaxConnections == 0 {
		cfg.MaxConnections = DefaultMaxConnections
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = transport.DefaultTimeout
	}
	if cfg.ResolveTimeout == 0 {
		cfg.ResolveTimeout = DefaultResolveTimeout
	}
	if cfg.TCP.Shared == nil {
		cfg.TCP.Shared = new(tcp.Shared)
	}
	cfg.TCP.Limit, cfg.UDP.Limit = cfg.Profile.MessageLimit, cfg.Profile.MessageLimit
	if cfg.Dial == nil {
		cfg.Dial = func(ctx context.Context, remote wire.Address) (transport.Conn, error) {
			return tcp.Dial(ctx, remote, cfg.TCP)
		}
	}
	if cfg.Resolve == nil {
		cfg.Resolve = func(ctx context.Context, name string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
		}
	}
	switch {
	case !cfg.Profile.Routes:
		return cfg, fmt.Errorf("%w: profile %s has no routes", ErrConfig, cfg.Profile.Name)
	case cfg.MaxConnections < 0, cfg.ConnectTimeout < 0, cfg.ResolveTimeout < 0:
		return cfg, fmt.Errorf("%w: negative bound", ErrConfig)
	case slices.Contains(cfg.Sockets, nil), slices.Contains(cfg.Listeners, nil):
		return cfg, fmt.Errorf("%w: no socket or listener", ErrConfig)
	}
	return cfg, nil
}

// runsOver refuses an address that no transport of the profile has.
func (cfg *NodeConfig) runsOver(a wire.Address) error {
	kind := profile.TCP
	if a.Type() == wire.UDP {
		kind = profile.UDP
	}
	if !a.IsTransport() || !slices.Contains(cfg.Profile.Transports, kind) {
		return fmt.Errorf("%w: profile %s does not run over %v", ErrConfig, cfg.Profile.Name, a)
	}
	return nil
}

// A bindings is what a node receives from.
type bindings struct {
	sockets   []transport.PacketConn
	listeners []transport.Listener
}

// bind binds the addresses of a configuration, and puts them before the sockets and listeners that there are.
func (cfg *NodeConfig) bind(ctx context.Context, b *bindings) error {
	sockets, listeners := 0, 0
	for _, a := range cfg.Addresses {
		if err := cfg.runsOver(a); err != nil {
			return err
		}
		if a.Type() == wire.UDP {
			s, err := udp.Listen(ctx, a, cfg.UDP)
			if err != nil {
				return err
			}
			b.sockets = slices.Insert(b.sockets, sockets, s)
			sockets++
			continue
		}
		l, err := tcp.Listen(ctx, a, cfg.TCP)
		if err != nil {
			return err
		}
		b.listeners = slices.Insert(b.listeners, listeners, l)
		listeners++
	}
	return nil
}

// close closes everything.
func (b *bindings) close() error {
	var err error
	for _, s := range b.sockets {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	for _, l := range b.listeners {
		if l != nil {
			err = errors.Join(err, l.Close())
		}
	}
	return err
}
