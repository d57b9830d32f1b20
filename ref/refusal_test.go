package ref_test

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// Where nobody can be dialled, or nothing listened at, the error says so. No secret, descriptor, or goroutine is left.
func TestAddressesRefused(t *testing.T) {
	v1 := profile.V1()
	cfg, _, live := newCounted(t)
	cfg.HandshakeTimeout = 400 * time.Millisecond
	cfg.TCP.Allow = func(ap netip.AddrPort) bool { return ap.Port() != 666 }
	cfg.UDP.Allow = cfg.TCP.Allow
	v1live := live()
	files, goroutines := openFiles(t), runtime.NumGoroutine()
	four, local := at(wire.UDP), wire.LocalAddress([]byte("worker"))
	dialled := 0
	for name, test := range map[string]struct {
		profile profile.Profile
		route   wire.Route
		want    error
	}{
		"no route":               {v1, nil, ref.ErrConfig},
		"zero":                   {v1, wire.Route{{}}, transport.ErrAddress},
		"local":                  {v1, wire.Route{local}, transport.ErrAddress},
		"local twice":            {v1, wire.Route{local, local}, ref.ErrConfig},
		"UDP, port 0":            {v1, wire.Route{four}, transport.ErrAddress},
		"TCP, port 0":            {v1, wire.Route{at(wire.TCP)}, transport.ErrAddress},
		"route, UDP, port 0":     {v1, wire.Route{four, local}, transport.ErrAddress},
		"route, TCP, port 0":     {v1, wire.Route{at(wire.TCP), local}, transport.ErrAddress},
		"UDP, not allowed":       {v1, wire.Route{four.WithPort(666)}, transport.ErrNotAllowed},
		"TCP, not allowed":       {v1, wire.Route{at(wire.TCP).WithPort(666)}, transport.ErrNotAllowed},
		"route, not allowed":     {v1, wire.Route{at(wire.TCP).WithPort(666), local}, transport.ErrNotAllowed},
		"bad name":               {v1, wire.Route{wire.TCPAddressDNS("no such name", 1), local}, transport.ErrAddress},
		"bad second address":     {v1, wire.Route{four.WithPort(9), wire.UDPAddressDNS("no such name", 1)}, ref.ErrConfig},
		"nobody, UDP":            {v1, wire.Route{four.WithPort(9)}, channel.ErrDeadline},
		"nobody, route, UDP":     {v1, wire.Route{four.WithPort(9), local}, channel.ErrDeadline},
		"nobody, route, TCP":     {v1, wire.Route{at(wire.TCP).WithPort(9), local}, ref.ErrUnreachable},
		"e09 to a node":          {profile.E09(), wire.Route{four.WithPort(9)}, ref.ErrConfig},
		"c010 to a local one":    {profile.C010(), wire.Route{four.WithPort(9), local}, ref.ErrConfig},
		"c010 over TCP":          {profile.C010(), wire.Route{at(wire.TCP).WithPort(9)}, ref.ErrConfig},
		"c010 by a TCP router":   {profile.C010(), wire.Route{at(wire.TCP).WithPort(9), four.WithPort(9)}, ref.ErrConfig},
		"c09 by a UDP router":    {profile.C09(), wire.Route{four.WithPort(9), four.WithPort(9)}, ref.ErrConfig},
		"c09 by a TCP router":    {profile.C09(), wire.Route{at(wire.TCP).WithPort(9), four.WithPort(9)}, ref.ErrConfig},
		"c09 to nobody":          {profile.C09(), wire.Route{four.WithPort(9)}, channel.ErrDeadline},
		"as many as are encoded": {v1, append(make(wire.Route, 0, 256), longRoute(256)...), wire.ErrTooMany},
	} {
		own := cfg
		if own.Profile = test.profile; test.profile.StaticKey == profile.PerHandshake {
			own.Static = vault.Secret{}
		}
		c, err := ref.DialRoute(t.Context(), test.route, own)
		if c != nil || !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, %v, want %v", name, c, err, test.want)
		}
		dialled++
	}
	for name, test := range map[string]struct {
		profile profile.Profile
		address wire.Address
		want    error // nil: any
	}{
		"zero":           {v1, wire.Address{}, transport.ErrAddress},
		"local":          {v1, local, transport.ErrAddress},
		"no such host":   {v1, wire.UDPAddress4([4]byte{192, 0, 2, 1}, 0), nil},
		"no such host 2": {v1, wire.TCPAddress4([4]byte{192, 0, 2, 1}, 0), nil},
		"c010 over TCP":  {profile.C010(), at(wire.TCP), ref.ErrConfig},
		"e09 at a node":  {profile.E09(), at(wire.UDP), ref.ErrConfig},
	} {
		own := cfg
		own.Profile = test.profile
		l, err := ref.Listen(t.Context(), test.address, ref.ListenConfig{Config: own})
		if l != nil || err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("Listen, %s: got %v, %v, want %v", name, l, err, test.want)
		}
		dialled++
	}
	if dialled != 24+6 {
		t.Errorf("%d cases, want 30", dialled)
	}
	if live() != v1live {
		t.Errorf("%d secrets before, %d after", v1live, live())
	}
	settles(t, "descriptors", files, func() int { return openFiles(t) })
	settles(t, "goroutines", goroutines, runtime.NumGoroutine)
}

// longRoute is n hops.
func longRoute(n int) (route wire.Route) {
	for i := range n {
		route = append(route, at(wire.UDP).WithPort(uint16(1000+i)))
	}
	return route
}

// A context that has ended keeps everything from starting. No secret, descriptor, or goroutine is left.
func TestEndedContext(t *testing.T) {
	cfg, _, live := newCounted(t)
	n := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP), at(wire.TCP)}})
	l, err := n.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := openWorker(t, n, "worker")
	before, files, goroutines := live(), openFiles(t), runtime.NumGoroutine()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errNobody)
	nobody := wire.LocalAddress([]byte("nobody"))
	calls := map[string]func() error{
		"Accept":  func() error { _, err := l.Accept(ctx); return err },
		"Receive": func() error { _, err := w.Receive(ctx); return err },
		"Initiate": func() error {
			i, r := transport.Pipe(transport.PipeConfig{})
			defer r.Close()
			_, err := ref.Initiate(ctx, i, cfg)
			return err
		},
		"Respond": func() error {
			i, r := datagrams()
			defer r.Close()
			_, err := ref.Respond(ctx, i, cfg)
			return err
		},
	}
	for _, a := range n.Addresses() {
		name := a.String()[:3]
		calls["Dial "+name] = func() error { _, err := ref.Dial(ctx, a, cfg); return err }
		calls["DialRoute "+name] = func() error { _, err := ref.DialRoute(ctx, wire.Route{a, nobody}, cfg); return err }
		calls["Node.Dial "+name] = func() error { _, err := n.Dial(ctx, wire.Route{a}, cfg); return err }
		calls["Ping "+name] = func() error { return n.Ping(ctx, wire.Route{a}) }
	}
	if len(calls) != 12 {
		t.Errorf("%d calls, want 12", len(calls))
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, context.Canceled) && !errors.Is(err, errNobody) { // or the cause, where the error is a handshake's
			t.Errorf("%s: got %v, want Canceled", name, err)
		}
	}
	if live() != before {
		t.Errorf("%d secrets before, %d after", before, live())
	}
	settles(t, "descriptors", files+2, func() int { return openFiles(t) }) // the node may keep a connection to itself
	settles(t, "goroutines", goroutines+4, runtime.NumGoroutine)
}
