package peers

import (
	"encoding/binary"
	"net/netip"
)

// The message types of section 4.
const (
	kindPing byte = iota
	kindPong
	kindPayload
	kindM1
	kindM2
	kindM3
	kindUntyped // any but ping and pong, in a profile without type bytes
)

// The address types of section 4.
const (
	addressLocal byte = iota
	addressTCP
	addressUDP
)

// The host types of section 4.
const (
	hostIPv4 byte = iota
	hostIPv6
	hostDNS
)

// A route has its addresses as they are on the wire, which is all that an end point needs of them.
type route [][]byte

// local reports whether the route has a local address.
func (r route) local() bool {
	for _, a := range r {
		if a[0] == addressLocal {
			return true
		}
	}
	return false
}

// A message is one wire message.
type message struct {
	onward, back route
	kind         byte
	body         []byte
}

func (m message) encode() []byte {
	return append(append(m.encodeRoutes(), m.kind), m.body...)
}

// encodeUntyped leaves the type byte out, except in pings and pongs.
func (m message) encodeUntyped() []byte {
	if m.kind <= kindPong {
		return m.encode()
	}
	return append(m.encodeRoutes(), m.body...)
}

func (m message) encodeRoutes() []byte {
	b := []byte{1}
	for _, r := range []route{m.onward, m.back} {
		b = append(b, byte(len(r)))
		for _, a := range r {
			b = append(b, a...)
		}
	}
	return b
}

// tcpAddress is the wire form of "IP:port".
func tcpAddress(address string) []byte { return socketAddress(addressTCP, address) }

func socketAddress(kind byte, address string) []byte {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		panic("peers: address of a link: " + err.Error())
	}
	ip := at.Addr().Unmap() // WIRE-013: never IPv4-mapped
	b := []byte{kind, hostIPv4}
	if ip.Is6() {
		b[1] = hostIPv6
	}
	return binary.LittleEndian.AppendUint16(append(b, ip.AsSlice()...), at.Port()) // WIRE-007
}
