package cases

import (
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// WIRE-006: "An unknown address type, host type, or message type rejects the message; the parser never resynchronises inside it."
func wireTypes() []conformance.Case {
	return []conformance.Case{{
		ID:           "wire/unknown-type",
		Title:        "Messages of unknown types are rejected, whatever bits they share with known ones.",
		Requirements: []string{"WIRE-006"},
		Profiles:     typed(),
		Run:          unknownTypes,
	}, {
		ID:           "wire/unknown-address-type",
		Title:        "A message with an address of unknown type in either route is rejected.",
		Requirements: []string{"WIRE-006"},
		Profiles:     routed(),
		Run: malformedMessages(addressMalformations("WIRE-006", "an address of unknown type",
			"\x03\x04abcd", "\x03\x00\x7f\x00\x00\x01\xa0\x0f", "\x80\x04abcd", "\x81\x04abcd", "\xff")...),
	}, {
		ID:           "wire/unknown-host-type",
		Title:        "A message with a transport address of unknown host type in either route is rejected.",
		Requirements: []string{"WIRE-006"},
		Profiles:     routed(),
		Run: malformedMessages(addressMalformations("WIRE-006", "a host of unknown type",
			"\x01\x03\x7f\x00\x00\x01\xa0\x0f", "\x02\x80\x7f\x00\x00\x01\xa0\x0f", "\x01\xff\x04abcd\xa0\x0f")...),
	}}
}

func unknownTypes(ctx context.Context, env conformance.Env) error {
	var all []malformation
	for _, t := range []wire.Type{6, 7, 0x40, 0xff} {
		all = append(all, ofType(t))
	}
	if err := malformedMessages(all...)(ctx, env); err != nil {
		return err
	}
	// The right type with its high bit set.
	return malformedMessages(malformation{"WIRE-006", "a message whose type has its high bit set", func(m adversary.Message) []byte {
		m.Type |= 0x80
		return m.Bytes()
	}, nil})(ctx, env)
}

func ofType(t wire.Type) malformation {
	return malformation{"WIRE-006", fmt.Sprintf("a message of type %d", t), func(m adversary.Message) []byte {
		m.Type = t
		return m.Bytes()
	}, nil}
}

// addressMalformations puts each address behind the return route, and the first one behind the onward route as well.
func addressMalformations(requirement, words string, addresses ...adversary.Address) []malformation {
	var all []malformation
	for i, a := range addresses {
		all = append(all, malformation{requirement, words + " in the return route", func(m adversary.Message) []byte {
			m.Return = append(append(adversary.Route(nil), m.Return...), a)
			return m.Bytes()
		}, nil})
		if i == 0 {
			all = append(all, malformation{requirement, words + " in the onward route", func(m adversary.Message) []byte {
				m.Onward = append(append(adversary.Route(nil), m.Onward...), a)
				return m.Bytes()
			}, nil})
		}
	}
	return all
}
