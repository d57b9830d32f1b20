package node_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// A stuck source of random numbers ends no node (CHAN-010).
func TestRandomAddresses(t *testing.T) {
	w := newWorld(t, profile.V1(), 1)
	var script bytes.Buffer
	first := w.add(func(c *node.Config) { c.Rand = &script })
	last := w.add(func(c *node.Config) { c.Rand = bytes.NewReader(nil) })
	last.listen(wire.Address{})
	must(t, first.n.OpenWorker(local("used")))
	script.WriteString("usedusedfree")
	if c := first.dial(wire.Route{last.udp}); c.Address() != local("free") {
		t.Errorf("got %v", c.Address())
	}
	m1 := w.queue[0]
	w.queue = nil
	if r := last.drops(m1, router.Rejected); !errors.Is(r.Err, node.ErrRandom) || !errors.Is(r.Err, io.EOF) {
		t.Errorf("got %v", r.Err)
	}
	agreement, err := first.agreement()
	must(t, err)
	dial := func() error {
		_, out, err := first.n.Dial(w.now, first.linkTo(last.udp), node.DialConfig{Agreement: agreement}, nil)
		if (out != nil) != (err == nil) {
			t.Error("a message with an error")
		}
		return err
	}
	for range 200 {
		script.WriteString("used")
	}
	if err := dial(); !errors.Is(err, node.ErrRandom) || errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	script.Reset()
	if err := dial(); !errors.Is(err, node.ErrRandom) || !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	script.WriteString("last")
	must(t, dial()) // the agreement was not used up
}

// A listener that is closed takes nothing; its open channels stay.
func TestCloseListener(t *testing.T) {
	for _, address := range []wire.Address{{}, local("listener")} {
		w, first, last := pair(t, profile.V1())
		l := last.listen(address)
		to := wire.Route{last.udp}
		if address != (wire.Address{}) {
			to = append(to, address)
		}
		i, r := first.open(last, to)
		first.dial(to)
		m1 := w.queue[0]
		w.queue = nil
		last.receive(m1)
		w.queue = nil
		must(t, l.Close())
		must(t, l.Close())
		if _, ok := last.n.Wake(); ok || l.HalfOpen() != 0 || l.Address() != address {
			t.Errorf("%v: timer %v, %d half open", address, ok, l.HalfOpen())
		}
		why := router.NobodyHere
		if address != (wire.Address{}) {
			why = router.UnknownAddress
		}
		last.drops(m1, why)
		w.write(i, "still open")
		last.delivers(r, "still open")
		last.listen(address) // it is free again
		must(t, l.Close())   // of the new one this takes nothing
		w.queue = []packet{m1}
		w.run()
		first.one(node.Opened)
		last.one(node.Opened)
	}
}

// An m3 whose static key is refused ends that handshake alone (section 6).
func TestRefusedPeer(t *testing.T) {
	w, first, last := pair(t, profile.V1())
	refused := errors.New("not this key")
	l, err := last.n.Listen(wire.Address{}, node.ListenConfig{NewAgreement: func() (key.Agreement, error) {
		return key.NewXX(key.XXConfig{Vault: w.vault, Static: last.static, Suite: w.profile.Suite, Policy: func([]byte) error { return refused }})
	}})
	must(t, err)
	i := first.dial(wire.Route{last.udp})
	w.run()
	if ev := last.one(node.Failed); !errors.Is(ev.err, refused) || l.HalfOpen() != 0 {
		t.Errorf("got %+v, %d half open", ev, l.HalfOpen())
	}
	if first.one(node.Opened).channel != i { // NOISE-011: its open does not tell that the responder accepted it
		t.Error("another channel")
	}
	w.conserved()
}

func TestListenConfig(t *testing.T) {
	for _, k := range []struct {
		name    string
		profile profile.Profile
		address wire.Address
		change  func(*node.ListenConfig)
		want    error
	}{
		{"no agreement", profile.V1(), wire.Address{}, func(c *node.ListenConfig) { c.NewAgreement = nil }, node.ErrConfig},
		{"negative bound", profile.V1(), wire.Address{}, func(c *node.ListenConfig) { c.HalfOpen = -1 }, node.ErrConfig},
		{"deadline", profile.V1(), wire.Address{}, func(c *node.ListenConfig) { c.Deadline = channel.MaxDeadline + 1 }, node.ErrConfig},
		{"negative deadline", profile.V1(), wire.Address{}, func(c *node.ListenConfig) { c.Deadline = -1 }, node.ErrConfig},
		{"longest deadline", profile.V1(), wire.Address{}, func(c *node.ListenConfig) { c.Deadline = channel.MaxDeadline }, nil},
		{"window", profile.V1(), wire.Address{}, func(c *node.ListenConfig) { c.Window = 31 }, node.ErrConfig},
		{"wide window", profile.V1(), wire.Address{}, func(c *node.ListenConfig) { c.Window = 1025 }, node.ErrConfig},
		{"narrowest window", profile.V1(), wire.Address{}, func(c *node.ListenConfig) { c.Window = 32 }, nil},
		{"widest window", profile.V1(), wire.Address{}, func(c *node.ListenConfig) { c.Window = 1024 }, nil},
		{"transport address", profile.V1(), wire.UDPAddress4([4]byte{1}, 1), nil, node.ErrConfig},
		{"in use", profile.V1(), local("used"), nil, node.ErrAddressInUse},
		{"e09 at the node", profile.E09(), wire.Address{}, nil, node.ErrConfig},
		{"c010 at a local address", profile.C010(), local("x"), nil, node.ErrConfig},
		{"good", profile.V1(), local("x"), nil, nil},
		{"good e09", profile.E09(), local("x"), nil, nil},
		{"good c010", profile.C010(), wire.Address{}, nil, nil},
	} {
		w := newWorld(t, k.profile, 1)
		h := w.add(nil)
		must(t, h.n.OpenWorker(local("used")))
		cfg := node.ListenConfig{NewAgreement: h.agreement}
		if k.change != nil {
			k.change(&cfg)
		}
		l, err := h.n.Listen(k.address, cfg)
		if !errors.Is(err, k.want) || (l != nil) != (err == nil) {
			t.Errorf("%s: got %v, want %v", k.name, err, k.want)
		}
	}
	w := newWorld(t, profile.V1(), 1)
	h := w.add(nil)
	h.listen(wire.Address{})
	if _, err := h.n.Listen(wire.Address{}, node.ListenConfig{NewAgreement: h.agreement}); !errors.Is(err, node.ErrAddressInUse) {
		t.Errorf("a second listener of the node: got %v", err)
	}
}

func TestConfig(t *testing.T) {
	good := func() node.Config {
		return node.Config{Router: router.Config{Profile: profile.V1()}, Rand: bytes.NewReader(nil)}
	}
	for name, k := range map[string]struct {
		change func(*node.Config)
		want   error
	}{
		"good":             {func(*node.Config) {}, nil},
		"no randomness":    {func(c *node.Config) { c.Rand = nil }, node.ErrConfig},
		"negative pings":   {func(c *node.Config) { c.Pings = -1 }, node.ErrConfig},
		"negative timeout": {func(c *node.Config) { c.PingTimeout = -1 }, node.ErrConfig},
		"c09 has no node":  {func(c *node.Config) { c.Router.Profile = profile.C09() }, router.ErrConfig},
	} {
		cfg := good()
		k.change(&cfg)
		if n, err := node.New(cfg); !errors.Is(err, k.want) || (n != nil) != (err == nil) {
			t.Errorf("%s: got %v, want %v", name, err, k.want)
		}
	}
}
