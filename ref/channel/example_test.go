package channel_test

import (
	"fmt"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// Two channels and a caller that carries the messages. A shell would read them from a connection, and ask its clock.
func Example() {
	initiator, responder := exampleChannel(channel.Initiator), exampleChannel(channel.Responder)
	const now channel.Instant = 0
	check := func(b []byte, err error) []byte {
		if err != nil {
			panic(err)
		}
		return b
	}
	handle := func(c *channel.Channel, msg []byte) []byte {
		out, ev, err := c.Handle(now, nil, msg)
		if ev.Kind == channel.Delivered {
			fmt.Printf("delivered %q\n", ev.Payload)
		}
		return check(out, err)
	}

	check(responder.Start(now, nil))
	m1 := check(initiator.Start(now, nil))
	m2 := handle(responder, m1)
	m3 := handle(initiator, m2)
	handle(responder, m3)
	fmt.Println(initiator.State(), responder.State())
	handle(responder, check(initiator.Write(nil, []byte("ping"))))
	handle(initiator, check(responder.Write(nil, []byte("pong"))))
	// Output:
	// open open
	// delivered "ping"
	// delivered "pong"
}

func exampleChannel(role channel.Role) *channel.Channel {
	v, err := software.New(software.Config{})
	if err != nil {
		panic(err)
	}
	static, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
	if err != nil {
		panic(err)
	}
	p := profile.V1()
	xx, err := key.NewXX(key.XXConfig{Vault: v, Static: static, Suite: p.Suite, Policy: key.AnyKey()})
	if err != nil {
		panic(err)
	}
	c, err := channel.New(channel.Config{Role: role, Profile: p, Agreement: xx, Stream: true})
	if err != nil {
		panic(err)
	}
	return c
}
