package tcp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// Dial connects to remote, a TCP address with an IP address or a DNS name, as often as cfg.Retry says (TRAN-020). A name is looked up
// anew for each attempt, and the connection's RemoteAddress is numeric. When ctx ends first, the error wraps ctx.Err() and that of
// the last attempt.
func Dial(ctx context.Context, remote wire.Address, cfg Config) (transport.Conn, error) {
	if cfg.Retry.Count < transport.Forever {
		return nil, fmt.Errorf("dial: %w: %d", ErrRetry, cfg.Retry.Count)
	}
	target, err := transport.HostPort(wire.TCP, remote)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	dialer := transport.Dialer(cfg.Dialer, cfg.Allow)
	for retries := 0; ; retries++ {
		nc, err := dialer.DialContext(ctx, "tcp", target)
		if err == nil {
			return newConn(nc, cfg), nil
		}
		refused := errors.Is(err, ErrAddress) || errors.Is(err, ErrNotAllowed)
		if refused || cfg.Retry.Count >= 0 && retries >= cfg.Retry.Count {
			return nil, fmt.Errorf("dial: %w", err)
		}
		if ended := wait(ctx, cfg.Retry.Interval); ended != nil {
			return nil, fmt.Errorf("dial: %w, last attempt: %w", ended, err)
		}
	}
}

// wait waits for d, and less when ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
