package transport

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"ockamtest/ref/wire"
)

// What callers that connect or send to an address branch on.
var (
	// ErrAddress: not an address of this transport, or one that is never sent to: port 0, link-local IPv6 (WIRE-013).
	ErrAddress = errors.New("transport: invalid address")
	// ErrNotAllowed: the allow rule refused the numeric address (WIRE-014).
	ErrNotAllowed = errors.New("transport: address is not allowed")
)

// NumericAddress is the address of an IP address and port as encoders write it, kind wire.TCP or wire.UDP: IPv4 also where the system
// says IPv4-mapped IPv6 (WIRE-013). A zone is dropped, it means nothing to another node.
func NumericAddress(kind wire.AddressType, ap netip.AddrPort) wire.Address {
	ip := ap.Addr().Unmap()
	switch {
	case kind == wire.UDP && ip.Is4():
		return wire.UDPAddress4(ip.As4(), ap.Port())
	case kind == wire.UDP:
		return wire.UDPAddress6(ip.As16(), ap.Port())
	case ip.Is4():
		return wire.TCPAddress4(ip.As4(), ap.Port())
	}
	return wire.TCPAddress6(ip.As16(), ap.Port())
}

// AddrPort is the IP address and port of a numeric address, false for a DNS name and for a local address.
func AddrPort(a wire.Address) (netip.AddrPort, bool) {
	a = a.Canonical()
	if ip, ok := a.IP4(); ok {
		return netip.AddrPortFrom(netip.AddrFrom4(ip), a.Port()), true
	}
	if ip, ok := a.IP6(); ok {
		return netip.AddrPortFrom(netip.AddrFrom16(ip), a.Port()), true
	}
	return netip.AddrPort{}, false
}

// HostPort is the form of an address of this kind, numeric or a DNS name, that package net takes.
func HostPort(kind wire.AddressType, a wire.Address) (string, error) {
	if a.Type() != kind || !a.IsTransport() {
		return "", fmt.Errorf("%w: %v", ErrAddress, a)
	}
	if ap, ok := AddrPort(a); ok {
		return ap.String(), nil
	}
	name, ok := a.Canonical().Name()
	if !ok || a.Canonical().Validate() != nil {
		return "", fmt.Errorf("%w: %v", ErrAddress, a)
	}
	return net.JoinHostPort(name, strconv.Itoa(int(a.Port()))), nil
}

// Permit refuses numeric addresses that are never sent to (WIRE-013), and those that the rule does not allow (WIRE-014); nil allows all.
func Permit(ap netip.AddrPort, allow func(netip.AddrPort) bool) error {
	ap = netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	if !NumericAddress(wire.UDP, ap).Sendable() { // of whichever kind
		return fmt.Errorf("%w: %v", ErrAddress, ap)
	}
	if allow != nil && !allow(ap) {
		return fmt.Errorf("%w: %v", ErrNotAllowed, ap)
	}
	return nil
}
