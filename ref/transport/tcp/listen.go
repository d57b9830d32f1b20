package tcp

import (
	"context"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/internal/stream"
	"ockamtest/ref/wire"
)

// Listen listens on a TCP address; port 0 lets the system choose one. IPv4 addresses listen on IPv4 alone, [::] on both. Of cfg it
// uses Limit and Shared. What the listener accepts is a transport.BatchWriter.
func Listen(ctx context.Context, address wire.Address, cfg Config) (transport.Listener, error) {
	acceptor, err := stream.Listen(ctx, address)
	if err != nil {
		return nil, err
	}
	shared := cfg.Shared
	if shared == nil {
		shared = new(Shared)
	}
	return &listener{acceptor, stream.Config{Limit: cfg.Limit, Shared: shared}}, nil
}

// A listener accepts connections that carry frames.
type listener struct {
	*stream.Acceptor
	cfg stream.Config
}

// Accept implements transport.Listener. While the system is out of descriptors or memory it waits and tries again, so that an end point
// keeps accepting (TRAN-021).
func (l *listener) Accept(ctx context.Context) (transport.Conn, error) {
	nc, err := l.Acceptor.Accept(ctx)
	if err != nil {
		return nil, err
	}
	return stream.New(nc, l.cfg), nil
}
