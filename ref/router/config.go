package router

import (
	"errors"
	"fmt"

	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// ErrConfig is the error of New and Bind for what makes no router.
var ErrConfig = errors.New("router: invalid configuration")

// DefaultMaxAddresses is how many addresses a relay takes in both routes together (ROUT-011).
const DefaultMaxAddresses = 16

// Config is what a router is made of. Profile is required; with the zero values of the rest it is the router of an end point, which
// forwards nothing.
type Config struct {
	// Profile is the dialect. Those without routes have no router.
	Profile profile.Profile
	// Bound are the transport addresses at which the node receives, numeric: nothing is forwarded to them (ROUT-005). A node that
	// is bound to all addresses of its machine lists them. The local address of the link that a message came over always counts.
	Bound []wire.Address
	// Allow is asked before a message is forwarded from a source to a next address, both numeric and in the form that encoders write
	// (ROUT-007); the source is zero if the message came over no transport. Nil: nothing is forwarded.
	Allow func(source, next wire.Address) bool
	// MaxAddresses is how many addresses both routes of a message that is to be forwarded may have together; 0 means
	// DefaultMaxAddresses (ROUT-011).
	MaxAddresses int
	// Metrics counts; nil means that nobody wants to know.
	Metrics Metrics
}

func (c *Config) check() error {
	switch {
	case c.Profile.Name == "":
		return fmt.Errorf("%w: no profile", ErrConfig)
	case !c.Profile.Routes:
		return fmt.Errorf("%w: profile %s has no routes", ErrConfig, c.Profile.Name)
	case c.Allow != nil && c.Profile.LeadingAddress == profile.IgnoreLeading: // section 11
		return fmt.Errorf("%w: profile %s is of end points and forwards nothing", ErrConfig, c.Profile.Name)
	case c.MaxAddresses < 0:
		return fmt.Errorf("%w: negative number of addresses", ErrConfig)
	}
	return nil
}

// numeric reports whether a is a transport address without a name, in the form that encoders write.
func numeric(a wire.Address) bool {
	return a.IsTransport() && a.Host() != wire.DNS && a.Validate() == nil
}
