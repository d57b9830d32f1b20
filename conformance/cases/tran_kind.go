package cases

import (
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// TRAN-024: "TLS (1.3) carries the frames of TRAN-001; its addresses are of type 1, and that a peer is reached over TLS is configuration. ... An
// in-memory transport behaves like TCP or UDP, as configured, address type included." What carries the bytes of a stream, TCP, TLS that ends
// before the peer, or memory, cannot be told from the messages.
func tranKind() []conformance.Case {
	return []conformance.Case{{
		ID:           "tran/address-type",
		Title:        "A peer names itself by an address of type 1 if it is reached over a stream, whatever carries that, and of type 2 over datagrams.",
		Requirements: []string{"TRAN-024"},
		Profiles:     routed(),
		Run:          ownAddressType,
	}}
}

// ownAddressType looks at the first return address of each message before the channel is open: it is the peer's own (ROUT-004). An empty
// route is good too.
func ownAddressType(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	want := wire.TCP
	if s.Packets {
		want = wire.UDP
	}
	steps := []func() error{
		s.Begin,
		func() error { return s.SendMessage(s.Last()) },
		s.Finish,
		func() error { return s.EchoRandom(controlSize) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
		if len(s.Heard.Return) == 0 || len(s.Heard.Return[0]) == 0 {
			continue
		}
		switch got := wire.AddressType(s.Heard.Return[0][0]); {
		case got == want || got != wire.TCP && got != wire.UDP:
		default:
			return adversary.Fail("TRAN-024", fmt.Sprintf("the peer's own address of type %d", want), fmt.Sprintf("one of type %d", got))
		}
	}
	return s.Close()
}
