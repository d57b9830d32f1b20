package udp

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"

	"ockamtest/ref/wire"
)

// A name is the address of a message as the kernel has it: struct sockaddr_in or sockaddr_in6.
type name [unix.SizeofSockaddrInet6]byte

// address is the address in a name, the zero address if it is of neither family.
func (n *name) address() wire.Address {
	port := binary.BigEndian.Uint16(n[2:])
	switch binary.NativeEndian.Uint16(n[:]) {
	case unix.AF_INET:
		return wire.UDPAddress4([4]byte(n[4:8]), port)
	case unix.AF_INET6:
		return Address(netip.AddrPortFrom(netip.AddrFrom16([16]byte(n[8:24])), port))
	}
	return wire.Address{}
}

// set writes an address for a socket of the family, IPv4 for IPv6 sockets in its mapped form, and returns how long the name is.
func (n *name) set(family int, to netip.AddrPort) int {
	clear(n[:])
	binary.NativeEndian.PutUint16(n[:], uint16(family))
	binary.BigEndian.PutUint16(n[2:], to.Port())
	if family == unix.AF_INET {
		ip := to.Addr().As4()
		copy(n[4:], ip[:])
		return unix.SizeofSockaddrInet4
	}
	ip := to.Addr().As16()
	copy(n[8:], ip[:])
	return unix.SizeofSockaddrInet6
}

// A control is room for one control message about segments, aligned as the kernel's header in it is.
type control [3]uint64

func (c *control) bytes() []byte { return unsafe.Slice((*byte)(unsafe.Pointer(c)), unsafe.Sizeof(*c)) }

// setSegment writes that a message is to be split into datagrams of size bytes (UDP_SEGMENT), and returns how long that is.
func (c *control) setSegment(size int) int {
	h := (*unix.Cmsghdr)(unsafe.Pointer(c))
	h.Level, h.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	h.SetLen(unix.CmsgLen(2))
	binary.NativeEndian.PutUint16(c.bytes()[unix.CmsgLen(0):], uint16(size))
	return unix.CmsgSpace(2)
}

// segment reads from control messages of the kernel how long the datagrams are that it joined (UDP_GRO), 0 if it did not.
func segment(controls []byte) int {
	for len(controls) >= unix.SizeofCmsghdr {
		h, data, rest, err := unix.ParseOneSocketControlMessage(controls)
		if err != nil {
			return 0
		}
		if h.Level == unix.SOL_UDP && h.Type == unix.UDP_GRO && len(data) >= 4 {
			return int(max(0, int32(binary.NativeEndian.Uint32(data))))
		}
		controls = rest
	}
	return 0
}
