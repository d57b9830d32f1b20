package ref_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
)

// identity makes a vault with a static key, and tells the public key.
func identity() (v vault.Vault, static vault.Secret, public []byte) {
	v, err := software.New(software.Config{})
	if err != nil {
		panic(err)
	}
	static, err = v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
	if err != nil {
		panic(err)
	}
	public, err = v.PublicKey(make([]byte, 0, vault.X25519PublicKeySize), static)
	if err != nil {
		panic(err)
	}
	return v, static, public
}

// The initiator sends "ping", the responder answers "pong". Each knows the other's static key beforehand.
func Example() {
	ctx := context.Background()
	responderVault, responderStatic, responderKey := identity()
	initiatorVault, initiatorStatic, initiatorKey := identity()

	l, err := ref.Listen(ctx, wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0), ref.ListenConfig{Config: ref.Config{
		Vault:  responderVault,
		Static: responderStatic,
		Policy: ref.ExactKey(initiatorKey),
	}})
	if err != nil {
		panic(err)
	}
	defer l.Close()

	var responder sync.WaitGroup
	responder.Go(func() {
		c, err := l.Accept(ctx)
		if err != nil {
			panic(err)
		}
		defer c.Close()
		p := make([]byte, c.Limit())
		n, err := c.Read(ctx, p)
		if err != nil {
			panic(err)
		}
		fmt.Printf("responder received %q\n", p[:n])
		if err := c.Write(ctx, []byte("pong")); err != nil {
			panic(err)
		}
	})

	c, err := ref.Dial(ctx, l.Address(), ref.Config{
		Vault:  initiatorVault,
		Static: initiatorStatic,
		Policy: ref.ExactKey(responderKey),
	})
	if err != nil {
		panic(err)
	}
	defer c.Close()
	if err := c.Write(ctx, []byte("ping")); err != nil {
		panic(err)
	}
	p := make([]byte, c.Limit())
	n, err := c.Read(ctx, p)
	if err != nil {
		panic(err)
	}
	responder.Wait()
	fmt.Printf("initiator received %q\n", p[:n])

	// Output:
	// responder received "ping"
	// initiator received "pong"
}

// With the dialect of the C implementation 0.8 and 0.9: no routes, and each party makes its static key anew for each handshake, so
// nobody can know it beforehand.
func Example_c09() {
	ctx := context.Background()
	v, err := software.New(software.Config{})
	if err != nil {
		panic(err)
	}
	cfg := ref.Config{Profile: profile.C09(), Vault: v, Policy: ref.AcceptAnyKey()}
	l, err := ref.Listen(ctx, wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0), ref.ListenConfig{Config: cfg})
	if err != nil {
		panic(err)
	}
	defer l.Close()

	c, err := ref.Dial(ctx, l.Address(), cfg)
	if err != nil {
		panic(err)
	}
	defer c.Close()
	if err := c.Write(ctx, []byte("ping")); err != nil {
		panic(err)
	}

	accepted, err := l.Accept(ctx)
	if err != nil {
		panic(err)
	}
	defer accepted.Close()
	p := make([]byte, accepted.Limit())
	n, err := accepted.Read(ctx, p)
	fmt.Printf("%q %v, up to %d bytes\n", p[:n], err, accepted.Limit())
	fmt.Println("same channel:", bytes.Equal(c.ChannelBinding(), accepted.ChannelBinding()))

	// Output:
	// "ping" <nil>, up to 1008 bytes
	// same channel: true
}

// A responder for many: each channel has a goroutine, and what keys it accepts is decided once.
func ExampleListener() {
	ctx := context.Background()
	responderVault, responderStatic, responderKey := identity()
	initiatorVault, initiatorStatic, initiatorKey := identity()
	l, err := ref.Listen(ctx, wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0), ref.ListenConfig{Config: ref.Config{
		Vault:  responderVault,
		Static: responderStatic,
		Policy: ref.KeySet(initiatorKey),
	}})
	if err != nil {
		panic(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept(ctx)
			if errors.Is(err, transport.ErrClosed) {
				return
			}
			if err != nil {
				panic(err)
			}
			serving.Go(func() { echo(ctx, c) })
		}
	})

	for i := range 3 {
		c, err := ref.Dial(ctx, l.Address(), ref.Config{Vault: initiatorVault, Static: initiatorStatic, Policy: ref.ExactKey(responderKey)})
		if err != nil {
			panic(err)
		}
		if err := c.Write(ctx, fmt.Appendf(nil, "message of channel %d", i)); err != nil {
			panic(err)
		}
		p := make([]byte, c.Limit())
		n, err := c.Read(ctx, p)
		fmt.Printf("%s, %v\n", p[:n], err)
		c.Close()
	}
	l.Close()
	serving.Wait()

	// Output:
	// message of channel 0, <nil>
	// message of channel 1, <nil>
	// message of channel 2, <nil>
}

// echo sends every message back, until the peer ends the connection.
func echo(ctx context.Context, c *ref.Conn) {
	defer c.Close()
	p := make([]byte, c.Limit())
	for {
		n, err := c.Read(ctx, p)
		if err != nil {
			return
		}
		if err := c.Write(ctx, p[:n]); err != nil {
			return
		}
	}
}

// An initiator that finds another key than it expects tells nobody who it is: m3 is not sent. The error names the step and the requirement.
func ExampleExactKey() {
	ctx := context.Background()
	responderVault, responderStatic, _ := identity()
	initiatorVault, initiatorStatic, _ := identity()
	_, _, expected := identity()
	l, err := ref.Listen(ctx, wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0), ref.ListenConfig{
		Config: ref.Config{Vault: responderVault, Static: responderStatic, Policy: ref.AcceptAnyKey()},
	})
	if err != nil {
		panic(err)
	}
	defer l.Close()

	_, err = ref.Dial(ctx, l.Address(), ref.Config{Vault: initiatorVault, Static: initiatorStatic, Policy: ref.ExactKey(expected)})
	var failure *channel.Error
	if errors.As(err, &failure) {
		fmt.Println("step", failure.Step, "requirement", failure.Requirement)
	}
	fmt.Println("refused:", errors.Is(err, key.ErrPeerRefused))

	// Output:
	// step m2 requirement NOISE-011
	// refused: true
}
