package node_test

import (
	"crypto/rand"
	"fmt"

	"ockamtest/ref/key"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
)

// Two nodes and a router between them, driven by hand: each message that comes out of one goes into another.
func Example() {
	addresses := []wire.Address{
		wire.UDPAddress4([4]byte{10, 0, 0, 1}, 4001), wire.UDPAddress4([4]byte{10, 0, 0, 2}, 4002), wire.UDPAddress4([4]byte{10, 0, 0, 3}, 4003),
	}
	nodes := map[wire.Address]*node.Node{}
	for i, a := range addresses {
		cfg := node.Config{Router: router.Config{Profile: profile.V1(), Bound: []wire.Address{a}}, Rand: rand.Reader}
		if i == 1 {
			cfg.Router.Allow = func(source, next wire.Address) bool { return true }
		}
		n, err := node.New(cfg)
		if err != nil {
			fmt.Println(err)
			return
		}
		nodes[a] = n
	}
	first, last := nodes[addresses[0]], nodes[addresses[2]]
	agreement, err := agreements()
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := last.Listen(wire.Address{}, node.ListenConfig{NewAgreement: agreement}); err != nil {
		fmt.Println(err)
		return
	}
	fresh, err := agreement()
	if err != nil {
		fmt.Println(err)
		return
	}
	link := wire.Link{Local: addresses[0], Remote: addresses[1]}
	_, msg, err := first.Dial(0, link, node.DialConfig{Agreement: fresh, Route: wire.Route{addresses[1], addresses[2]}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for len(msg) > 0 {
		at := nodes[link.Remote]
		r := at.Process(0, wire.Link{Local: link.Remote, Remote: link.Local}, nil, msg)
		switch r.Kind {
		case node.Forward:
			if r.Out, err = at.AppendForward(nil, r.Decision, link.Remote); err != nil {
				fmt.Println(err)
			}
			r.Link = wire.Link{Local: link.Remote, Remote: r.Decision.Next}
		case node.Opened:
			fmt.Println("open at", link.Remote)
			if at == last { // the first word
				if r.Out, err = r.Channel.Machine.Write(nil, []byte("hello")); err != nil {
					fmt.Println(err)
				}
				r.Link = r.Channel.Machine.Link()
			}
		case node.Delivered:
			fmt.Printf("%q at %v\n", r.Payload, link.Remote)
		default:
		}
		link, msg = r.Link, r.Out
	}
	// Output:
	// open at udp://10.0.0.1:4001
	// open at udp://10.0.0.3:4003
	// "hello" at udp://10.0.0.1:4001
}

// agreements makes agreements with one static key, which trust everybody.
func agreements() (func() (key.Agreement, error), error) {
	v, err := software.New(software.Config{})
	if err != nil {
		return nil, err
	}
	static, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
	if err != nil {
		return nil, err
	}
	return func() (key.Agreement, error) {
		return key.NewXX(key.XXConfig{Vault: v, Static: static, Suite: profile.X25519AES256(), Policy: key.AnyKey()})
	}, nil
}
