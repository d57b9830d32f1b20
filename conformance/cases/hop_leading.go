package cases

import (
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// ROUT-002: "A node that receives a message over a transport removes its first onward address if that is a transport address, of any kind
// and spelling ..., before it goes on: it names the receiver. It removes no second one." ROUT-003: "A node that receives over a transport
// makes the source ... the first return address: in place of a first address of that transport's kind, whatever it says, else in front of
// the route."
func hopsLeading() []conformance.Case {
	return []conformance.Case{hop(conformance.Case{
		ID:           "rout/leading-address",
		Title:        "Whatever transport address a message begins with, it names the router: the message goes on to the next one.",
		Requirements: []string{"ROUT-002"},
		Run:          around(leadingAddress),
	}), hop(conformance.Case{
		ID:           "rout/second-address",
		Title:        "A message goes to the second address of its onward route, and the addresses behind that stay where they are.",
		Requirements: []string{"ROUT-002", "ROUT-005"},
		Run:          around(secondAddress),
	}), hop(conformance.Case{
		ID:           "rout/source-first",
		Title:        "The source of a message stands in the return route whatever address the sender wrote there, and the answer goes to it.",
		Requirements: []string{"ROUT-003"},
		Run:          around(sourceFirst),
	})}
}

// aliases are addresses under which nobody else can be meant: networks for documentation, in every kind and spelling.
func aliases(port string) []adversary.Address {
	p := adversary.Address(port)
	return []adversary.Address{
		"\x01\x00\xc0\x00\x02\x07" + p,
		"\x02\x00\xc0\x00\x02\x07" + p,
		"\x01\x01\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07" + p,
		"\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xc0\x00\x02\x07" + p,
		adversary.Address("\x01\x02\x0erouter.invalid") + p,
		adversary.Address("\x02\x02\x0fROUTER.invalid.") + p,
	}
}

func leadingAddress(r *ring) error {
	all := aliases("\x01\x00")
	all = append(all, r.b.Own, r.a.Own) // also one that somebody else has
	for i, alias := range all {
		m, err := r.message(r.a, r.b)
		if err != nil {
			return err
		}
		m.Onward[0] = alias
		if _, err := r.carry(r.a, r.b, m); err != nil {
			return blame("ROUT-002", fmt.Sprintf("a message whose leading address is another one of the router's names (%d) forwarded as any", i), err)
		}
	}
	return r.rest("ROUT-005", "messages that were forwarded")
}

func secondAddress(r *ring) error {
	c, err := r.open(conformance.End{})
	if err != nil {
		return err
	}
	for _, behind := range []adversary.Route{{r.b.Own}, {r.a.Hop, r.b.Own}, {r.b.Own, adversary.LocalAddress("app")}, {adversary.LocalAddress("app")}} {
		m, err := r.message(r.a, c, behind...)
		if err != nil {
			return err
		}
		if _, err := r.carry(r.a, c, m); err != nil {
			return blame("ROUT-002", "a message for the second address of its onward route, with the others behind it", err)
		}
	}
	return r.rest("ROUT-005", "messages for another end", c)
}

func sourceFirst(r *ring) error {
	c, err := r.open(conformance.End{})
	if err != nil {
		return err
	}
	local := adversary.LocalAddress("\x0a\x0b\x0c\x0d")
	foreign := adversary.Address([]byte{byte(wire.TCP + wire.UDP - r.a.Kind())}) + c.Own[1:]
	for _, back := range []adversary.Route{
		{c.Own}, {c.Own, local}, {r.a.Hop, local}, {r.a.Own, r.a.Own, local}, {"\x01\x02\x0erouter.invalid\x01\x00"}, // in place of it
		{}, {local}, {foreign}, {foreign, c.Own, local}, // in front of it
	} {
		m, err := r.message(r.a, r.b)
		if err != nil {
			return err
		}
		m.Return = back
		arrived, err := r.carry(r.a, r.b, m)
		if err != nil {
			return blame("ROUT-003", "the source in front, behind the router", err)
		}
		if len(back) > 0 && back[0].Type() == r.a.Kind() && len(arrived.Return) == 2 {
			if err := r.reply(r.b, r.a, arrived); err != nil {
				return blame("ROUT-003", "the answer to a message, at its source", err)
			}
		}
	}
	return r.rest("ROUT-003", "messages whose return routes name somebody else", c)
}
