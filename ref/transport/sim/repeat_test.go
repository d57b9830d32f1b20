package sim_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref/transport/sim"
)

// echoes lets hosts send datagrams to each other and answer them, each in a goroutine, and returns what arrives, by source, destination,
// and number.
func echoes(t *testing.T, seed uint64) (out string) {
	synctest.Test(t, func(t *testing.T) {
		const hosts, each = 8, 50
		start := time.Now()
		i := newInternet(t, sim.Config{Seed: seed, Path: sim.Path{Delay: 20 * ms, Jitter: 30 * ms, Loss: 0.1, Duplicate: 0.1}})
		logs := make([][]string, hosts)
		var running sync.WaitGroup
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		for h := range hosts {
			c := listenPacket(t, i, host(h))
			running.Go(func() {
				for n := range each {
					_ = c.WriteTo(ctx, numbered(n, 8), host((h+n)%hosts))
					<-time.After(time.Duration(n%7) * ms)
				}
			})
			running.Go(func() {
				p := make([]byte, 100)
				for {
					n, from, err := c.ReadFrom(ctx, p)
					if err != nil {
						return
					}
					logs[h] = append(logs[h], fmt.Sprintf("%v %v to %d: %x", since(start), from, h, p[:n]))
					if n == 8 { // an answer is shorter
						_ = c.WriteTo(ctx, p[:4], from)
					}
				}
			})
		}
		running.Wait()
		out = fmt.Sprint(i.Stats(), logs)
	})
	return out
}

// A seed repeats a run in virtual time, though goroutines run in any order.
func TestInternetRepeatable(t *testing.T) {
	first := echoes(t, 1)
	for range 5 {
		if got := echoes(t, 1); got != first {
			t.Fatalf("the seed gives another run:\n%.1000s\n%.1000s", got, first)
		}
	}
	if echoes(t, 2) == first {
		t.Error("another seed gives the same run")
	}
	if !strings.HasPrefix(first, "787 sent, 775 delivered") {
		t.Errorf("got %.60s, want 400 sent and those that arrive answered: 787 sent, 775 delivered", first)
	}
}
