package udp

import (
	"context"
	"errors"
	"fmt"
	"net"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// Listen opens a socket at a UDP address; port 0 lets the system choose one. IPv4 addresses are for IPv4 alone, [::] for both.
func Listen(ctx context.Context, address wire.Address, cfg Config) (transport.PacketConn, error) {
	target, err := transport.HostPort(wire.UDP, address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	network := "udp"
	if _, ok := address.Canonical().IP4(); ok {
		network = "udp4"
	}
	var lc net.ListenConfig
	pc, err := lc.ListenPacket(ctx, network, target)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	conn := pc.(*net.UDPConn) //nolint:forcetypeassert // UDP sockets are
	s, err := newSocket(conn, cfg)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", errors.Join(err, conn.Close()))
	}
	return s, nil
}

// Dial opens a socket connected to remote, a UDP address with an IP address or a DNS name, which is looked up once: datagrams of other
// sources do not reach it, and the connection's addresses are numeric. That somebody listens there is not known (TRAN-020).
func Dial(ctx context.Context, remote wire.Address, cfg Config) (transport.Conn, error) {
	target, err := transport.HostPort(wire.UDP, remote)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	dialer := transport.Dialer(cfg.Dialer, cfg.Allow)
	nc, err := dialer.DialContext(ctx, "udp", target)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	conn := nc.(*net.UDPConn) //nolint:forcetypeassert // UDP sockets are
	s, err := newSocket(conn, cfg)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", errors.Join(err, conn.Close()))
	}
	return transport.Connected(s, s.remote), nil
}
