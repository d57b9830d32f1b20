package tcp_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/wire"
)

var errRefused = errors.New("refused by the test")

// attempts is a dialer whose attempts fail at once, and the times since the first.
func attempts(onAttempt func(n int)) (*net.Dialer, *[]time.Duration) {
	var times []time.Duration
	var start time.Time
	return &net.Dialer{Control: func(string, string, syscall.RawConn) error {
		if len(times) == 0 {
			start = time.Now()
		}
		times = append(times, time.Since(start))
		onAttempt(len(times))
		return errRefused
	}}, &times
}

// TRAN-020: the number of attempts, the interval between them, and none after the last.
func TestRetry(t *testing.T) {
	s := func(n int) time.Duration { return time.Duration(n) * time.Second }
	for name, test := range map[string]struct {
		retry    transport.Retry
		cancelAt int // attempt during which the caller gives up
		want     []time.Duration
		took     time.Duration
		err      error
	}{
		"zero value":         {transport.Retry{}, 0, []time.Duration{0}, 0, errRefused},
		"count 0":            {transport.Retry{Interval: s(7)}, 0, []time.Duration{0}, 0, errRefused},
		"count 3":            {transport.Retry{Count: 3, Interval: s(7)}, 0, []time.Duration{0, s(7), s(14), s(21)}, s(21), errRefused},
		"count 2, no pause":  {transport.Retry{Count: 2}, 0, []time.Duration{0, 0, 0}, 0, errRefused},
		"for ever":           {transport.Retry{Count: transport.Forever, Interval: s(60)}, 3, []time.Duration{0, s(60), s(120)}, s(120), context.Canceled},
		"cancelled, count 9": {transport.Retry{Count: 9, Interval: s(1)}, 2, []time.Duration{0, s(1)}, s(1), context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				dialer, times := attempts(func(n int) {
					if n == test.cancelAt {
						cancel()
					}
				})
				start := time.Now()
				conn, err := tcp.Dial(ctx, wire.TCPAddress4([4]byte{127, 0, 0, 1}, 9), tcp.Config{Retry: test.retry, Dialer: dialer})
				if conn != nil || !errors.Is(err, test.err) || !errors.Is(err, errRefused) {
					t.Errorf("got %v, %v, want %v and the last attempt's error", conn, err, test.err)
				}
				if took := time.Since(start); took != test.took || !slices.Equal(*times, test.want) {
					t.Errorf("attempts after %v, took %v, want %v and %v", *times, took, test.want, test.took)
				}
			})
		})
	}
}

// TRAN-020: -1 is for ever; what is below it is no count.
func TestRetryCount(t *testing.T) {
	dialer, times := attempts(func(int) {})
	cfg := tcp.Config{Retry: transport.Retry{Count: transport.Forever - 1}, Dialer: dialer}
	conn, err := tcp.Dial(t.Context(), wire.TCPAddress4([4]byte{127, 0, 0, 1}, 9), cfg)
	if conn != nil || !errors.Is(err, tcp.ErrRetry) || len(*times) != 0 {
		t.Errorf("got %v, %v after %d attempts, want ErrRetry after none", conn, err, len(*times))
	}
}

// TRAN-020: cancelling ends a pause at once.
func TestRetryCancelledInPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		dialer, times := attempts(func(int) {})
		start := time.Now()
		retry := transport.Retry{Count: transport.Forever, Interval: time.Minute}
		_, err := tcp.Dial(ctx, wire.TCPAddress4([4]byte{127, 0, 0, 1}, 9), tcp.Config{Retry: retry, Dialer: dialer})
		if !errors.Is(err, context.DeadlineExceeded) || len(*times) != 2 || time.Since(start) != 90*time.Second {
			t.Errorf("got %v after %d attempts and %v, want a timeout after 2 and 90s", err, len(*times), time.Since(start))
		}
	})
}

// TRAN-020: a retry succeeds once somebody listens.
func TestRetrySucceeds(t *testing.T) {
	l := listen(t, tcp.Config{})
	failures := 2
	dialer := &net.Dialer{Control: func(string, string, syscall.RawConn) error {
		if failures--; failures >= 0 {
			return errRefused
		}
		return nil
	}}
	conn, err := tcp.Dial(t.Context(), l.Address(), tcp.Config{Retry: transport.Retry{Count: 2}, Dialer: dialer})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// WIRE-013, WIRE-014: addresses that are never sent to, and those that the rule refuses; no attempt follows.
func TestRefusedAddresses(t *testing.T) {
	loopbackOnly := func(ap netip.AddrPort) bool { return ap.Addr().IsLoopback() }
	for name, test := range map[string]struct {
		address wire.Address
		want    error
	}{
		"zero":         {wire.Address{}, tcp.ErrAddress},
		"local":        {wire.LocalAddress([]byte("worker")), tcp.ErrAddress},
		"udp":          {wire.UDPAddress4([4]byte{127, 0, 0, 1}, 9), tcp.ErrAddress},
		"port 0":       {wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0), tcp.ErrAddress},
		"name, port 0": {wire.TCPAddressDNS("localhost", 0), tcp.ErrAddress},
		"link-local":   {wire.TCPAddress6([16]byte{0: 0xfe, 1: 0x80, 15: 1}, 9), tcp.ErrAddress},
		"bad name":     {wire.TCPAddressDNS("no such name", 9), tcp.ErrAddress},
		"empty name":   {wire.TCPAddressDNS("", 9), tcp.ErrAddress},
		"not allowed":  {wire.TCPAddress4([4]byte{192, 0, 2, 1}, 9), tcp.ErrNotAllowed},
		"mapped":       {wire.TCPAddress6([16]byte{10: 0xff, 11: 0xff, 12: 192, 14: 2, 15: 1}, 9), tcp.ErrNotAllowed},
	} {
		dialer, times := attempts(func(int) {})
		cfg := tcp.Config{Allow: loopbackOnly, Dialer: dialer, Retry: transport.Retry{Count: 5, Interval: time.Hour}}
		conn, err := tcp.Dial(t.Context(), test.address, cfg)
		if conn != nil || !errors.Is(err, test.want) || len(*times) != 0 {
			t.Errorf("%s: got %v, %v after %d attempts, want %v and none", name, conn, err, len(*times), test.want)
		}
	}
}

// WIRE-014: a name is looked up when it is dialed, the rule sees numbers, and the connection's addresses are numeric.
func TestDialName(t *testing.T) {
	l := listen(t, tcp.Config{})
	var asked []netip.AddrPort
	conn, err := tcp.Dial(t.Context(), wire.TCPAddressDNS("localhost", l.Address().Port()), tcp.Config{
		Allow: func(ap netip.AddrPort) bool { asked = append(asked, ap); return ap.Addr().Is4() },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if conn.RemoteAddress() != l.Address() {
		t.Errorf("remote address %v, want %v", conn.RemoteAddress(), l.Address())
	}
	want, _ := tcp.AddrPort(l.Address())
	if !slices.Contains(asked, want) {
		t.Errorf("the rule was asked about %v, want %v among them", asked, want)
	}
}

// WIRE-014: a look-up ends with the attempt, also when the caller sets no deadline. (The resolver of package net does not run in
// virtual time.)
func TestLookUpHasDeadline(t *testing.T) {
	var looked atomic.Int32
	silent := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		looked.Add(1)
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	conn, err := tcp.Dial(context.Background(), wire.TCPAddressDNS("silent.example", 9), tcp.Config{
		Dialer: &net.Dialer{Resolver: silent, Timeout: 200 * time.Millisecond},
	})
	if conn != nil || err == nil || looked.Load() == 0 {
		t.Errorf("got %v, %v after %d look-ups, want an error", conn, err, looked.Load())
	}
}
