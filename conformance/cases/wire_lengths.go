package cases

import (
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// WIRE-005: "Every count and length is checked against the bytes that are there before it is used. Each strict prefix of the
// version, routes, and type is rejected without reading past its end."
func wireLengths() []conformance.Case {
	return []conformance.Case{{
		ID:           "wire/count-lies",
		Title:        "A route that counts more addresses than there are rejects the message.",
		Requirements: []string{"WIRE-005"},
		Run:          malformedMessages(countLies()...),
	}, {
		ID:           "wire/address-length-lies",
		Title:        "A local address or DNS name that is longer than the rest of the message rejects it.",
		Requirements: []string{"WIRE-005"},
		Profiles:     routed(),
		Run: malformedMessages(lyingLast("a local address of 255 bytes of which few are there", "\x00\xffabcd"),
			lyingLast("a DNS name of 253 bytes of which few are there", "\x01\x02\xfdabcd")),
	}, {
		ID:           "wire/truncated-header",
		Title:        "Every strict prefix of the version, routes, and type is rejected, before open and after.",
		Requirements: []string{"WIRE-005"},
		Run:          truncatedHeader,
	}}
}

func countLies() []malformation {
	lie := func(words string, alter func(m adversary.Message, b []byte)) malformation {
		return malformation{"WIRE-005", words, func(m adversary.Message) []byte {
			b := m.Bytes()
			alter(m, b)
			return b
		}, nil}
	}
	returnCount := func(m adversary.Message) int { return 1 + len(m.Onward.Append(nil)) }
	return []malformation{
		lie("an onward route that counts one address too many", func(_ adversary.Message, b []byte) { b[1]++ }),
		lie("a return route that counts one address too many", func(m adversary.Message, b []byte) { b[returnCount(m)]++ }),
		lie("an onward route that counts 255 addresses", func(_ adversary.Message, b []byte) { b[1] = 255 }),
		lie("a return route that counts 255 addresses", func(m adversary.Message, b []byte) { b[returnCount(m)] = 255 }),
	}
}

// lyingLast puts an address last in the message, so that its length reaches beyond the end.
func lyingLast(words string, a adversary.Address) malformation {
	return malformation{"WIRE-005", words, func(m adversary.Message) []byte {
		m.Return = append(append(adversary.Route(nil), m.Return...), a)
		m.Type, m.Body = 0, nil
		b := m.Bytes()
		return b[:len(b)-1]
	}, nil}
}

func truncatedHeader(ctx context.Context, env conformance.Env) error {
	n, err := headerLength(ctx, env)
	if err != nil {
		return err
	}
	var all []malformation
	for size := 1; size < n; size++ {
		words := fmt.Sprintf("the first %d bytes of a header", size)
		all = append(all, malformation{"WIRE-005", words, func(m adversary.Message) []byte {
			return m.Bytes()[:min(size, len(m.Header())-1)]
		}, nil})
	}
	half := func(adversary.Message) []byte { return []byte{0x81} }
	all = append(all, malformation{"WIRE-005", "one byte of a version of two", half, nil})
	return malformedMessages(all...)(ctx, env)
}

// headerLength is how long the header of the kit's messages is on an open channel.
func headerLength(ctx context.Context, env conformance.Env) (int, error) {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return 0, err
	}
	return len(s.Outer(wire.Payload, nil).Header()), s.Close()
}
