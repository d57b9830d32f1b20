package tcp

import (
	"context"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/internal/stream"
	"ockamtest/ref/wire"
)

// Dial connects to remote, a TCP address with an IP address or a DNS name, as often as cfg.Retry says (TRAN-020). A name is looked up
// anew for each attempt, and the connection's RemoteAddress is numeric. When ctx ends first, the error wraps ctx.Err() and that of
// the last attempt. The connection is a transport.BatchWriter.
func Dial(ctx context.Context, remote wire.Address, cfg Config) (transport.Conn, error) {
	nc, err := stream.Dial(ctx, remote, stream.DialConfig{Retry: cfg.Retry, Allow: cfg.Allow, Dialer: cfg.Dialer})
	if err != nil {
		return nil, err
	}
	return stream.New(nc, stream.Config{Limit: cfg.Limit, Shared: cfg.Shared}), nil
}
