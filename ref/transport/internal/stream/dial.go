package stream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A DialConfig configures Dial.
type DialConfig struct {
	// Retry tells how failed attempts are repeated (TRAN-020). A refused address is not tried again.
	Retry transport.Retry
	// Allow and Dialer are those of transport.Dialer.
	Allow  func(netip.AddrPort) bool
	Dialer *net.Dialer
	// Secure makes the connection of an attempt ready and closes it if it fails; nil leaves it as it is.
	Secure func(ctx context.Context, nc net.Conn) (net.Conn, error)
	// Final reports whether another attempt would fail like the one that gave err; nil means never.
	Final func(err error) bool
}

// Dial connects to remote, a TCP address with an IP address or a DNS name, which is looked up anew for each attempt. When ctx ends
// first, the error wraps ctx.Err() and that of the last attempt.
func Dial(ctx context.Context, remote wire.Address, cfg DialConfig) (net.Conn, error) {
	if cfg.Retry.Count < transport.Forever {
		return nil, fmt.Errorf("dial: %w: %d", ErrRetry, cfg.Retry.Count)
	}
	target, err := transport.HostPort(wire.TCP, remote)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	dialer := transport.Dialer(cfg.Dialer, cfg.Allow)
	for retries := 0; ; retries++ {
		nc, err := cfg.attempt(ctx, &dialer, target)
		if err == nil {
			return nc, nil
		}
		if cfg.final(err) || cfg.Retry.Count >= 0 && retries >= cfg.Retry.Count {
			return nil, fmt.Errorf("dial: %w", err)
		}
		if ended := wait(ctx, cfg.Retry.Interval); ended != nil {
			return nil, fmt.Errorf("dial: %w, last attempt: %w", ended, err)
		}
	}
}

func (cfg DialConfig) attempt(ctx context.Context, dialer *net.Dialer, target string) (net.Conn, error) {
	nc, err := dialer.DialContext(ctx, "tcp", target)
	if err != nil || cfg.Secure == nil {
		return nc, err
	}
	return cfg.Secure(ctx, nc)
}

func (cfg DialConfig) final(err error) bool {
	return errors.Is(err, transport.ErrAddress) || errors.Is(err, transport.ErrNotAllowed) || cfg.Final != nil && cfg.Final(err)
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
