package sim

import "ockamtest/ref/wire"

// A topology says what holds between hosts. A host is an address without its port, TCP and UDP alike.
type topology struct {
	version uint64 // changes with every change
	path    Path   // where none is set
	paths   map[pair]Path
	cuts    map[pair]bool // both ways
	side    func(wire.Address) int
}

// hostOf is what an address has in common with the others of its host.
func hostOf(a wire.Address) wire.Address {
	a = a.Canonical()
	if ip, ok := a.IP4(); ok {
		return wire.UDPAddress4(ip, 0)
	}
	if ip, ok := a.IP6(); ok {
		return wire.UDPAddress6(ip, 0)
	}
	return a.WithPort(0)
}

func (t *topology) pathOf(p pair) Path {
	if path, ok := t.paths[p]; ok {
		return path
	}
	return t.path
}

// apart reports whether nothing passes between two hosts.
func (t *topology) apart(p pair) bool {
	return t.cuts[p] || t.side != nil && t.side(p.from) != t.side(p.to)
}

// look brings a flow up to date.
func (t *topology) look(f *flow) {
	if f.version == t.version {
		return
	}
	hosts := pair{hostOf(f.from), hostOf(f.to)}
	f.version, f.path, f.apart = t.version, t.pathOf(hosts), t.apart(hosts)
}

// SetPath sets the path from one host to another, which is not the path back. The ports and types of the addresses mean nothing. What is
// under way is not affected.
func (n *Network) SetPath(from, to wire.Address, p Path) error {
	p, err := p.withDefaults()
	if err != nil {
		return err
	}
	n.topology.paths[pair{hostOf(from), hostOf(to)}] = p
	n.topology.version++
	return nil
}

// SetDefaultPath sets the path between hosts for which SetPath was not called.
func (n *Network) SetDefaultPath(p Path) error {
	p, err := p.withDefaults()
	if err != nil {
		return err
	}
	n.topology.path = p
	n.topology.version++
	return nil
}
