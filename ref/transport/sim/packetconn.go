package sim

import (
	"context"
	"fmt"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A SocketConfig configures a socket. Its zero value is the defaults.
type SocketConfig struct {
	// Limit is the longest message in bytes, either way; 0 means what UDP or a frame can carry.
	Limit int
	// Buffer is how many bytes may wait to be read, 64 for each message added; one message always may. Datagrams that find it full are
	// dropped, over streams the sender waits. 0 means DefaultBuffer.
	Buffer int
}

func (cfg SocketConfig) withDefaults(most int) SocketConfig {
	if cfg.Limit <= 0 || cfg.Limit > most {
		cfg.Limit = most
	}
	if cfg.Buffer <= 0 {
		cfg.Buffer = DefaultBuffer
	}
	return cfg
}

// ListenPacket opens a socket for datagrams at a numeric UDP address; port 0 lets the network choose one.
func (i *Internet) ListenPacket(address wire.Address, cfg SocketConfig) (transport.PacketConn, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	local, err := i.bind(wire.UDP, address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	cfg = cfg.withDefaults(transport.DatagramLimit(local))
	c := &packetConn{net: i, local: local, limit: cfg.Limit, box: newMailbox(cfg.Buffer), closed: make(chan struct{})}
	i.packets[local] = c
	return c, nil
}

// A packetConn is a socket for datagrams.
type packetConn struct {
	net    *Internet
	local  wire.Address
	limit  int
	closed chan struct{}
	box    mailbox
}

// ReadFrom implements transport.PacketConn.
func (c *packetConn) ReadFrom(ctx context.Context, p []byte) (int, wire.Address, error) {
	for {
		n, from, ok, err := c.take(ctx, p)
		if ok || err != nil {
			return n, from, err
		}
		select {
		case <-c.box.arrived:
		case <-c.closed:
		case <-ctx.Done():
		}
	}
}

// take reads a datagram that has arrived, if there is one. Those that are too long are dropped whole (TRAN-011).
func (c *packetConn) take(ctx context.Context, p []byte) (n int, from wire.Address, ok bool, err error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if err := c.ready(ctx); err != nil {
		return 0, wire.Address{}, false, err
	}
	for {
		l, ok := c.box.pop()
		if !ok {
			return 0, wire.Address{}, false, nil
		}
		fits := len(l.data) <= len(p) && len(l.data) <= c.limit
		n := copy(p, l.data)
		c.box.recycle(l.data)
		if fits {
			return n, l.from, true, nil
		}
	}
}

// ready tells what keeps a call from starting.
func (c *packetConn) ready(ctx context.Context) error {
	select {
	case <-c.closed:
		return transport.ErrClosed
	default:
		return ctx.Err()
	}
}

// WriteTo implements transport.PacketConn.
func (c *packetConn) WriteTo(ctx context.Context, p []byte, to wire.Address) error {
	_, err := c.WriteBatchTo(ctx, [][]byte{p}, to)
	return err
}

// WriteBatchTo implements transport.PacketConn.
func (c *packetConn) WriteBatchTo(ctx context.Context, ps [][]byte, to wire.Address) (int, error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if err := c.ready(ctx); err != nil {
		return 0, err
	}
	to, err := numeric(wire.UDP, to)
	if err != nil {
		return 0, fmt.Errorf("write: %w", err)
	}
	defer c.net.step()
	for i, p := range ps {
		if len(p) > c.limit { // TRAN-005
			return i, fmt.Errorf("write: %w: %d bytes, limit %d", transport.ErrMessageTooLong, len(p), c.limit)
		}
		c.net.network.Send(c.net.now(), c.local, to, p)
	}
	return len(ps), nil
}

// Limit implements transport.PacketConn.
func (c *packetConn) Limit() int { return c.limit }

// LocalAddress implements transport.PacketConn.
func (c *packetConn) LocalAddress() wire.Address { return c.local }

// Close implements transport.PacketConn.
func (c *packetConn) Close() error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.ready(context.Background()) == nil {
		close(c.closed)
		c.box.clear()
		delete(c.net.packets, c.local)
	}
	return nil
}
