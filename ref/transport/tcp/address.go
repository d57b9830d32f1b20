package tcp

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"ockamtest/ref/wire"
)

// Address is the TCP address of an IP address and port as encoders write it: IPv4 also where the system says IPv4-mapped IPv6
// (WIRE-013). A zone is dropped, it means nothing to another node.
func Address(ap netip.AddrPort) wire.Address {
	ip := ap.Addr().Unmap()
	if ip.Is4() {
		return wire.TCPAddress4(ip.As4(), ap.Port())
	}
	return wire.TCPAddress6(ip.As16(), ap.Port())
}

// AddrPort is the IP address and port of a numeric TCP address, false for a DNS name, a local, or a UDP address.
func AddrPort(a wire.Address) (netip.AddrPort, bool) {
	if a.Type() != wire.TCP {
		return netip.AddrPort{}, false
	}
	a = a.Canonical()
	if ip, ok := a.IP4(); ok {
		return netip.AddrPortFrom(netip.AddrFrom4(ip), a.Port()), true
	}
	if ip, ok := a.IP6(); ok {
		return netip.AddrPortFrom(netip.AddrFrom16(ip), a.Port()), true
	}
	return netip.AddrPort{}, false
}

// hostPort is the form of a that package net takes.
func hostPort(a wire.Address) (string, error) {
	if ap, ok := AddrPort(a); ok {
		return ap.String(), nil
	}
	name, ok := a.Canonical().Name()
	if a.Type() != wire.TCP || !ok || a.Canonical().Validate() != nil {
		return "", fmt.Errorf("%w: %v", ErrAddress, a)
	}
	return net.JoinHostPort(name, strconv.Itoa(int(a.Port()))), nil
}

// numeric is the address of an end of a connection, zero if it has no IP address.
func numeric(a net.Addr) wire.Address {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return wire.Address{}
	}
	return Address(t.AddrPort())
}
