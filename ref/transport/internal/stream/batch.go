package stream

import (
	"context"
	"encoding/binary"

	"ockamtest/ref/transport"
)

const (
	// batchCopied is the longest message that is copied; others leave from where they are.
	batchCopied = 4 << 10
	// batchParts is in how many pieces a batch leaves at most.
	batchParts = 64
)

// WriteBatch implements transport.BatchWriter. A message that is too long ends the batch: those before it are sent, none behind it, and
// the connection goes on.
func (c *Conn) WriteBatch(ctx context.Context, ps [][]byte) error {
	if err := c.beginWrite(ctx); err != nil {
		return err
	}
	defer c.endWrite()
	b := c.shared.buffers.batch()
	defer c.shared.buffers.putBatch(b)
	b.carrier = c.carrier
	var refused error
	for _, p := range ps {
		if refused = c.checkLength(p); refused != nil {
			break
		}
		if err := b.add(ctx, p); err != nil {
			return c.writeError(ctx, err, b.sent)
		}
	}
	if err := b.flush(ctx); err != nil {
		return c.writeError(ctx, err, b.sent)
	}
	return refused
}

// A batch is frames on their way into one write.
type batch struct {
	carrier carrier
	sent    int // bytes that have left

	parts [batchParts][]byte // what is to leave; the last is still growing if open is true
	count int
	open  bool
	buf   [mediumBuffer]byte // lengths, and messages that are copied
	used  int                // of buf
}

// add adds a frame. What there is no room for lets the frames before it leave.
func (b *batch) add(ctx context.Context, p []byte) error {
	copied := len(p) <= batchCopied
	need := transport.FrameHeader
	if copied {
		need += len(p)
	}
	if b.used+need > len(b.buf) || b.count+2 > len(b.parts) {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	if !b.open {
		b.parts[b.count] = b.buf[b.used:b.used]
		b.count++
		b.open = true
	}
	part := &b.parts[b.count-1]
	*part = binary.BigEndian.AppendUint16(*part, uint16(len(p)))
	if copied {
		*part = append(*part, p...)
	} else {
		b.parts[b.count] = p
		b.count++
		b.open = false
	}
	b.used += need
	return nil
}

// flush writes what was added.
func (b *batch) flush(ctx context.Context) error {
	if b.count == 0 {
		return nil
	}
	n, err := b.carrier.write(ctx, b.parts[:b.count])
	b.sent += n
	clear(b.parts[:b.count])
	b.count, b.open, b.used = 0, false, 0
	return err
}

// batch returns an empty batch.
func (b *buffers) batch() *batch {
	if out, ok := b.batches.Get().(*batch); ok {
		return out
	}
	return new(batch)
}

// putBatch takes back a batch, of which nothing is left.
func (b *buffers) putBatch(out *batch) {
	clear(out.parts[:out.count])
	out.carrier, out.sent, out.count, out.open, out.used = nil, 0, 0, false, 0
	b.batches.Put(out)
}
