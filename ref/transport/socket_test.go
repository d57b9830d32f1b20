package transport_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref/transport"
)

// IO-006: an interrupted call leaves neither a deadline nor a goroutine behind, also when the context ends as the call does.
func TestInterruptLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which waits for every goroutine
		var deadline time.Time
		set := func(d time.Time) error { deadline = d; return nil }
		for _, ends := range []bool{false, true} {
			ctx, cancel := context.WithCancel(context.Background())
			done := transport.Interrupt(ctx, set)
			if ends {
				cancel()
			}
			done()
			cancel()
			synctest.Wait()
			if !deadline.IsZero() {
				t.Errorf("context ends during the call %v: the deadline is left at %v", ends, deadline)
			}
		}
	})
}

// WIRE-014: an attempt has a deadline unless the dialer brings one.
func TestDialerTimeout(t *testing.T) {
	for _, test := range []struct {
		dialer *net.Dialer
		want   time.Duration
	}{{nil, transport.DefaultTimeout}, {&net.Dialer{}, transport.DefaultTimeout}, {&net.Dialer{Timeout: 3}, 3}} {
		if d := transport.Dialer(test.dialer, nil); d.Timeout != test.want {
			t.Errorf("got %v, want %v", d.Timeout, test.want)
		}
	}
}

// WIRE-013, WIRE-014: the dialer asks about each address, first itself, then the rule, then the control function of its base.
func TestDialerPermits(t *testing.T) {
	errBase := errors.New("refused by the base")
	bases := map[string]*net.Dialer{
		"control":         {Control: func(string, string, syscall.RawConn) error { return errBase }},
		"control context": {ControlContext: func(context.Context, string, string, syscall.RawConn) error { return errBase }},
	}
	for name, base := range bases {
		for address, want := range map[string]error{
			"192.0.2.1:0": transport.ErrAddress, "[fe80::1%eth0]:4000": transport.ErrAddress, "nonsense": transport.ErrAddress,
			"192.0.2.2:4000": transport.ErrNotAllowed, "[::ffff:192.0.2.2]:4000": transport.ErrNotAllowed,
			"192.0.2.1:4000": errBase, "[2001:db8::1]:4000": errBase,
		} {
			forbidden := netip.MustParseAddr("192.0.2.2")
			d := transport.Dialer(base, func(ap netip.AddrPort) bool { return ap.Addr() != forbidden })
			if err := d.ControlContext(t.Context(), "udp", address, nil); !errors.Is(err, want) {
				t.Errorf("%s, %s: got %v, want %v", name, address, err, want)
			}
		}
	}
	d := transport.Dialer(nil, nil)
	if err := d.ControlContext(t.Context(), "udp", "192.0.2.2:4000", nil); err != nil {
		t.Errorf("no rule: got %v, want nil", err)
	}
}
