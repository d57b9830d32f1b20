package udp

import (
	"context"
	"net"
	"net/netip"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A singleReceiver receives one datagram with a system call.
type singleReceiver struct {
	conn *net.UDPConn
	set  func(time.Time) error // its deadline
	buf  []byte                // made when it is used first
	size int                   // of buf: one byte more than the limit, so that a longer datagram shows (TRAN-011)

	n    int // bytes in buf
	from wire.Address
	full bool
}

func newSingleReceiver(conn *net.UDPConn, limit int) *singleReceiver {
	return &singleReceiver{conn: conn, set: conn.SetReadDeadline, size: limit + 1}
}

func (r *singleReceiver) receive(ctx context.Context) error {
	if r.buf == nil {
		r.buf = make([]byte, r.size)
	}
	done := transport.Interrupt(ctx, r.set)
	n, from, err := r.conn.ReadFromUDPAddrPort(r.buf)
	done()
	if err != nil {
		return err
	}
	r.n, r.from, r.full = n, Address(from), true
	return nil
}

func (r *singleReceiver) next() (b []byte, from wire.Address, ok bool) {
	if !r.full {
		return nil, wire.Address{}, false
	}
	r.full = false
	return r.buf[:r.n], r.from, true
}

// A singleSender sends one datagram with a system call.
type singleSender struct {
	conn      *net.UDPConn
	set       func(time.Time) error // its deadline
	connected bool
}

func newSingleSender(conn *net.UDPConn, connected bool) *singleSender {
	return &singleSender{conn, conn.SetWriteDeadline, connected}
}

func (s *singleSender) send(ctx context.Context, ps [][]byte, to netip.AddrPort) (int, error) {
	var err error
	done := transport.Interrupt(ctx, s.set)
	if s.connected {
		_, err = s.conn.Write(ps[0])
	} else {
		_, err = s.conn.WriteToUDPAddrPort(ps[0], to)
	}
	done()
	if err != nil {
		return 0, err
	}
	return 1, nil
}
