package runner

import (
	"errors"
	"fmt"
	"slices"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A group is the selected cases of one role, transport, and profile. The control stands before them.
type group struct {
	need    conformance.Need
	profile profile.Profile
	control conformance.Case
	implied bool // the control was not selected itself
	items   []item
	plain   conformance.Parameters // of the control, if they are told

	parameters conformance.Parameters // of an attempt
}

// An item is a selected case.
type item struct {
	conformance.Case
	skipped    string // why it is not run, empty if it is
	parameters conformance.Parameters
}

// Why a selected case is skipped.
const (
	reasonLong = "it takes long and was not asked for"
	reasonHops = "the hops of --route would judge what it sends, not the peer"
)

// skip tells why a selected case is not run, "" if it is.
func (c Config) skip(x conformance.Case) string {
	switch {
	case x.Long() && !c.Select.Long && !slices.Contains(c.Select.Cases, x.ID):
		return reasonLong
	case c.hops() && !x.Hops:
		return reasonHops
	}
	return ""
}

// hops tells whether the way to the peer's channel listener leads over hops.
func (c Config) hops() bool {
	return slices.ContainsFunc(c.Route, func(a wire.Address) bool { return a.Type() != wire.Local })
}

// plan expands the selected cases over roles, transports, profiles, and depths, in this order, each in the order given.
func plan(cfg Config) ([]group, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if err := cfg.Select.check(cfg.Cases, cfg.Catalogue); err != nil {
		return nil, err
	}
	needs, err := expand(cfg)
	if err != nil {
		return nil, err
	}
	var groups []group
	for _, need := range needs {
		g := group{need: need, control: cfg.control(need.Role), implied: true}
		g.profile = cfg.Profiles[slices.IndexFunc(cfg.Profiles, func(p profile.Profile) bool { return p.Name == need.Profile })]
		for _, c := range cfg.Cases {
			if !cfg.Select.selects(c) || !applies(c, need) {
				continue
			}
			if c.ID == g.control.ID {
				g.implied = false
				continue
			}
			g.items = append(g.items, item{c, cfg.skip(c), cfg.assigned(c, need, g.profile)})
		}
		if len(g.items) == 0 && g.implied {
			continue
		}
		if !applies(g.control, need) {
			return nil, fmt.Errorf("%w: the control %q does not apply to %s", conformance.ErrBadCase, g.control.ID, name(need))
		}
		groups = append(groups, g)
	}
	cfg.combine(groups)
	if len(groups) == 0 {
		return nil, fmt.Errorf("%w: none fits the peer's roles, transports, profiles, and depths", conformance.ErrNothingSelected)
	}
	return groups, nil
}

// controlled says whether the group's control has a result: it is selected, or something needs it.
func (g group) controlled() bool {
	return !g.implied || slices.ContainsFunc(g.items, func(i item) bool { return i.skipped == "" })
}

// size is how many results the group has.
func (g group) size() int {
	if g.controlled() {
		return len(g.items) + 1
	}
	return len(g.items)
}

// expand lists what the peer can be needed for.
func expand(cfg Config) ([]conformance.Need, error) {
	info := cfg.Peer.Info()
	roles, transports := cfg.Roles, cfg.Transports
	if len(roles) == 0 {
		roles = info.Roles
	}
	if len(transports) == 0 {
		transports = info.Transports
	}
	if err := errors.Join(cfg.checkDepths(info), cfg.checkRoute(roles)); err != nil {
		return nil, err
	}
	var needs []conformance.Need
	for _, role := range roles {
		if !slices.Contains(info.Roles, role) {
			return nil, fmt.Errorf("%w: the peer is no %s", conformance.ErrUsage, role)
		}
		for _, transport := range transports {
			if !slices.Contains(info.Transports, transport) {
				return nil, fmt.Errorf("%w: the peer is not attached over %s", conformance.ErrUsage, transport)
			}
			for _, p := range cfg.Profiles {
				if Has(p, transport) {
					for _, depth := range cfg.depths(role, p) {
						needs = append(needs, conformance.Need{Role: role, Transport: transport, Profile: p.Name, Depth: depth})
					}
				} else if len(cfg.Transports) > 0 {
					return nil, fmt.Errorf("%w: profile %s does not run over %s", conformance.ErrUsage, p.Name, transport)
				}
			}
		}
	}
	for i, need := range needs {
		if slices.Contains(needs[:i], need) {
			return nil, fmt.Errorf("%w: %s is asked for twice", conformance.ErrUsage, name(need))
		}
	}
	return needs, nil
}

// Has says whether a profile runs over a transport. The in-memory transport is a byte stream like TCP (TRAN-024).
func Has(p profile.Profile, t conformance.Transport) bool {
	switch t {
	case conformance.TCP, conformance.Mem:
		return slices.Contains(p.Transports, profile.TCP)
	case conformance.UDP:
		return slices.Contains(p.Transports, profile.UDP)
	}
	return false
}

// applies says whether a case fits. What holds over TCP holds in memory as well (TRAN-024).
func applies(c conformance.Case, need conformance.Need) bool {
	transport := slices.Contains(c.Transports, need.Transport) ||
		need.Transport == conformance.Mem && slices.Contains(c.Transports, conformance.TCP)
	return transport && c.Depths.Has(need.Depth) && slices.Contains(c.Roles, need.Role) && (len(c.Profiles) == 0 || slices.Contains(c.Profiles, need.Profile))
}

func name(need conformance.Need) string {
	text := fmt.Sprintf("%s over %s in profile %s", need.Role, need.Transport, need.Profile)
	if need.Tunnelled() {
		text += fmt.Sprintf(" at depth %d", need.Depth)
	}
	return text
}

// check refuses names that match nothing: a case that never ran is not a pass.
func (s Selection) check(cases []conformance.Case, version string) error {
	for _, glob := range slices.Concat(s.Cases, s.Skip) {
		found := false
		for _, c := range cases {
			ok, err := conformance.MatchID(glob, c.ID)
			if err != nil {
				return errors.Join(conformance.ErrUsage, err)
			}
			found = found || ok
		}
		if !found {
			return fmt.Errorf("%w: no case matches %q in version %s of the catalogue", conformance.ErrUsage, glob, version)
		}
	}
	known := conformance.CatalogueByID()
	for _, id := range s.Requirements {
		if _, ok := known[id]; !ok {
			return fmt.Errorf("%w: there is no requirement %q", conformance.ErrUsage, id)
		}
	}
	return nil
}

func (s Selection) selects(c conformance.Case) bool {
	matches := func(glob string) bool {
		ok, err := conformance.MatchID(glob, c.ID)
		return ok && err == nil
	}
	cites := func(id string) bool { return slices.Contains(c.Requirements, id) }
	return (len(s.Cases) == 0 || slices.ContainsFunc(s.Cases, matches)) &&
		(len(s.Requirements) == 0 || slices.ContainsFunc(s.Requirements, cites)) &&
		!slices.ContainsFunc(s.Skip, matches)
}
