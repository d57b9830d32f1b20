package tcp

import (
	"net/netip"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// Address is the TCP address of an IP address and port; see transport.NumericAddress.
func Address(ap netip.AddrPort) wire.Address { return transport.NumericAddress(wire.TCP, ap) }

// AddrPort is the IP address and port of a numeric TCP address, false for a DNS name, a local, or a UDP address.
func AddrPort(a wire.Address) (netip.AddrPort, bool) {
	if a.Type() != wire.TCP {
		return netip.AddrPort{}, false
	}
	return transport.AddrPort(a)
}
