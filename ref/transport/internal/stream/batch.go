package stream

import (
	"context"
	"encoding/binary"

	"ockamtest/ref/transport"
)

// WriteBatch implements transport.BatchWriter. Short messages are collected in a buffer that leaves when it is full and at the end; a
// message that does not fit behind them leaves with them, without being copied. One that is too long ends the batch: those before it
// are sent, none behind it, and the connection goes on.
func (c *Conn) WriteBatch(ctx context.Context, ps [][]byte) error {
	if err := c.beginWrite(ctx); err != nil {
		return err
	}
	defer c.endWrite()
	b := batch{carrier: c.carrier, buf: c.shared.buffers.get(largeBuffer)[:0]}
	defer func() { c.shared.buffers.put(b.buf) }()
	var refused error
	for _, p := range ps {
		if refused = c.checkLength(p); refused != nil {
			break
		}
		if err := b.add(ctx, p); err != nil {
			return c.writeError(ctx, err, b.sent)
		}
	}
	if err := b.flush(ctx, nil); err != nil {
		return c.writeError(ctx, err, b.sent)
	}
	return refused
}

// A batch is frames on their way into one write.
type batch struct {
	carrier carrier
	buf     []byte // frames that have not left; its capacity is the bound
	sent    int    // bytes that have left
}

func (b *batch) add(ctx context.Context, p []byte) error {
	room := cap(b.buf) - len(b.buf) - transport.FrameHeader
	if len(p) > room && (len(p) < largeBuffer/4 || room < 0) {
		if err := b.flush(ctx, nil); err != nil {
			return err
		}
		room = cap(b.buf) - transport.FrameHeader
	}
	b.buf = binary.BigEndian.AppendUint16(b.buf, uint16(len(p)))
	if len(p) > room {
		return b.flush(ctx, p)
	}
	b.buf = append(b.buf, p...)
	return nil
}

// flush writes what was collected, and the body p behind it.
func (b *batch) flush(ctx context.Context, p []byte) error {
	if len(b.buf) == 0 {
		return nil
	}
	n, err := b.carrier.write(ctx, b.buf, p)
	b.sent += n
	b.buf = b.buf[:0]
	return err
}
