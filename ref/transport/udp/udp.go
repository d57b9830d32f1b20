// Package udp carries messages in datagrams (specification section 3.2, and 3.3 for connect and close): Listen opens a socket for any
// number of remote addresses, a transport.PacketConn; Dial connects one to a remote address. transport.Sources makes a listener of a
// socket, with a connection for each source.
//
// On Linux a system call sends and receives several datagrams (sendmmsg, recvmmsg), and the kernel splits and joins runs of one length
// (UDP_SEGMENT, UDP_GRO). Where the kernel or the network interface cannot, and on other systems, datagrams go one by one; nobody is told.
//
// A socket that has been read holds its read-ahead, ReadAhead x 64 KiB of address space, of which memory is used as far as datagrams reach.
// Its steady state allocates nothing; a call whose context can end allocates when it has to wait for the network, on other systems always.
// No goroutine runs between calls. Sockets are safe for concurrent use, except that one goroutine reads a socket at a time.
package udp

import (
	"net"
	"net/netip"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// DefaultReadAhead is how much a system call receives at most unless told otherwise.
const DefaultReadAhead = 8

// A Config configures Listen and Dial. Its zero value is datagrams as long as UDP carries, to any address.
type Config struct {
	// Limit is the longest datagram in bytes, either way; longer ones are refused (REC-010) and dropped (TRAN-011). 0 or more than UDP
	// carries means what UDP carries: 65,507 over IPv4, 65,527 over IPv6.
	Limit int
	// Allow is asked about each numeric address before something is sent to it, and by Dial before it connects; nil allows all (WIRE-014).
	Allow func(netip.AddrPort) bool
	// ReadAhead is how many datagrams, or runs that the kernel joined, a system call receives at most; 0 means DefaultReadAhead.
	ReadAhead int
	// ReceiveBuffer and SendBuffer are the bytes that the system is asked to queue for the socket, and gives within its own bounds; 0 leaves
	// that to the system. What comes in while the queue is full is lost.
	ReceiveBuffer, SendBuffer int
	// SingleCalls makes one system call for each datagram: where an offload is broken, and for comparison.
	SingleCalls bool
	// Retry is what every transport takes to connect. It has no effect: the address is stored, and nothing can fail that could be retried
	// (TRAN-020).
	Retry transport.Retry
	// Dialer makes the sockets of Dial; nil means the zero net.Dialer. A zero Timeout in it means transport.DefaultTimeout.
	Dialer *net.Dialer
}

// limit is the longest datagram of a socket for IPv4 alone, or for both.
func (cfg Config) limit(only4 bool) int {
	limit := transport.MaxDatagram6
	if only4 {
		limit = transport.MaxDatagram4
	}
	if cfg.Limit > 0 {
		limit = min(limit, cfg.Limit)
	}
	return limit
}

func (cfg Config) readAhead() int {
	if cfg.ReadAhead <= 0 {
		return DefaultReadAhead
	}
	return cfg.ReadAhead
}

// Address is the UDP address of an IP address and port; see transport.NumericAddress.
func Address(ap netip.AddrPort) wire.Address { return transport.NumericAddress(wire.UDP, ap) }

// AddrPort is the IP address and port of a numeric UDP address, false for a DNS name, a local, or a TCP address.
func AddrPort(a wire.Address) (netip.AddrPort, bool) {
	if a.Type() != wire.UDP {
		return netip.AddrPort{}, false
	}
	return transport.AddrPort(a)
}

// numeric is the address of an end of a socket, zero if it has none.
func numeric(a net.Addr) wire.Address {
	u, ok := a.(*net.UDPAddr)
	if !ok || u == nil {
		return wire.Address{}
	}
	return Address(u.AddrPort())
}
