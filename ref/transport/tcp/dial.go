package tcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

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
	target, err := hostPort(remote)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	dialer := cfg.dialer()
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

// dialer is the configured dialer with a timeout, which asks about each numeric address before it connects.
func (cfg Config) dialer() net.Dialer {
	var d net.Dialer
	if cfg.Dialer != nil {
		d = *cfg.Dialer
	}
	if d.Timeout == 0 {
		d.Timeout = DefaultTimeout
	}
	control, controlContext := d.Control, d.ControlContext
	d.ControlContext = func(ctx context.Context, network, address string, c syscall.RawConn) error {
		if err := permit(address, cfg.Allow); err != nil {
			return err
		}
		switch {
		case controlContext != nil:
			return controlContext(ctx, network, address, c)
		case control != nil:
			return control(network, address, c)
		}
		return nil
	}
	return d
}

// permit refuses numeric addresses that are never sent to (WIRE-013) or that the rule does not allow (WIRE-014).
func permit(address string, allow func(netip.AddrPort) bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAddress, err)
	}
	ap = netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	if !Address(ap).Sendable() {
		return fmt.Errorf("%w: %v", ErrAddress, ap)
	}
	if allow != nil && !allow(ap) {
		return fmt.Errorf("%w: %v", ErrNotAllowed, ap)
	}
	return nil
}
