package channel_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
)

// fastPair is openPair over vaults with the fast path.
func fastPair(t testing.TB, p profile.Profile, stream bool) (i, r *channel.Channel) {
	t.Helper()
	v, err := software.New(software.Config{})
	must(t, err)
	return fastPairIn(t, v, p, stream)
}

// fastPairIn is fastPair in one vault.
func fastPairIn(t testing.TB, v vault.Vault, p profile.Profile, stream bool) (i, r *channel.Channel) {
	t.Helper()
	made := map[channel.Role]*channel.Channel{}
	for _, role := range []channel.Role{channel.Initiator, channel.Responder} {
		xx, _ := newXX(t, v, role, options{profile: p, policy: key.AnyKey()})
		cfg := channel.Config{Role: role, Profile: p, Agreement: xx, Stream: stream, Local: initiatorAddress(), Remote: responderAddress()}
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

// MEM-003: in the steady state a payload costs no allocation, on neither side, with inner routes and without, on streams and on datagrams.
func TestPayloadsAllocateNothing(t *testing.T) {
	route := wire.Route{wire.LocalAddress([]byte("application"))}
	for _, p := range []profile.Profile{profile.V1(), profile.C09(), profile.C010()} {
		for _, inner := range []wire.Route{nil, route} {
			if inner != nil && p.Name != "v1" {
				continue
			}
			for _, stream := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s %v, stream %v", p.Name, inner, stream), func(t *testing.T) {
					i, r := fastPair(t, p, stream)
					payload, buffer, plain := make([]byte, 1000), make([]byte, 0, 2048), make([]byte, 0, 2048)
					delivered := 0
					allocated := testing.AllocsPerRun(1000, func() {
						msg, err := i.WriteRouted(buffer, payload, inner, inner)
						if err != nil {
							t.Fatal(err)
						}
						_, ev, err := r.Handle(0, plain, msg)
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
}

// MEM-003, REC-012: nor do those cost an allocation that come late, and those that are forged cost their error alone.
func TestWindowAllocatesNothing(t *testing.T) {
	i, r := fastPair(t, profile.V1(), false)
	payload, first, second, plain := make([]byte, 1000), make([]byte, 0, 2048), make([]byte, 0, 2048), make([]byte, 0, 2048)
	delivered, rejected := 0, 0
	allocated := testing.AllocsPerRun(1000, func() {
		early, _ := i.Write(first, payload)
		late, _ := i.Write(second, payload)
		for _, msg := range [][]byte{late, early} {
			if _, ev, err := r.Handle(0, plain, msg); err == nil {
				delivered += len(ev.Payload)
			}
		}
	})
	if allocated != 0 || delivered != 2*1001*len(payload) {
		t.Errorf("%v allocations for two payloads, want 0; %d bytes delivered", allocated, delivered)
	}
	forged, err := i.Write(first, payload)
	must(t, err)
	forged[len(forged)-1] ^= 1
	allocated = testing.AllocsPerRun(1000, func() {
		if _, _, err := r.Handle(0, plain, forged); err != nil {
			rejected++
		}
	})
	if allocated > 1 || rejected != 1001 {
		t.Errorf("%v allocations for a forgery, want 1; %d rejected", allocated, rejected)
	}
}

// A channel at rest is small, whatever came before: agreement, keys, and the copies that TRAN-014 needs included.
func TestMemoryAtRest(t *testing.T) {
	const pairs, want = 300, 8 << 10
	v, err := software.New(software.Config{})
	must(t, err)
	kept := make([]*channel.Channel, 0, 2*pairs)
	before := heap()
	long := slices.Repeat(wire.Route{wire.LocalAddress([]byte("a rather long address"))}, 250)
	for range pairs {
		i, r := fastPairIn(t, v, profile.V1(), false)
		msg, err := i.WriteRouted(nil, make([]byte, 20000), long, long)
		must(t, err)
		_, ev, err := r.Handle(0, nil, rerouted(t, msg, nil, nil))
		must(t, err)
		if len(ev.Payload) != 20000 || len(ev.Onward) != 250 {
			t.Fatalf("%d bytes to %d addresses", len(ev.Payload), len(ev.Onward))
		}
		for _, c := range []*channel.Channel{i, r} {
			if _, _, err := c.Handle(0, nil, message(t, nil, long, wire.Payload, make([]byte, 20000))); err == nil {
				t.Fatal("a forgery was accepted")
			}
			kept = append(kept, c)
		}
	}
	each := (heap() - before) / len(kept)
	t.Logf("%d bytes each", each)
	if each < 500 || each > want {
		t.Errorf("%d bytes for each of %d channels, want at most %d", each, len(kept), want)
	}
	runtime.KeepAlive(kept)
}

// heap is the memory in use, in bytes.
func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// BenchmarkHandshake is a whole handshake, both sides, with messages.
func BenchmarkHandshake(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		fastPair(b, profile.V1(), true)
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
					i, r = fastPair(b, profile.V1(), true)
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

// BenchmarkDatagram writes and delivers a payload of 1 KiB on datagrams: in order, every second before the first, and forged.
func BenchmarkDatagram(b *testing.B) {
	for _, kind := range []string{"in order", "swapped", "forged"} {
		b.Run(kind, func(b *testing.B) {
			payload, plain := make([]byte, 1024), make([]byte, 0, 2048)
			buffers := [2][]byte{make([]byte, 0, 2048), make([]byte, 0, 2048)}
			b.SetBytes(int64(2 * len(payload)))
			b.ReportAllocs()
			var i, r *channel.Channel
			for n := 0; b.Loop(); n++ {
				if n%(key.MaxCounter/2) == 0 {
					b.StopTimer()
					i, r = fastPair(b, profile.V1(), false)
					b.StartTimer()
				}
				var records [2][]byte
				for at := range records {
					records[at], _ = i.Write(buffers[at], payload)
				}
				switch kind {
				case "swapped":
					records[0], records[1] = records[1], records[0]
				case "forged":
					records[0][40] ^= 1
					records[1][40] ^= 1
				}
				for _, record := range records {
					if _, _, err := r.Handle(0, plain, record); (err != nil) != (kind == "forged") {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
