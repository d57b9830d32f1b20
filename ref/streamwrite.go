package ref

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/ref/channel"
	"ockamtest/ref/transport"
)

// WriteMessage implements engine.
func (c *stream) WriteMessage(ctx context.Context, p []byte, routes Routes) error {
	if err := c.beginWrite(ctx); err != nil {
		return err
	}
	defer c.endWrite(len(p))
	out, err := c.seal(c.out[:0], p, routes)
	if err != nil {
		return err
	}
	c.out = out[:0]
	if err := c.conn.Write(ctx, out); err != nil {
		return c.unsent(ctx, err)
	}
	return nil
}

// WriteBatch implements engine.
func (c *stream) WriteBatch(ctx context.Context, ps [][]byte) error {
	if err := c.beginWrite(ctx); err != nil {
		return err
	}
	defer c.endWrite(batchBytes)
	for len(ps) > 0 {
		n, refused := c.sealBatch(ps)
		if err := transport.WriteBatch(ctx, c.conn, c.batch); err != nil {
			return c.unsent(ctx, err)
		}
		if refused != nil {
			return refused
		}
		ps = ps[n:]
	}
	return nil
}

// sealBatch encrypts the first messages of ps into c.batch, about batchBytes of them, and returns how many. One that is refused ends the batch.
func (c *stream) sealBatch(ps [][]byte) (n int, refused error) {
	size := 0
	for n < len(ps) && (n == 0 || size+len(ps[n]) <= batchBytes) {
		size += len(ps[n]) + messageGrowth
		n++
	}
	if cap(c.out) < size {
		c.out = make([]byte, 0, size) // once: a message that does not move can be sent from where it was encrypted
	}
	out, batch := c.out[:0], c.batch[:0]
	for _, p := range ps[:n] {
		start := len(out)
		if out, refused = c.seal(out, p, Routes{}); refused != nil {
			break
		}
		batch = append(batch, out[start:len(out):len(out)])
	}
	c.batch = batch
	return n, refused
}

// seal encrypts one message behind dst.
func (c *stream) seal(dst, p []byte, routes Routes) ([]byte, error) {
	c.mu.Lock()
	out, err := c.ch.WriteRouted(dst, p, routes.Onward, routes.Return)
	failed := c.ch.State() == channel.Failed
	c.mu.Unlock()
	switch {
	case err != nil && failed:
		return nil, c.end(err)
	case err != nil:
		return nil, writeError(err)
	}
	return out, nil
}

// beginWrite waits for other writers, unless the channel has ended.
func (c *stream) beginWrite(ctx context.Context) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	select {
	case c.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// endWrite lets the next writer go on. A large buffer is given back after some writes in a row that did not need it.
func (c *stream) endWrite(size int) {
	if c.idle++; size > smallInbox {
		c.idle = 0
	}
	if c.idle > smallRun && cap(c.out) > 2*smallInbox {
		c.out, c.batch = nil, nil
	}
	clear(c.batch)
	<-c.writing
}

// unsent fails the channel, for the counter of a message is spent that did not leave (REC-003). When ctx has ended that is a timeout of
// this call, and of no later one (IO-003).
func (c *stream) unsent(ctx context.Context, err error) error {
	if ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
		return c.end(err)
	}
	ended := c.end(fmt.Errorf("write: %w", transport.ErrGivenUp))
	if errors.Is(ended, transport.ErrGivenUp) {
		return fmt.Errorf("%w: %w", ended, ctx.Err())
	}
	return ended
}
