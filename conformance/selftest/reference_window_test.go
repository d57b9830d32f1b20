package selftest_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
	"ockamtest/vectors"
)

// openPair opens a channel in v1 on datagrams between two sides.
func openPair(t *testing.T, window int) (sender, receiver *channel.Channel) {
	t.Helper()
	var pair [2]*channel.Channel
	for i, role := range []channel.Role{channel.Initiator, channel.Responder} {
		v, err := software.New(software.Config{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = v.Close() })
		static, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
		if err != nil {
			t.Fatal(err)
		}
		xx, err := key.NewXX(key.XXConfig{Vault: v, Static: static, Suite: profile.V1().Suite, Policy: key.AnyKey()})
		if err != nil {
			t.Fatal(err)
		}
		if pair[i], err = channel.New(channel.Config{Role: role, Profile: profile.V1(), Agreement: xx, Window: window}); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = pair[1].Start(0, nil)
	m, err := pair[0].Start(0, nil)
	for i := 1; err == nil && len(m) > 0; i = 1 - i {
		m, _, err = pair[i].Handle(0, nil, m)
	}
	if err != nil || pair[1].State() != channel.Open {
		t.Fatalf("%v: %v", pair[1].State(), err)
	}
	return pair[0], pair[1]
}

// REC-007 and REC-008: with N the highest counter that verified, those of N-W+1 to N+W are delivered, each once, and no others, wherever N is and
// in whatever order they come.
func TestReferenceOfWindows(t *testing.T) {
	for _, size := range []int{channel.MinWindow, 63, 64, 65, 256, channel.MaxWindow} {
		sender, receiver := openPair(t, size)
		random := rand.New(rand.NewPCG(1, uint64(size)))
		var records [][]byte
		delivered, highest := map[int]bool{}, -1
		counts := map[bool]int{}
		for range 4000 {
			n := highest + 1 + random.IntN(2*size+8) - size - 4
			switch random.IntN(8) {
			case 0:
				n = highest + size + random.IntN(2) // the last ahead, and the one behind it
			case 1:
				n = highest - size + random.IntN(2) // the last behind, and the first
			case 2, 3, 4:
				n = highest + 1
			}
			if n < 0 || n > 60000 {
				continue
			}
			for len(records) <= n {
				m, err := sender.Write(nil, []byte{byte(len(records) >> 8), byte(len(records))})
				if err != nil {
					t.Fatal(err)
				}
				records = append(records, m)
			}
			want := !delivered[n] && n >= highest-size+1 && n <= highest+size
			before := *receiver
			_, ev, err := receiver.Handle(0, nil, records[n])
			if got := err == nil && ev.Kind == channel.Delivered; got != want || !want && *receiver != before {
				t.Fatalf("window of %d, N is %d: record %d: delivered is %v, want %v: %v", size, highest, n, got, want, err)
			}
			if delivered[n] && n >= highest-size+1 && !errors.Is(err, channel.ErrReplayed) {
				t.Errorf("record %d, which came before: %v", n, err)
			}
			if counts[want]++; want {
				delivered[n], highest = true, max(highest, n)
			}
		}
		if counts[true] < 500 || counts[false] < 200 || highest < 2*channel.MaxWindow {
			t.Errorf("window of %d: %v, N is %d", size, counts, highest)
		}
	}
}

// What makes no channel is refused: addresses that are none of their kind, and windows that REC-008 does not have.
func TestReferenceOfConfigs(t *testing.T) {
	named, long := wire.TCPAddressDNS("example.com", 80), wire.LocalAddress(make([]byte, 256))
	local, mapped := wire.LocalAddress([]byte("x")), wire.TCPAddress6([16]byte{10: 0xff, 11: 0xff, 12: 127}, 80)
	alter := map[string]func(*channel.Config){
		"own name":            func(c *channel.Config) { c.Local = named },
		"peer's name":         func(c *channel.Config) { c.Remote, c.Route = named, nil },
		"own is local":        func(c *channel.Config) { c.Local = local },
		"own is mapped":       func(c *channel.Config) { c.Local = mapped },
		"peer is mapped":      func(c *channel.Config) { c.Remote, c.Route = mapped, nil },
		"own without peer":    func(c *channel.Config) { c.Remote = wire.Address{} },
		"address too long":    func(c *channel.Config) { c.Address = long },
		"address is no local": func(c *channel.Config) { c.Address = c.Local },
		"listener too long":   func(c *channel.Config) { c.Listener = long },
		"small window":        func(c *channel.Config) { c.Window = channel.MinWindow - 1 },
		"large window":        func(c *channel.Config) { c.Window = channel.MaxWindow + 1 },
		"long deadline":       func(c *channel.Config) { c.Deadline = channel.MaxDeadline + 1 },
		"negative deadline":   func(c *channel.Config) { c.Deadline = -1 },
		"late repeat":         func(c *channel.Config) { c.RepeatAfter = channel.MaxDeadline + 1 },
		"early repeat":        func(c *channel.Config) { c.RepeatAfter = -1 },
		"negative limit":      func(c *channel.Config) { c.MessageLimit = -1 },
		"no agreement":        func(c *channel.Config) { c.Agreement = nil },
		"no profile":          func(c *channel.Config) { c.Profile = profile.Profile{} },
		"no role":             func(c *channel.Config) { c.Role = 2 },
	}
	tried := 0
	transcripts(t, func(x transcript) {
		if x.v.Result != vectors.Valid || x.v.Own == nil {
			return
		}
		for name, change := range alter {
			cfg := x.config(0)
			change(&cfg)
			if _, err := channel.New(cfg); !errors.Is(err, channel.ErrConfig) {
				t.Errorf("%d: %s: %v", x.v.TcID, name, err)
			}
			tried++
		}
		for _, change := range []func(*channel.Config){
			func(c *channel.Config) { c.Window = channel.MinWindow }, func(c *channel.Config) { c.Window = channel.MaxWindow },
			func(c *channel.Config) { c.Deadline = channel.MaxDeadline }, func(c *channel.Config) { c.RepeatAfter = channel.MaxDeadline },
		} {
			cfg := x.config(0)
			change(&cfg)
			if _, err := channel.New(cfg); err != nil {
				t.Errorf("%d: %v", x.v.TcID, err)
			}
		}
	})
	if tried < 300 {
		t.Errorf("%d configurations, want 300 at least", tried)
	}
}
