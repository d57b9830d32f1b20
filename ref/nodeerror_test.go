package ref_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// senders are the calls of a node that send along a route.
func senders(t *testing.T, n *ref.Node, cfg ref.Config) map[string]func(context.Context, wire.Route) error {
	t.Helper()
	w := openWorker(t, n, "sender")
	t.Cleanup(func() { w.Close() })
	return map[string]func(context.Context, wire.Route) error{
		"Dial": func(ctx context.Context, route wire.Route) error {
			c, err := n.Dial(ctx, route, cfg)
			if c != nil {
				t.Errorf("Dial has returned a connection and %v", err)
			}
			return err
		},
		"Ping": n.Ping,
		"Send": func(ctx context.Context, route wire.Route) error { return w.Send(ctx, route, []byte("hello")) },
	}
}

// WIRE-013, ROUT-004: a route that leads nowhere is refused, with an error that says whether it is the configuration's fault or the network's.
// Nothing is left behind.
func TestRoutesRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		cfg, _, live := newCounted(t)
		n := w.node(t, 1, func(cfg *ref.NodeConfig) {
			dial := cfg.Dial
			cfg.ConnectTimeout = time.Minute
			cfg.Dial = func(ctx context.Context, to wire.Address) (transport.Conn, error) {
				switch to {
				case host(8):
					<-ctx.Done()
					return nil, ctx.Err()
				case host(9):
					return nil, nil //nolint:nilnil // a dialer that is wrong
				}
				return dial(ctx, to)
			}
			cfg.Resolve = func(context.Context, string) ([]netip.Addr, error) { return nil, errNobody }
		})
		before := live()
		for what, send := range senders(t, n, cfg) {
			for name, test := range map[string]struct {
				first wire.Address
				want  []error
				took  time.Duration
			}{
				"zero":            {wire.Address{}, []error{ref.ErrConfig}, 0},
				"local":           {wire.LocalAddress([]byte("worker")), []error{ref.ErrConfig}, 0},
				"port 0":          {host(2).WithPort(0), []error{ref.ErrConfig, transport.ErrAddress}, 0},
				"unspecified":     {wire.TCPAddress4([4]byte{}, 1), []error{ref.ErrConfig, transport.ErrAddress}, 0},
				"multicast":       {wire.UDPAddress4([4]byte{224, 0, 0, 1}, 1), []error{ref.ErrConfig, transport.ErrAddress}, 0},
				"link-local":      {wire.UDPAddress6([16]byte{0: 0xfe, 1: 0x80, 15: 1}, 1), []error{ref.ErrConfig, transport.ErrAddress}, 0},
				"bad name":        {wire.TCPAddressDNS("no such name", 1), []error{ref.ErrConfig, transport.ErrAddress}, 0},
				"unknown name":    {wire.TCPAddressDNS("unknown.example", 1), []error{ref.ErrUnreachable, errNobody}, 0},
				"no socket":       {wire.UDPAddress4([4]byte{10, 0, 0, 2}, 1), []error{ref.ErrUnreachable}, 0},
				"nobody":          {host(7), []error{ref.ErrUnreachable, errNobody}, 0},
				"no answer":       {host(8), []error{ref.ErrUnreachable, context.DeadlineExceeded}, time.Minute},
				"no connection":   {host(9), []error{ref.ErrUnreachable}, 0},
				"no route at all": {},
			} {
				route := wire.Route{test.first, wire.LocalAddress([]byte("worker"))}
				if test.want == nil {
					route, test.want = nil, []error{ref.ErrConfig}
				}
				began := time.Now()
				err := send(t.Context(), route)
				for _, want := range test.want {
					if !errors.Is(err, want) {
						t.Errorf("%s, %s: got %v, want %v", what, name, err, want)
					}
				}
				if took := time.Since(began); took != test.took {
					t.Errorf("%s, %s: it took %v, want %v", what, name, took, test.took)
				}
			}
			// A caller who gives up hears that, also while the connection is being made.
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			began := time.Now()
			err := send(ctx, wire.Route{host(8), wire.LocalAddress([]byte("worker"))})
			cancel()
			if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ref.ErrUnreachable) || took != time.Second {
				t.Errorf("%s, given up: got %v after %v, want DeadlineExceeded after a second", what, err, took)
			}
			<-time.After(time.Minute) // until nobody connects
		}
		if live() != before {
			t.Errorf("%d secrets before, %d after", before, live())
		}
		closeNodes(t, n)
	})
}

// TRAN-022: every call of a node that was closed says so, and nothing else; also those that wait.
func TestClosedNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, _, live := newCounted(t)
		here, there := hubNodes(t)
		client, server := openNodes(t, here, there, cfg, cfg)
		before := live()
		nobody := wire.Route{wire.UDPAddress4([4]byte{10, 0, 0, 77}, 4000), wire.LocalAddress([]byte("worker"))}
		calls := map[string]func() error{
			"Listen": func() error {
				_, err := here.Listen(wire.LocalAddress([]byte("new")), ref.ListenConfig{Config: cfg})
				return err
			},
			"OpenWorker": func() error { _, err := here.OpenWorker(wire.LocalAddress([]byte("new"))); return err },
		}
		sends := senders(t, here, cfg)
		l, err := here.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		w := openWorker(t, here, "receiver")
		waits := map[string]func() error{
			"Accept":  func() error { _, err := l.Accept(t.Context()); return err },
			"Receive": func() error { _, err := w.Receive(t.Context()); return err },
			"Read":    func() error { _, err := client.Read(t.Context(), nil); return err },
		}
		for what, send := range sends {
			if call := func() error { return send(t.Context(), nobody) }; what == "Send" {
				calls[what] = call // it does not wait
			} else {
				waits[what] = call
			}
		}
		results := map[string]chan error{}
		for what, call := range waits {
			result := make(chan error, 1)
			results[what] = result
			go func() { result <- call() }()
			calls[what+" afterwards"] = call
		}
		calls["Write"] = func() error { return client.Write(t.Context(), nil) }
		calls["WriteBatch"] = func() error { return client.WriteBatch(t.Context(), [][]byte{nil, nil}) }
		synctest.Wait()
		closeNodes(t, here, here)
		for what, result := range results {
			if err := <-result; !errors.Is(err, transport.ErrClosed) || errors.Is(err, ref.ErrConfig) {
				t.Errorf("%s while the node closes: got %v, want ErrClosed", what, err)
			} else if what == "Dial" {
				refused{channel.StepWait, "", transport.ErrClosed}.check(t, err)
			}
		}
		for what, call := range calls {
			if err := call(); !errors.Is(err, transport.ErrClosed) || errors.Is(err, ref.ErrConfig) || errors.Is(err, ref.ErrUnreachable) {
				t.Errorf("%s: got %v, want ErrClosed", what, err)
			}
		}
		if err := errors.Join(l.Close(), w.Close(), client.Close(), server.Close()); err != nil {
			t.Error(err)
		}
		closeNodes(t, there)
		if got := live(); got >= before {
			t.Errorf("%d secrets with a channel, %d after", before, got)
		}
	})
}

// What makes no channel at a node is an error of the configuration. No secret is left.
func TestChannelsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := hubNodes(t)
		for name, change := range map[string]func(*ref.Config){
			"no vault":         func(c *ref.Config) { c.Vault = nil },
			"no static key":    func(c *ref.Config) { c.Static = vault.Secret{} },
			"no policy":        func(c *ref.Config) { c.Policy = nil },
			"timeout too long": func(c *ref.Config) { c.HandshakeTimeout = ref.MaxHandshakeTimeout + 1 },
			"other profile":    func(c *ref.Config) { c.Profile = profile.C010() },
			"negative queue":   func(c *ref.Config) { c.Queue = -1 },
			"window too small": func(c *ref.Config) { c.Window = 31 },
			"window too large": func(c *ref.Config) { c.Window = 1025 },
		} {
			cfg, _, live := newCounted(t)
			change(&cfg)
			before := live()
			if c, err := here.Dial(t.Context(), wire.Route{there.Addresses()[0]}, cfg); c != nil || !errors.Is(err, ref.ErrConfig) {
				t.Errorf("%s: Dial: got %v, %v, want ErrConfig", name, c, err)
			}
			if l, err := here.Listen(wire.Address{}, ref.ListenConfig{Config: cfg}); l != nil || !errors.Is(err, ref.ErrConfig) {
				t.Errorf("%s: Listen: got %v, %v, want ErrConfig", name, l, err)
			}
			if live() != before {
				t.Errorf("%s: %d secrets before, %d after", name, before, live())
			}
		}
		cfg, _ := newConfig(t)
		l, err := here.Listen(wire.LocalAddress([]byte("here")), ref.ListenConfig{Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := here.Listen(l.Address(), ref.ListenConfig{Config: cfg}); again != nil || !errors.Is(err, node.ErrAddressInUse) {
			t.Errorf("an address that is taken: got %v, %v, want ErrAddressInUse", again, err)
		}
		if w, err := here.OpenWorker(l.Address()); w != nil || !errors.Is(err, node.ErrAddressInUse) {
			t.Errorf("a worker where a listener is: got %v, %v, want ErrAddressInUse", w, err)
		}
		l.Close()
		openWorker(t, here, "here") // the address is free again
		closeNodes(t, here, there)
	})
}

// NOISE-013: at a node too a handshake ends at its deadline, to the moment, whatever arrives; CHAN-007: with its step.
func TestDeadlineAtNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := transport.NewHub(transport.HubConfig{})
		here, there := hubNode(t, hub, 1), hubNode(t, hub, 2)
		cfg, _, live := newCounted(t)
		cfg.HandshakeTimeout = 4*time.Second + 321*time.Millisecond
		before := live()
		began := time.Now()
		failed := make(chan error, 10)
		l, err := there.Listen(wire.Address{}, ref.ListenConfig{Config: cfg, Failed: func(_ wire.Address, err error) {
			if took := time.Since(began); took != cfg.HandshakeTimeout {
				t.Errorf("the responder ended after %v, want %v", took, cfg.HandshakeTimeout)
			}
			failed <- err
		}})
		if err != nil {
			t.Fatal(err)
		}
		socket, err := hub.Listen(at(wire.UDP))
		if err != nil {
			t.Fatal(err)
		}
		for range 5 { // an m1 that is repeated and not gone on with
			for _, msg := range [][]byte{message(wire.M1, bytes.Repeat([]byte{9}, 32)), header(wire.Ping), message(wire.M3, make([]byte, 64)), nil} {
				if err := socket.WriteTo(t.Context(), msg, there.Addresses()[0]); err != nil {
					t.Fatal(err)
				}
			}
			<-time.After(time.Second)
		}
		refused{channel.StepWait, "NOISE-013", channel.ErrDeadline}.check(t, <-failed)
		if err := errors.Join(socket.Close(), l.Close()); err != nil {
			t.Error(err)
		}
		select {
		case err := <-failed: // the last repeat was a new handshake, which Close has cut off
			t.Errorf("one more failure: %v", err)
		default:
		}
		began = time.Now()
		_, err = here.Dial(t.Context(), wire.Route{wire.UDPAddress4([4]byte{10, 0, 0, 77}, 1)}, cfg)
		refused{channel.StepWait, "NOISE-013", channel.ErrDeadline}.check(t, err)
		if took := time.Since(began); took != cfg.HandshakeTimeout {
			t.Errorf("the initiator ended after %v, want %v", took, cfg.HandshakeTimeout)
		}
		closeNodes(t, here, there)
		if live() != before {
			t.Errorf("%d secrets before, %d after", before, live())
		}
	})
}
