package sim_test

import (
	"strconv"
	"testing"
	"time"

	"ockamtest/ref/transport/sim"
	"ockamtest/ref/wire"
)

// host is the n-th host's UDP address.
func host(n int) wire.Address {
	return wire.UDPAddress4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}, 4000)
}

// BenchmarkNetwork sends and delivers datagrams with so many under way.
func BenchmarkNetwork(b *testing.B) {
	for _, underWay := range []int{1, 1000, 100_000} {
		for _, size := range []int{64, 1024} {
			b.Run(strconv.Itoa(underWay)+" under way/"+strconv.Itoa(size), func(b *testing.B) {
				n, err := sim.NewNetwork(sim.Config{Path: sim.Path{Delay: time.Millisecond, Jitter: time.Millisecond, Loss: 0.01, Duplicate: 0.01}})
				if err != nil {
					b.Fatal(err)
				}
				const hosts = 100
				var addresses [hosts]wire.Address
				for i := range addresses {
					addresses[i] = host(i)
				}
				data := make([]byte, size)
				now, i := time.Duration(0), 0
				send := func() {
					n.Send(now, addresses[i%hosts], addresses[(i/hosts+i+1)%hosts], data)
					i++
				}
				for n.UnderWay() < underWay {
					send()
				}
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					a, _ := n.Deliver()
					now = a.At
					for n.UnderWay() < underWay {
						send()
					}
				}
			})
		}
	}
}
