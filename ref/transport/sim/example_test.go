package sim_test

import (
	"fmt"
	"time"

	"ockamtest/ref/transport/sim"
	"ockamtest/ref/wire"
)

// A Network has no clock: the caller says what time it is, and takes what arrives.
func ExampleNetwork() {
	a, b := wire.UDPAddress4([4]byte{10, 0, 0, 1}, 4001), wire.UDPAddress4([4]byte{10, 0, 0, 2}, 4002)
	n, err := sim.NewNetwork(sim.Config{Seed: 1, Path: sim.Path{Delay: 10 * time.Millisecond, Jitter: 20 * time.Millisecond, Loss: 0.3}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, msg := range []string{"one", "two", "three", "four"} {
		n.Send(0, a, b, []byte(msg))
	}
	for arrival, ok := n.Deliver(); ok; arrival, ok = n.Deliver() {
		fmt.Println(arrival.At.Round(time.Millisecond), arrival.From, string(arrival.Data))
	}
	fmt.Println(n.Stats().Lost, "lost")
	// Output:
	// 13ms udp://10.0.0.1:4001 one
	// 25ms udp://10.0.0.1:4001 four
	// 29ms udp://10.0.0.1:4001 three
	// 1 lost
}
