package router_test

import (
	"fmt"

	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// A hop between two end points: what it receives names it first, what it sends names the next node first, and the way back grows.
func Example() {
	r, err := router.New(router.Config{
		Profile: profile.V1(),
		Bound:   []wire.Address{udpH()},
		Allow:   func(source, next wire.Address) bool { return next == udpR() },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	m := wire.Message{Onward: wire.Route{udpH(), udpR(), locR()}, Return: wire.Route{udpI(), locI()}, Type: wire.M3, Body: []byte("opaque")}
	received, err := wire.AppendMessage(nil, wire.Dialect{}, &m)
	if err != nil {
		fmt.Println(err)
		return
	}
	d := r.Decide(wire.Link{Local: udpH(), Remote: udpI()}, received)
	fmt.Println(d.Kind, "to", d.Next)
	sent, err := r.AppendForward(nil, d, udpH())
	fmt.Println(wire.Describe(wire.Dialect{}, sent), err)

	m.Onward[1] = udp(4, 4003)
	if received, err = wire.AppendMessage(nil, wire.Dialect{}, &m); err != nil {
		fmt.Println(err)
		return
	}
	d = r.Decide(wire.Link{Local: udpH(), Remote: udpI()}, received)
	fmt.Printf("%v, %v to %v (%s)\n", d.Kind, d.Reason, d.Next, d.Reason.Requirement())
	// Output:
	// forward to udp://10.0.0.3:4003
	// v1 m3 onward=[udp://10.0.0.3:4003 local:01020304] return=[udp://10.0.0.2:4002 udp://10.0.0.1:4001 local:0a0b0c0d] body=6 bytes <nil>
	// drop, forwarding not allowed to udp://10.0.0.4:4003 (ROUT-007)
}
