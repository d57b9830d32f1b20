package routers

import (
	"encoding/binary"
	"net/netip"
	"strings"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// form is an address in the form in which a node writes it; false if it has none (WIRE-013, WIRE-015).
func form(a adversary.Address) (adversary.Address, bool) {
	if a.Type() == wire.Local {
		return a, true
	}
	head, port := a[:1], a[len(a)-2:]
	switch wire.HostType(a[1]) {
	case wire.IPv4:
	case wire.IPv6:
		ip := netip.AddrFrom16([16]byte([]byte(a[2:18])))
		if !ip.Is4In6() {
			return a, true
		}
		return head + adversary.Address(append([]byte{byte(wire.IPv4)}, ip.Unmap().AsSlice()...)) + port, true
	case wire.DNS:
		name := strings.TrimSuffix(strings.ToLower(string(a[3:len(a)-2])), ".")
		if !isName(name) {
			return "", false
		}
		return head + adversary.Address([]byte{byte(wire.DNS), byte(len(name))}) + adversary.Address(name) + port, true
	}
	return a, true
}

// isName reports whether a DNS name may be written: of the right characters, and no IP literal.
func isName(name string) bool {
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return false
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") != ""
	}
	return strings.Trim(last, "0123456789") != ""
}

// socket is the numeric transport address in a, false if a is a name or local.
func socket(a adversary.Address) (netip.AddrPort, bool) {
	if a.Type() == wire.Local || wire.HostType(a[1]) == wire.DNS {
		return netip.AddrPort{}, false
	}
	ip, ok := netip.AddrFromSlice([]byte(a[2 : len(a)-2]))
	return netip.AddrPortFrom(ip.Unmap(), binary.LittleEndian.Uint16([]byte(a[len(a)-2:]))), ok // WIRE-007
}

// address is the wire form of "IP:port".
func address(kind wire.AddressType, socket string) adversary.Address {
	a, err := adversary.TransportAddress(kind, socket)
	if err != nil {
		panic("routers: address of a socket: " + err.Error())
	}
	return a
}
