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

	// Stream tells that the channel is on a stream (CHAN-011): a rejected message before open, and a record that does not verify,
	// are fatal. Otherwise it is on datagrams and they are dropped.
	Stream bool
	// Local and Remote are the transport addresses of this end and of the other end of the connection, numeric. Outer routes carry
	// them (ROUT-004). Both or neither: over any other IO, and in profiles without routes, outer routes are empty.
	Local, Remote wire.Address
	// Route is the onward route of an initiator's m1: Remote, then further hops or the address of a listener. Empty means Remote
	// alone.
	Route wire.Route
	// Address is the channel's own local address (CHAN-010), the last in the return route of its handshake messages. Zero if
	// the connection is the channel's alone. A channel on a stream has none (CHAN-011).
	Address wire.Address

	// MessageLimit is the longest wire message in bytes that the IO below carries; 0 means the profile's limit.
	MessageLimit int
	// Deadline is the time that the handshake may take, counted from Start (NOISE-013); 0 means DefaultDeadline. At most
	// MaxDeadline.
	Deadline Instant
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
	case c.Deadline < 0, c.Deadline > MaxDeadline: // NOISE-013
		return fmt.Errorf("%w: deadline out of range", ErrConfig)
	}
	return c.checkRoutes()
}

func (c *Config) checkRoutes() error {
	zero := wire.Address{}
	hasAddress := c.Address != zero
	switch {
	case (c.Local == zero) != (c.Remote == zero):
		return fmt.Errorf("%w: one transport address of two", ErrConfig)
	case c.Local != zero && (!numeric(c.Local) || !numeric(c.Remote)): // ROUT-004
		return fmt.Errorf("%w: Local and Remote are no numeric transport addresses", ErrConfig)
	case hasAddress && (!c.Address.IsLocal() || c.Address.Validate() != nil):
		return fmt.Errorf("%w: Address is no local address", ErrConfig)
	case hasAddress && c.Stream, len(c.Route) > 1 && c.Stream: // CHAN-011
		return fmt.Errorf("%w: a channel on a stream has no hops and no local addresses", ErrConfig)
	case len(c.Route) > 0 && c.Role != Initiator:
		return fmt.Errorf("%w: a responder learns its route", ErrConfig)
	case len(c.Route) > 0 && !c.Route[0].Equal(c.Remote): // ROUT-004
		return fmt.Errorf("%w: Route does not begin with Remote", ErrConfig)
	case (hasAddress || len(c.Route) > 0) && !c.Profile.Routes:
		return fmt.Errorf("%w: profile %s has no routes", ErrConfig, c.Profile.Name)
	}
	for _, a := range c.Route {
		if err := a.Validate(); err != nil {
			return fmt.Errorf("%w: Route: %w", ErrConfig, err)
		}
	}
	return nil
}

// numeric reports whether a is a transport address without a name, in the form that encoders write.
func numeric(a wire.Address) bool {
	return a.IsTransport() && a.Host() != wire.DNS && a.Validate() == nil
}
