package wire

// An AddressType is the first byte of an address.
type AddressType uint8

// The address types of version 1.
const (
	Local AddressType = 0
	TCP   AddressType = 1
	UDP   AddressType = 2
)

// A HostType is the first byte of a host.
type HostType uint8

// The host types of version 1.
const (
	IPv4 HostType = 0
	IPv6 HostType = 1
	DNS  HostType = 2
)

// An Address is a local address or a transport address. It is a value: == compares what is on the wire, Equal compares by
// meaning (WIRE-013). The zero Address is invalid: it is the empty local address (WIRE-012).
//
// The constructors keep what they are given; the encoder refuses addresses that are not canonical, and Canonical mends those
// that can be.
type Address struct {
	kind AddressType
	host HostType // 0 if local
	port uint16   // 0 if local
	size uint8    // bytes used of short
	// short holds an IP address in network order, or a local address that fits, so that parsing these allocates nothing.
	short [16]byte
	// long holds a DNS name, or a local address longer than short. Else it is empty, so that == works.
	long string
}

// LocalAddress is the local address of the bytes in b, 1 to 255 (WIRE-012). b is copied.
func LocalAddress(b []byte) Address {
	var a Address
	if len(b) <= len(a.short) {
		a.size = uint8(copy(a.short[:], b))
	} else {
		a.long = string(b)
	}
	return a
}

// TCPAddress4 is the TCP address of an IPv4 host.
func TCPAddress4(ip [4]byte, port uint16) Address { return address4(TCP, ip, port) }

// UDPAddress4 is the UDP address of an IPv4 host.
func UDPAddress4(ip [4]byte, port uint16) Address { return address4(UDP, ip, port) }

// TCPAddress6 is the TCP address of an IPv6 host, ip in network order.
func TCPAddress6(ip [16]byte, port uint16) Address { return address6(TCP, ip, port) }

// UDPAddress6 is the UDP address of an IPv6 host, ip in network order.
func UDPAddress6(ip [16]byte, port uint16) Address { return address6(UDP, ip, port) }

// TCPAddressDNS is the TCP address of a named host.
func TCPAddressDNS(name string, port uint16) Address { return addressDNS(TCP, name, port) }

// UDPAddressDNS is the UDP address of a named host.
func UDPAddressDNS(name string, port uint16) Address { return addressDNS(UDP, name, port) }

func address4(kind AddressType, ip [4]byte, port uint16) Address {
	a := Address{kind: kind, host: IPv4, port: port, size: 4}
	copy(a.short[:], ip[:])
	return a
}

func address6(kind AddressType, ip [16]byte, port uint16) Address {
	return Address{kind: kind, host: IPv6, port: port, size: 16, short: ip}
}

func addressDNS(kind AddressType, name string, port uint16) Address {
	return Address{kind: kind, host: DNS, port: port, long: name}
}

// Type returns the address type.
func (a Address) Type() AddressType { return a.kind }

// IsLocal reports whether a is a local address.
func (a Address) IsLocal() bool { return a.kind == Local }

// IsTransport reports whether a is a transport address.
func (a Address) IsTransport() bool { return a.kind != Local }

// Host returns the host type of a transport address.
func (a Address) Host() HostType { return a.host }

// Port returns the port of a transport address, 0 for a local address.
func (a Address) Port() uint16 { return a.port }

// WithPort returns a transport address with another port.
func (a Address) WithPort(port uint16) Address {
	if a.IsTransport() {
		a.port = port
	}
	return a
}

// IP4 returns the IPv4 address of a's host, false if it is not written as one.
func (a Address) IP4() (ip [4]byte, ok bool) {
	if a.IsLocal() || a.host != IPv4 {
		return ip, false
	}
	return [4]byte(a.short[:4]), true
}

// IP6 returns the IPv6 address of a's host in network order, false if it is not written as one.
func (a Address) IP6() (ip [16]byte, ok bool) {
	if a.IsLocal() || a.host != IPv6 {
		return ip, false
	}
	return a.short, true
}

// Name returns the DNS name of a's host, false if it is not written as one.
func (a Address) Name() (name string, ok bool) {
	if a.IsLocal() || a.host != DNS {
		return "", false
	}
	return a.long, true
}

// Len returns the length in bytes of the local address, IP address, or DNS name.
func (a Address) Len() int { return int(a.size) + len(a.long) }

// AppendValue appends the local address, the IP address in network order, or the DNS name to dst.
func (a Address) AppendValue(dst []byte) []byte {
	return append(append(dst, a.short[:a.size]...), a.long...)
}
