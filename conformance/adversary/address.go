package adversary

import (
	"encoding/binary"
	"net/netip"

	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// An Address is one address of a route exactly as it stands on the wire, well-formed or not.
type Address string

// A Route is a list of addresses; the next hop comes first.
type Route []Address

// TransportAddress encodes "IP:port" (WIRE-007, WIRE-013). It fails if socket is anything else.
func TransportAddress(kind wire.AddressType, socket string) (Address, error) {
	ap, err := netip.ParseAddrPort(socket)
	if err != nil {
		return "", err
	}
	ip := ap.Addr().Unmap() // WIRE-013: never as IPv4-mapped IPv6
	host := wire.IPv6
	if ip.Is4() {
		host = wire.IPv4
	}
	b := append([]byte{byte(kind), byte(host)}, ip.AsSlice()...)
	return Address(binary.LittleEndian.AppendUint16(b, ap.Port())), nil // WIRE-007
}

// addressIn is TransportAddress in the form of a profile.
func addressIn(p profile.Profile, kind wire.AddressType, socket string) (Address, error) {
	a, err := TransportAddress(kind, socket)
	if err != nil || !p.IPv6LittleEndian || wire.HostType(a[1]) != wire.IPv6 {
		return a, err
	}
	b := []byte(a)
	for i := 2; i < len(b)-2; i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return Address(b), nil
}

// LocalAddress encodes a local address of up to 255 bytes; an empty value gives the malformed address of length 0.
func LocalAddress(value string) Address {
	return Address([]byte{byte(wire.Local), byte(len(value))}) + Address(value)
}

// Type is the address's type; an empty address has none and counts as Local.
func (a Address) Type() wire.AddressType {
	if a == "" {
		return wire.Local
	}
	return wire.AddressType(a[0])
}

// Append appends the count, one byte, and the addresses. A route of more than 255 addresses lies about its count.
func (r Route) Append(dst []byte) []byte {
	dst = append(dst, byte(len(r)))
	for _, a := range r {
		dst = append(dst, a...)
	}
	return dst
}

// Learn applies ROUT-003 to a return route that came from source over a transport: source takes the place of a first address of
// its own kind, and else stands in front.
func (r Route) Learn(source Address) Route {
	rest := r
	if len(r) > 0 && r[0].Type() == source.Type() {
		rest = r[1:]
	}
	return append(Route{source}, rest...)
}
