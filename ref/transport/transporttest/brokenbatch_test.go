package transporttest

import (
	"bytes"
	"context"
	"slices"
	"time"

	"ockamtest/ref/transport"
)

type batchFault func(c transport.Conn, ctx context.Context, ps [][]byte) error

type faultyBatcher struct {
	transport.Conn
	fault batchFault
}

func (f faultyBatcher) WriteBatch(ctx context.Context, ps [][]byte) error {
	return f.fault(f.Conn, ctx, ps)
}

func mergeBatch(c transport.Conn, ctx context.Context, ps [][]byte) error {
	joined := bytes.Join(ps, nil)
	return c.Write(ctx, joined[:min(len(joined), c.Limit())])
}

func reverseBatch(c transport.Conn, ctx context.Context, ps [][]byte) error {
	ps = slices.Clone(ps)
	slices.Reverse(ps)
	return transport.WriteBatch(ctx, c, ps)
}

func tooLong(c transport.Conn) func(p []byte) bool {
	return func(p []byte) bool { return len(p) > c.Limit() }
}

func refuseBatch(c transport.Conn, ctx context.Context, ps [][]byte) error {
	if slices.ContainsFunc(ps, tooLong(c)) {
		return transport.ErrMessageTooLong
	}
	return transport.WriteBatch(ctx, c, ps)
}

func skipLong(c transport.Conn, ctx context.Context, ps [][]byte) error {
	rest := slices.DeleteFunc(slices.Clone(ps), tooLong(c))
	if err := transport.WriteBatch(ctx, c, rest); err != nil || len(rest) == len(ps) {
		return err
	}
	return transport.ErrMessageTooLong
}

func sendBatchLater(c transport.Conn, ctx context.Context, ps [][]byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ps = slices.Clone(ps)
	time.AfterFunc(time.Microsecond, func() { _ = transport.WriteBatch(ctx, c, ps) })
	return nil
}
