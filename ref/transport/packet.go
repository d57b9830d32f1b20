package transport

import (
	"context"

	"ockamtest/ref/wire"
)

// Longest messages over UDP in bytes (REC-010).
const (
	MaxDatagram4 = 65507 // over IPv4
	MaxDatagram6 = 65527 // over IPv6
)

// DatagramLimit is the longest message over UDP to an address, in bytes.
func DatagramLimit(a wire.Address) int {
	if _, ok := a.Canonical().IP6(); ok {
		return MaxDatagram6
	}
	return MaxDatagram4
}

// A PacketConn sends and receives datagrams, each one message with the transport address of its other end (TRAN-010). UDP and the
// simulated network implement it; Sources makes a Listener of it, whose connections have one remote address each.
type PacketConn interface {
	// ReadFrom reads the next datagram into p. One that is longer than p, or than the receiver's limit, is dropped whole and never
	// returned in part (TRAN-011). An empty datagram is (0, from, nil). When ctx ends first it returns ctx.Err() and loses nothing
	// (IO-006). An error that one datagram caused, such as an ICMP message about an earlier one, is not returned: it ends nothing
	// (TRAN-013). One goroutine reads at a time.
	ReadFrom(ctx context.Context, p []byte) (n int, from wire.Address, err error)
	// WriteTo sends p as one datagram to a numeric address, len(p) from 0 to Limit. It keeps no reference to p. Nil does not tell that it
	// arrived. A longer one is ErrMessageTooLong, an address that is never sent to ErrAddress (WIRE-013). It is safe for concurrent use.
	WriteTo(ctx context.Context, p []byte, to wire.Address) error
	// WriteBatchTo sends each of ps as one datagram, in order, with as few system calls as the system allows. n is how many were sent
	// when err is not nil.
	WriteBatchTo(ctx context.Context, ps [][]byte, to wire.Address) (n int, err error)

	// Limit is the longest datagram in bytes that WriteTo accepts.
	Limit() int
	// LocalAddress is the address bound, with the port that the system chose.
	LocalAddress() wire.Address
	// Close releases the socket; blocked and later calls return ErrClosed. Closing twice is harmless (TRAN-022).
	Close() error
}

// A BatchWriter is a Writer that sends several messages at once. It is optional; see WriteBatch.
type BatchWriter interface {
	Writer
	// WriteBatch sends each of ps as one message, in order, in as few segments as the network allows. A message that is too long ends
	// the batch: those before it are sent, none behind it. A batch that fails after bytes have left fails the connection.
	WriteBatch(ctx context.Context, ps [][]byte) error
}

// WriteBatch sends each of ps as one message, in order: at once if w is a BatchWriter, else one by one until one fails.
func WriteBatch(ctx context.Context, w Writer, ps [][]byte) error {
	if b, ok := w.(BatchWriter); ok {
		return b.WriteBatch(ctx, ps)
	}
	for _, p := range ps {
		if err := w.Write(ctx, p); err != nil {
			return err
		}
	}
	return nil
}
