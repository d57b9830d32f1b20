package node

import (
	"fmt"
	"io"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// Defaults and limits.
const (
	DefaultHalfOpen    = 1024 // CHAN-012
	DefaultPings       = 1024 // that wait for their pongs
	DefaultPingTimeout = channel.Instant(10e9)
	addressSize        = 4 // CHAN-010: bytes of a channel's own local address
)

// Config is what a node is made of. Router.Profile and Rand are required.
type Config struct {
	// Router is the profile, the forwarding rule, and the metrics, which count what the node itself does with messages too.
	Router router.Config
	// Rand is where local addresses come from (CHAN-010). They are no secrets, but nobody should be able to tell the next one.
	Rand io.Reader
	// Pings is how many pings may wait for their pongs; 0 means DefaultPings. PingTimeout is how long each waits; 0 means
	// DefaultPingTimeout.
	Pings       int
	PingTimeout channel.Instant
}

func (c *Config) check() error {
	switch {
	case c.Rand == nil:
		return fmt.Errorf("%w: no source of random numbers", ErrConfig)
	case c.Pings < 0, c.PingTimeout < 0:
		return fmt.Errorf("%w: negative bound", ErrConfig)
	}
	return nil
}

// A ListenConfig tells what a listener does with each new m1. NewAgreement is required.
type ListenConfig struct {
	// NewAgreement makes a fresh agreement for one responder, which belongs to its channel.
	NewAgreement func() (key.Agreement, error)
	// HalfOpen is how many handshakes of the listener may be half open; 0 means DefaultHalfOpen. The oldest gives way (CHAN-012).
	HalfOpen int
	// Window and Deadline are those of channel.Config.
	Window   int
	Deadline channel.Instant
}

// A DialConfig is an initiator. Agreement is required.
type DialConfig struct {
	// Agreement is fresh. It belongs to the channel unless Dial fails.
	Agreement key.Agreement
	// Route is the onward route of m1: the link's remote address, then further hops or the local address of a listener. Empty means the
	// remote address alone.
	Route wire.Route
	// Alone gives the channel no local address: what comes over the link for the node is for this channel (ROUT-001). Over TCP the channel
	// is then on a stream, as long as the peer thinks so too (CHAN-011), and the connection has to carry nothing else.
	Alone bool
	// MessageLimit, Window, Deadline, and RepeatAfter are those of channel.Config.
	MessageLimit, Window  int
	Deadline, RepeatAfter channel.Instant
}

// checkListen refuses addresses at which the profile has no listener (section 11). The zero address is the node's own.
func (n *Node) checkListen(address wire.Address, cfg *ListenConfig) error {
	p := &n.cfg.Router.Profile
	zero := address == wire.Address{}
	switch {
	case cfg.NewAgreement == nil:
		return fmt.Errorf("%w: no key agreement", ErrConfig)
	case cfg.HalfOpen < 0:
		return fmt.Errorf("%w: negative bound", ErrConfig)
	case cfg.Deadline < 0, cfg.Deadline > channel.MaxDeadline: // NOISE-013
		return fmt.Errorf("%w: deadline out of range", ErrConfig)
	case cfg.Window != 0 && (cfg.Window < channel.MinWindow || cfg.Window > channel.MaxWindow): // REC-008
		return fmt.Errorf("%w: window out of range", ErrConfig)
	case zero && p.Listener == profile.ResponderOnly, !zero && p.Listener == profile.NodeOnly:
		return fmt.Errorf("%w: profile %s has no such listener", ErrConfig, p.Name)
	case zero && n.listener != nil:
		return fmt.Errorf("%w: the node has a listener", ErrAddressInUse)
	case !zero:
		return n.checkLocal(address)
	}
	return nil
}

// checkDial refuses what channel.New does not know of.
func (n *Node) checkDial(link wire.Link, cfg *DialConfig) error {
	if err := checkLink(link, cfg.Route); err != nil {
		return err
	}
	if cfg.Alone && n.alone[link] != nil {
		return fmt.Errorf("%w: the link has a channel without a local address", ErrAddressInUse)
	}
	return nil
}

// checkLink refuses to send over what is no link, or by a route that does not begin with it (ROUT-004).
func checkLink(link wire.Link, onward wire.Route) error {
	switch {
	case !link.Remote.Sendable(): // WIRE-013
		return fmt.Errorf("%w: no link to send over", ErrConfig)
	case len(onward) > 0 && !onward[0].Equal(link.Remote):
		return fmt.Errorf("%w: a route that does not begin with the link", ErrConfig)
	}
	return nil
}
