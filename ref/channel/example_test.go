package channel_test

import (
	"bytes"
	"fmt"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// Two channels and a caller that carries the messages. A shell would read them from a connection, and ask its clock.
func Example() {
	initiator, responder := exampleChannel(channel.Initiator, true), exampleChannel(channel.Responder, true)
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

// On datagrams messages get lost. The shell asks Wake when to call Tick, which repeats what is due; repeats bring the same answers.
func Example_datagrams() {
	initiator, responder := exampleChannel(channel.Initiator, false), exampleChannel(channel.Responder, false)
	check := func(b []byte, err error) []byte {
		if err != nil {
			panic(err)
		}
		return b
	}
	handle := func(now channel.Instant, c *channel.Channel, msg []byte) []byte {
		buffer := make([]byte, 0, 2048) // m2, m3, or a pong; behind it the payload
		out, ev, err := c.Handle(now, buffer, msg)
		if ev.Kind == channel.Delivered {
			fmt.Printf("delivered %q\n", ev.Payload)
		}
		return check(out, err)
	}

	check(responder.Start(0, nil))
	m1 := check(initiator.Start(0, nil))
	handle(0, responder, m1) // and m2 is lost
	now, _ := initiator.Wake()
	again := check(initiator.Tick(now, nil))
	fmt.Printf("%d ms: m1 again: %v\n", now/1e6, bytes.Equal(again, m1))
	m3 := handle(now, initiator, handle(now, responder, again))
	handle(now, responder, m3)

	first, second := check(initiator.Write(nil, []byte("first"))), check(initiator.Write(nil, []byte("second")))
	handle(now, responder, second)
	handle(now, responder, first)
	_, _, err := responder.Handle(now, nil, second)
	fmt.Println(err)
	// Output:
	// 500 ms: m1 again: true
	// delivered "second"
	// delivered "first"
	// record: channel: record was received before (REC-007)
}

func exampleChannel(role channel.Role, stream bool) *channel.Channel {
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
	c, err := channel.New(channel.Config{Role: role, Profile: p, Agreement: xx, Stream: stream})
	if err != nil {
		panic(err)
	}
	return c
}
