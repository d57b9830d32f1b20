package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// WIRE-002: "u2le values are encoded in the shortest form". WIRE-007: "Ports are little-endian; IP addresses are in network byte
// order." WIRE-013: "Encoders write IPv4 as host type 0, never as IPv4-mapped IPv6".
func wireOutput() []conformance.Case {
	return []conformance.Case{{
		ID:           "wire/canonical-output",
		Title:        "Every message that the peer sends is well-formed and canonical, outside and inside the encryption.",
		Requirements: []string{"WIRE-002", "WIRE-001", "WIRE-005", "WIRE-006", "WIRE-012", "WIRE-013"},
		Run: func(ctx context.Context, env conformance.Env) error {
			return exchange(ctx, env, nil, 0, 1, controlSize, 60) // the session reads strictly
		},
	}, {
		ID:           "wire/port-byte-order",
		Title:        "Where the peer names its own or the kit's address, the port is little-endian and the host in network order.",
		Requirements: []string{"WIRE-007"},
		Profiles:     routed(),
		Run:          portByteOrder,
	}}
}

// portByteOrder looks for the two addresses turned round. Other addresses are not judged: either side may be known by other ones.
func portByteOrder(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
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
		if err := rightOrder(s); err != nil {
			return err
		}
	}
	return s.Close()
}

func rightOrder(s *adversary.Session) error {
	for _, a := range append(append(adversary.Route(nil), s.Heard.Onward...), s.Heard.Return...) {
		if words := turned(a, s.Own()); words != "" {
			return adversary.Fail("WIRE-007", "the kit's address", "the kit's address with its "+words)
		}
		if words := turned(a, s.Source()); words != "" {
			return adversary.Fail("WIRE-007", "the peer's own address", "the peer's own address with its "+words)
		}
	}
	return nil
}

// turned says in words how a is the address b with bytes in the wrong order.
func turned(a, b adversary.Address) string {
	if a == b || len(b) < 4 {
		return ""
	}
	head, host, port := b[:2], b[2:len(b)-2], b[len(b)-2:]
	switch a {
	case head + host + reversed(port):
		return "port big-endian"
	case head + reversed(host) + port:
		return "host reversed"
	case head + reversed(host) + reversed(port):
		return "port big-endian and its host reversed"
	case head + swapped(host) + port:
		return "host in little-endian groups of 16 bits"
	}
	return ""
}

func reversed(a adversary.Address) adversary.Address {
	b := []byte(a)
	for i := range len(b) / 2 {
		b[i], b[len(b)-1-i] = b[len(b)-1-i], b[i]
	}
	return adversary.Address(b)
}

// swapped turns the bytes of each 16-bit group round.
func swapped(a adversary.Address) adversary.Address {
	b := []byte(a)
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return adversary.Address(b)
}
