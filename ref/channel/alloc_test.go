package channel_test

import (
	"fmt"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
)

// fastPair is openPair over vaults with the fast path.
func fastPair(t testing.TB, p profile.Profile) (i, r *channel.Channel) {
	t.Helper()
	made := map[channel.Role]*channel.Channel{}
	for _, role := range []channel.Role{channel.Initiator, channel.Responder} {
		v, err := software.New(software.Config{})
		must(t, err)
		xx, _ := newXX(t, v, role, options{profile: p, policy: key.AnyKey()})
		cfg := channel.Config{Role: role, Profile: p, Agreement: xx, Stream: true, Local: initiatorAddress(), Remote: responderAddress()}
		if role == channel.Responder {
			cfg.Local, cfg.Remote = cfg.Remote, cfg.Local
		}
		c, err := channel.New(cfg)
		must(t, err)
		made[role] = c
	}
	i, r = made[channel.Initiator], made[channel.Responder]
	_, err := r.Start(0, nil)
	must(t, err)
	msg, err := i.Start(0, nil)
	must(t, err)
	for _, c := range []*channel.Channel{r, i, r} {
		msg, _, err = c.Handle(0, nil, msg)
		must(t, err)
	}
	return i, r
}

// MEM-003: in the steady state a payload costs no allocation, on neither side, with inner routes and without.
func TestPayloadsAllocateNothing(t *testing.T) {
	route := wire.Route{wire.LocalAddress([]byte("application"))}
	for _, p := range []profile.Profile{profile.V1(), profile.C09()} {
		for _, inner := range []wire.Route{nil, route} {
			if inner != nil && !p.Routes {
				continue
			}
			t.Run(fmt.Sprintf("%s %v", p.Name, inner), func(t *testing.T) {
				i, r := fastPair(t, p)
				payload, buffer := make([]byte, 1000), make([]byte, 0, 2048)
				delivered := 0
				allocated := testing.AllocsPerRun(1000, func() {
					msg, err := i.WriteRouted(buffer, payload, inner, inner)
					if err != nil {
						t.Fatal(err)
					}
					_, ev, err := r.Handle(0, nil, msg)
					if err != nil {
						t.Fatal(err)
					}
					delivered += len(ev.Payload)
				})
				if allocated != 0 || delivered != 1001*len(payload) {
					t.Errorf("%v allocations for each payload, want 0; %d bytes delivered", allocated, delivered)
				}
			})
		}
	}
}

// BenchmarkHandshake is a whole handshake, both sides, with messages.
func BenchmarkHandshake(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		fastPair(b, profile.V1())
	}
}

// BenchmarkPayload writes and delivers one payload.
func BenchmarkPayload(b *testing.B) {
	for _, size := range []int{64, 1024, 16384, 65495} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			payload, buffer := make([]byte, size), make([]byte, 0, 65535)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			var i, r *channel.Channel
			for n := 0; b.Loop(); n++ {
				if n%key.MaxCounter == 0 {
					b.StopTimer()
					i, r = fastPair(b, profile.V1())
					b.StartTimer()
				}
				msg, err := i.Write(buffer, payload)
				if err != nil {
					b.Fatal(err)
				}
				if _, _, err := r.Handle(0, nil, msg); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
