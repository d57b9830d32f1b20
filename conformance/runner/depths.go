package runner

import (
	"fmt"
	"slices"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// checkRoute refuses a way that does not lead to a channel listener in the profiles and roles of the run.
func (c Config) checkRoute(roles []conformance.Role) error {
	if len(c.Route) == 0 && c.Service == (wire.Address{}) {
		return nil
	}
	for _, p := range c.Profiles {
		if !p.Routes {
			return fmt.Errorf("%w: profile %s has no routes, so --route and --service say nothing", conformance.ErrUsage, p.Name)
		}
	}
	for i, a := range c.Route {
		if a.Type() == wire.Local && i != len(c.Route)-1 {
			return fmt.Errorf("%w: --route: only the last address can be a local one", conformance.ErrUsage)
		}
	}
	if c.hops() && slices.ContainsFunc(roles, func(role conformance.Role) bool { return role != conformance.Responder }) {
		return fmt.Errorf("%w: --route leads over hops to a responder: add --role responder", conformance.ErrUsage)
	}
	return nil
}

// checkDepths refuses depths that the peer or the profiles do not have. Those that are left out by DeepIn are no error.
func (c Config) checkDepths(info conformance.PeerInfo) error {
	for _, depth := range c.Depths {
		switch {
		case depth < 1 || depth > conformance.MaxDepth:
			return fmt.Errorf("%w: depth %d, want 1 to %d", conformance.ErrUsage, depth, conformance.MaxDepth)
		case depth > max(1, info.Depths):
			return fmt.Errorf("%w: the peer is not attached at depth %d", conformance.ErrUsage, depth)
		case depth > 1 && len(c.DeepIn) == 0:
			for _, p := range c.Profiles {
				if !conformance.HasTunnels(p) {
					return fmt.Errorf("%w: profile %s has no tunnels: some of its records cannot travel", conformance.ErrUsage, p.Name)
				}
			}
		}
	}
	return nil
}

// depths are those at which a role is run in a profile, 0 for a channel on the transport. A router has no channel.
func (c Config) depths(role conformance.Role, p profile.Profile) (depths []int) {
	if len(c.Depths) == 0 {
		return []int{0}
	}
	for _, depth := range c.Depths {
		switch {
		case depth <= 1:
			depths = append(depths, 0)
		case role != conformance.Router && (len(c.DeepIn) == 0 || slices.Contains(c.DeepIn, p.Name)):
			depths = append(depths, depth)
		}
	}
	return depths
}
