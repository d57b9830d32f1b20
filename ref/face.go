package ref

import (
	"fmt"
	"net"
	"net/netip"
	"slices"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A face is a UDP address of a node, and the socket behind it. A socket that is bound to [::] has two, for it speaks IPv4 too.
type face struct {
	socket transport.PacketConn
	number int          // of the socket
	bound  wire.Address // as the socket has it
	local  wire.Address // as messages say it (ROUT-004)
}

// suits reports whether datagrams to a numeric address can leave from the face, and whether no other would suit better.
func (f *face) suits(remote wire.Address) (can, best bool) {
	from, _ := transport.AddrPort(f.bound)
	to, _ := transport.AddrPort(remote)
	if from.Addr().Is4() != to.Addr().Is4() {
		return false, false
	}
	best = from.Addr().IsUnspecified() || from.Addr().IsLoopback() == to.Addr().IsLoopback()
	return best || to.Addr().IsLoopback(), best
}

// spread are the addresses at which a socket or listener receives: [::] is 0.0.0.0 too.
func spread(bound wire.Address) []wire.Address {
	if ip, ok := bound.IP6(); !ok || ip != [16]byte{} {
		return []wire.Address{bound}
	}
	ap := netip.AddrPortFrom(netip.IPv4Unspecified(), bound.Port())
	return []wire.Address{bound, transport.NumericAddress(bound.Type(), ap)}
}

// A machine is the IP addresses of this computer.
type machine []netip.Addr

func thisMachine() machine {
	var m machine
	found, err := net.InterfaceAddrs()
	if err != nil {
		return nil // then there is loopback
	}
	for _, a := range found {
		if ipNet, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(ipNet.IP); ok {
				m = append(m, ip.Unmap())
			}
		}
	}
	return m
}

// behind are the addresses that an unspecified one stands for; any other is alone.
func (m machine) behind(a wire.Address) []wire.Address {
	all := []wire.Address{a}
	if ap, ok := transport.AddrPort(a); ok && ap.Addr().IsUnspecified() {
		for _, ip := range m {
			if ip.Is4() == ap.Addr().Is4() {
				all = append(all, transport.NumericAddress(a.Type(), netip.AddrPortFrom(ip, a.Port())))
			}
		}
	}
	return all
}

// reachable is an address at which others reach what is bound to an unspecified one: the first that is not for this machine or this link
// alone, else loopback. Any other stays as it is.
func (m machine) reachable(a wire.Address) wire.Address {
	ap, ok := transport.AddrPort(a)
	if !ok || !ap.Addr().IsUnspecified() {
		return a
	}
	best := netip.IPv6Loopback()
	if ap.Addr().Is4() {
		best = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	for _, ip := range m {
		if ip.Is4() == ap.Addr().Is4() && ip.IsGlobalUnicast() {
			best = ip
			break
		}
	}
	return transport.NumericAddress(a.Type(), netip.AddrPortFrom(best, a.Port()))
}

// told is what messages say instead of an address of this end: the configured one (ROUT-004).
func (cfg *NodeConfig) told(m machine, own wire.Address) (wire.Address, error) {
	own = own.Canonical()
	if cfg.Advertise == nil {
		return m.reachable(own), nil
	}
	a := cfg.Advertise(own).Canonical()
	_, numeric := transport.AddrPort(a)
	switch {
	case a == wire.Address{}:
		return m.reachable(own), nil
	case a.Type() != own.Type() || !numeric || !a.Sendable():
		return wire.Address{}, fmt.Errorf("%w: %v cannot be advertised for %v", ErrConfig, a, own)
	}
	return a, nil
}

// A place is where a node receives.
type place struct {
	machine machine // nil if nothing is bound to all of its addresses
	faces   []face
	told    []wire.Address // as others are told, sockets before listeners
	bound   []wire.Address // to which nothing is forwarded (ROUT-005)
}

// newPlace makes the place of a node.
func newPlace(cfg *NodeConfig, b *bindings) (place, error) {
	var p place
	for i, s := range b.sockets {
		for _, bound := range spread(s.LocalAddress().Canonical()) {
			local, err := p.add(cfg, bound, wire.UDP)
			if err != nil {
				return place{}, err
			}
			if slices.ContainsFunc(p.faces, func(f face) bool { return f.local == local }) {
				return place{}, fmt.Errorf("%w: two sockets with the address %v", ErrConfig, local)
			}
			p.faces = append(p.faces, face{s, i, bound, local})
		}
	}
	for _, l := range b.listeners {
		for _, bound := range spread(l.Address().Canonical()) {
			if _, err := p.add(cfg, bound, wire.TCP); err != nil {
				return place{}, err
			}
		}
	}
	return p, nil
}

// add adds an address at which the node is bound, and returns what others are told.
func (p *place) add(cfg *NodeConfig, bound wire.Address, kind wire.AddressType) (wire.Address, error) {
	ap, numeric := transport.AddrPort(bound)
	if !numeric || bound.Type() != kind {
		return wire.Address{}, fmt.Errorf("%w: a transport with the address %v", ErrConfig, bound)
	}
	if err := cfg.runsOver(bound); err != nil {
		return wire.Address{}, err
	}
	if ap.Addr().IsUnspecified() && p.machine == nil {
		p.machine = thisMachine()
	}
	told, err := cfg.told(p.machine, bound)
	if err != nil {
		return wire.Address{}, err
	}
	p.told = append(p.told, told)
	p.bound = append(append(p.bound, told), p.machine.behind(bound)...)
	return told, nil
}

// face is the one whose address a link has, nil if there is none.
func (p *place) face(link wire.Link) *face {
	for i := range p.faces {
		if f := &p.faces[i]; f.local == link.Local {
			return f
		}
	}
	return nil
}

// faceTo is one from which datagrams to a numeric address can leave, the best and first, nil if there is none.
func (p *place) faceTo(remote wire.Address) *face {
	var second *face
	for i := range p.faces {
		can, best := p.faces[i].suits(remote)
		if best {
			return &p.faces[i]
		}
		if can && second == nil {
			second = &p.faces[i]
		}
	}
	return second
}

// of are the faces of the socket with that number.
func (p *place) of(number int) []face {
	var own []face
	for _, f := range p.faces {
		if f.number == number {
			own = append(own, f)
		}
	}
	return own
}
