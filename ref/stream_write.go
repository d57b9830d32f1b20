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
	if err := c.ready(ctx); err != nil {
		return err
	}
	if err := c.out.begin(ctx); err != nil {
		return err
	}
	defer c.out.end(len(p))
	msg, err := c.out.one(c.seal, p, routes)
	if err != nil {
		return err
	}
	if err := c.conn.Write(ctx, msg); err != nil {
		return c.unsent(ctx, err)
	}
	return nil
}

// WriteBatch implements engine.
func (c *stream) WriteBatch(ctx context.Context, ps [][]byte) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	if err := c.out.begin(ctx); err != nil {
		return err
	}
	defer c.out.end(batchBytes)
	for len(ps) > 0 {
		msgs, n, refused := c.out.some(c.seal, ps)
		if err := transport.WriteBatch(ctx, c.conn, msgs); err != nil {
			return c.unsent(ctx, err)
		}
		if refused != nil {
			return refused
		}
		ps = ps[n:]
	}
	return nil
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
