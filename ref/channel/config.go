package channel

import (
	"fmt"

	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// Config is what a channel is made of. Profile and Agreement are required; the zero values of the rest are an initiator on datagrams
// over an IO without addresses.
type Config struct {
	Role    Role
	Profile profile.Profile
	// Agreement is fresh and belongs to the channel once New has succeeded: the channel closes it when it fails or is closed.
	Agreement key.Agreement

	// Stream tells that the IO below is a stream: a TCP or TLS connection that carries nothing else, or a channel that is on a stream. The
	// channel is on a stream too unless a hop or a local address shows on either side (CHAN-011); see Channel.Stream.
	Stream bool
	// Local and Remote are the transport addresses of this end and of the other end of the connection, numeric: the Link of Handle. Outer
	// routes carry them (ROUT-004). Both or neither: over any other IO, and in profiles without routes, outer routes are empty.
	Local, Remote wire.Address
	// Route is the onward route of an initiator's m1: Remote, then further hops or the address of a listener. Empty means Remote
	// alone.
	Route wire.Route
	// Address is the channel's own local address (CHAN-010), the last in the return route of its handshake messages. Zero if
	// the connection is the channel's alone. A channel that has one is on datagrams (CHAN-011).
	Address wire.Address
	// Listener is the local address of the listener for which a responder stands: an m1 for that address is for the channel too. Zero if
	// the listener is that of the node.
	Listener wire.Address

	// Window is how many counters ahead of the highest that verified, and how many behind it, a receiver on datagrams takes (REC-008):
	// MinWindow to MaxWindow; 0 means DefaultWindow.
	Window int
	// MessageLimit is the longest wire message in bytes that the IO below carries, its transport's Limit; 0 means the profile's limit.
	MessageLimit int
	// Deadline is the time that the handshake may take, counted from Start (NOISE-013); 0 means DefaultDeadline. At most
	// MaxDeadline.
	Deadline Instant
	// RepeatAfter is when an initiator on datagrams repeats m1 or m3 for the first time (TRAN-014); 0 means DefaultRepeatAfter.
	RepeatAfter Instant
}

// check refuses what makes no channel.
func (c *Config) check() error {
	switch {
	case c.Role != Initiator && c.Role != Responder:
		return fmt.Errorf("%w: %v", ErrConfig, c.Role)
	case c.Agreement == nil:
		return fmt.Errorf("%w: no key agreement", ErrConfig)
	case c.Profile.Name == "":
		return fmt.Errorf("%w: no profile", ErrConfig)
	case c.MessageLimit < 0:
		return fmt.Errorf("%w: negative message limit", ErrConfig)
	case c.Window != 0 && (c.Window < MinWindow || c.Window > MaxWindow): // REC-008
		return fmt.Errorf("%w: window out of range", ErrConfig)
	case c.Deadline < 0, c.Deadline > MaxDeadline: // NOISE-013
		return fmt.Errorf("%w: deadline out of range", ErrConfig)
	case c.RepeatAfter < 0, c.RepeatAfter > MaxDeadline:
		return fmt.Errorf("%w: time to the first repeat out of range", ErrConfig)
	}
	return c.checkRoutes()
}

func (c *Config) checkRoutes() error {
	zero := wire.Address{}
	switch {
	case (c.Local == zero) != (c.Remote == zero):
		return fmt.Errorf("%w: one transport address of two", ErrConfig)
	case c.Local != zero && (!numeric(c.Local) || !numeric(c.Remote)): // ROUT-004
		return fmt.Errorf("%w: Local and Remote are no numeric transport addresses", ErrConfig)
	case c.Role == Initiator && c.Remote != zero && !c.Remote.Sendable(): // WIRE-013
		return fmt.Errorf("%w: Remote cannot be sent to", ErrConfig)
	case !localOrZero(c.Address), !localOrZero(c.Listener):
		return fmt.Errorf("%w: Address or Listener is no local address", ErrConfig)
	case c.Listener != zero && c.Role != Responder:
		return fmt.Errorf("%w: an initiator has no listener", ErrConfig)
	case len(c.Route) > 0 && c.Role != Initiator:
		return fmt.Errorf("%w: a responder learns its route", ErrConfig)
	case len(c.Route) > 0 && !c.Route[0].Equal(c.Remote): // ROUT-004
		return fmt.Errorf("%w: Route does not begin with Remote", ErrConfig)
	case (c.Address != zero || c.Listener != zero || len(c.Route) > 0) && !c.Profile.Routes:
		return fmt.Errorf("%w: profile %s has no routes", ErrConfig, c.Profile.Name)
	}
	for _, a := range c.Route {
		if err := a.Validate(); err != nil {
			return fmt.Errorf("%w: Route: %w", ErrConfig, err)
		}
	}
	return c.checkListener()
}

// checkListener refuses an m1 that is not addressed as the profile's responders want it (section 11).
func (c *Config) checkListener() error {
	if c.Remote == (wire.Address{}) {
		return nil // over this IO nothing is addressed
	}
	toLocal := len(c.Route) > 0 && c.Route[len(c.Route)-1].IsLocal()
	switch listener := c.Profile.Listener; {
	case listener == profile.ResponderOnly && c.Role == Responder && c.Address == wire.Address{}:
		return fmt.Errorf("%w: a responder of profile %s has a local address", ErrConfig, c.Profile.Name)
	case listener == profile.ResponderOnly && c.Role == Initiator && !toLocal:
		return fmt.Errorf("%w: Route does not end with the responder's local address", ErrConfig)
	case listener == profile.NodeOnly && (toLocal || c.Listener != wire.Address{}):
		return fmt.Errorf("%w: a responder of profile %s is addressed as the node", ErrConfig, c.Profile.Name)
	}
	return nil
}

// localOrZero reports whether a is a local address, or none at all.
func localOrZero(a wire.Address) bool {
	return a == wire.Address{} || a.IsLocal() && a.Validate() == nil
}

// numeric reports whether a is a transport address without a name, in the form that encoders write.
func numeric(a wire.Address) bool {
	return a.IsTransport() && a.Host() != wire.DNS && a.Validate() == nil
}
