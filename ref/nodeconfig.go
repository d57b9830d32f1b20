package ref

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
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

// A NodeConfig configures a Node. Its zero value is a node that has no transport yet and forwards nothing.
type NodeConfig struct {
	// Profile is the dialect, one with routes; the zero value is v1.
	Profile profile.Profile
	// Addresses are what the node binds: UDP sockets and TCP listeners. Port 0 lets the system choose one.
	Addresses []wire.Address
	// Sockets and Listeners are further transports, such as simulated ones. They are the node's once NewNode has succeeded.
	Sockets   []transport.PacketConn
	Listeners []transport.Listener
	// Dial makes a connection to a TCP address that the node wants to send to, and has none with; nil means package tcp with the
	// configuration below.
	Dial func(ctx context.Context, remote wire.Address) (transport.Conn, error)
	// TCP and UDP configure what Addresses binds and what is dialled. Their limits are the profile's.
	TCP tcp.Config
	UDP udp.Config

	// Forward is the allow rule of ROUT-007: it is asked before a message is forwarded from a source to a next hop, both numeric, from
	// several goroutines at once. Nil: nothing is forwarded.
	Forward func(source, next wire.Address) bool
	// MaxAddresses is how many addresses both routes of a forwarded message may have together; 0 means
	// router.DefaultMaxAddresses (ROUT-011).
	MaxAddresses int
	// MaxConnections is how many TCP connections there may be; 0 means DefaultMaxConnections. At the bound the one that has been idle
	// for longest gives way (TRAN-023).
	MaxConnections int
	// ConnectTimeout is how long a next hop may take to be connected (ROUT-006); 0 means transport.DefaultTimeout.
	ConnectTimeout time.Duration
	// Resolve looks up the name of a next hop, when a message is forwarded to it (WIRE-014); nil means the system's resolver.
	// ResolveTimeout bounds it; 0 means DefaultResolveTimeout.
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
	}
	return cfg, nil
}

// bind binds the addresses of a configuration. On failure nothing is left bound.
func (cfg *NodeConfig) bind(ctx context.Context) (sockets []transport.PacketConn, listeners []transport.Listener, err error) {
	defer func() {
		if err == nil {
			return
		}
		for _, s := range sockets {
			err = errors.Join(err, s.Close())
		}
		for _, l := range listeners {
			err = errors.Join(err, l.Close())
		}
	}()
	for _, a := range cfg.Addresses {
		switch a.Type() {
		case wire.UDP:
			s, err := udp.Listen(ctx, a, cfg.UDP)
			if err != nil {
				return sockets, listeners, err
			}
			sockets = append(sockets, s)
		case wire.TCP:
			l, err := tcp.Listen(ctx, a, cfg.TCP)
			if err != nil {
				return sockets, listeners, err
			}
			listeners = append(listeners, l)
		default:
			return sockets, listeners, fmt.Errorf("%w: %v is no transport address", ErrConfig, a)
		}
	}
	return append(sockets, cfg.Sockets...), append(listeners, cfg.Listeners...), nil
}
