package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// DefaultTimeout bounds one attempt to connect, the look-up of a name included (WIRE-014), unless the dialer has a timeout.
const DefaultTimeout = 10 * time.Second

// Dialer is base, the zero net.Dialer if nil, with DefaultTimeout if it has none. It asks Permit about each numeric address before it
// connects to it. This and the other functions of this file are for transports over the system's sockets.
func Dialer(base *net.Dialer, allow func(netip.AddrPort) bool) net.Dialer {
	var d net.Dialer
	if base != nil {
		d = *base
	}
	if d.Timeout == 0 {
		d.Timeout = DefaultTimeout
	}
	control, controlContext := d.Control, d.ControlContext
	d.ControlContext = func(ctx context.Context, network, address string, c syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrAddress, err)
		}
		if err := Permit(ap, allow); err != nil {
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

// Interrupt lets the end of ctx end a blocked call on a connection or listener, through the deadline that set sets. The function that
// it returns undoes it after the call: no goroutine and no deadline is left behind (IO-006).
func Interrupt(ctx context.Context, set func(time.Time) error) (done func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(fired)
		_ = set(time.Unix(1, 0)) // fails only when closed, and then the call ends anyway
	})
	return func() {
		if !stop() {
			<-fired
			_ = set(time.Time{})
		}
	}
}
