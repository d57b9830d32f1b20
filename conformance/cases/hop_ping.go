package cases

import (
	"errors"
	"fmt"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// WIRE-010: "A ping for the node is answered with one pong whose onward route is the ping's return route (after ROUT-003) and whose return
// route is empty before ROUT-004. A pong is never answered; a ping or pong for a local address is dropped."
func hopsPing() []conformance.Case {
	return []conformance.Case{hop(conformance.Case{
		ID:           "wire/node-ping",
		Title:        "A ping for the router is answered with one pong, by the ping's return route with the source in front.",
		Requirements: []string{"WIRE-010", "ROUT-003", "ROUT-004"},
		Run:          around(nodePing),
	}), hop(conformance.Case{
		ID:           "wire/node-ping-canonical",
		Title:        "The pong to a ping with addresses in other spellings has them in the one that encoders write.",
		Requirements: []string{"WIRE-015"},
		Run:          around(nodePingCanonical),
	}), hop(conformance.Case{
		ID:           "wire/node-pong",
		Title:        "A pong for the router, and a ping or pong for a local address, are not answered.",
		Requirements: []string{"WIRE-010"},
		Run:          around(nodePong),
	}), hop(conformance.Case{
		ID:           "wire/hop-ping",
		Title:        "A ping for another node passes the router, and so does its pong; the router answers neither.",
		Requirements: []string{"WIRE-010"},
		Run:          around(hopPing),
	})}
}

// pinged sends a ping from a and requires a pong with the given onward route.
func (r *ring) pinged(onward, back, want adversary.Route) error {
	if err := r.a.Send(adversary.Message{Onward: onward, Return: back, Type: wire.Ping}); err != nil {
		return err
	}
	frame, err := r.a.Next(r.env.Patience())
	if err != nil {
		return blameMissing("WIRE-010", "a pong in answer to a ping", r.missing(err))
	}
	m, err := adversary.ParseMessage(frame)
	switch {
	case err != nil:
		return malformedPong(err)
	case m.Type != wire.Pong:
		return adversary.Fail("WIRE-010", "a pong in answer to a ping", inWords(frame))
	case slices.Equal(m.Onward, want):
	case len(m.Onward) == 0 || m.Onward[0] != want[0]:
		return adversary.Fail("ROUT-003", "a pong whose onward route begins with the source of the ping", "another address, or none")
	case len(m.Onward) == len(want):
		return sameAddresses("onward", want, m.Onward)
	default:
		return adversary.Fail("WIRE-010", fmt.Sprintf("a pong whose onward route is the ping's return route, of %d addresses", len(want)),
			fmt.Sprintf("another route, of %d", len(m.Onward)))
	}
	if len(m.Return) != 1 || m.Return[0].Type() != r.a.Kind() {
		return adversary.Fail("ROUT-004", "a pong whose return route is the router's address", fmt.Sprintf("%d addresses", len(m.Return)))
	}
	return nil
}

func nodePing(r *ring) error {
	local := adversary.LocalAddress("\x0a\x0b\x0c\x0d")
	foreign := adversary.Address([]byte{byte(wire.TCP + wire.UDP - r.a.Kind())}) + r.b.Own[1:]
	self := adversary.Route{r.a.Hop}
	for _, ping := range []struct{ onward, back, want adversary.Route }{
		{self, adversary.Route{r.a.Own}, adversary.Route{r.a.Own}},
		{self, adversary.Route{r.a.Own, local}, adversary.Route{r.a.Own, local}},
		{self, adversary.Route{r.b.Own, local}, adversary.Route{r.a.Own, local}},
		{self, adversary.Route{local}, adversary.Route{r.a.Own, local}},
		{self, nil, adversary.Route{r.a.Own}},
		{self, adversary.Route{foreign, local}, adversary.Route{r.a.Own, foreign, local}},
		{self, adversary.Route{r.a.Own, r.b.Own, local}, adversary.Route{r.a.Own, r.b.Own, local}},
		{nil, adversary.Route{r.a.Own}, adversary.Route{r.a.Own}},
		{nil, nil, adversary.Route{r.a.Own}},
	} {
		if err := r.pinged(ping.onward, ping.back, ping.want); err != nil {
			return err
		}
	}
	return r.rest("WIRE-010", "pings that were answered with one pong each")
}

func nodePingCanonical(r *ring) error {
	for _, s := range spellings() {
		err := r.pinged(adversary.Route{r.a.Hop}, adversary.Route{r.a.Own, s.received}, adversary.Route{r.a.Own, s.written})
		var f *conformance.Failure
		if errors.As(err, &f) && f.Requirement != "ROUT-003" && f.Requirement != "ROUT-004" {
			return blame("WIRE-015", "a pong with addresses in the form that encoders write", err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func nodePong(r *ring) error {
	unknown := adversary.LocalAddress("\xde\xad\xbe\xef\x00\x01\x02\x03")
	var all []drop
	for _, m := range []adversary.Message{
		{Onward: adversary.Route{r.a.Hop}, Return: adversary.Route{r.a.Own}, Type: wire.Pong},
		{Type: wire.Pong},
		{Onward: adversary.Route{r.a.Hop, unknown}, Return: adversary.Route{r.a.Own}, Type: wire.Ping},
		{Onward: adversary.Route{unknown}, Return: adversary.Route{r.a.Own}, Type: wire.Ping},
		{Onward: adversary.Route{r.a.Hop, unknown}, Return: adversary.Route{r.a.Own}, Type: wire.Pong},
	} {
		all = append(all, wellFormed("WIRE-010", "a "+adversary.TypeName(m.Type)+" that nobody answers", m))
	}
	return r.dropped(all...)
}

func hopPing(r *ring) error {
	local := adversary.LocalAddress("\x0a\x0b\x0c\x0d")
	ping := adversary.Message{Onward: adversary.Route{r.a.Hop, r.b.Own}, Return: adversary.Route{r.a.Own, local}, Type: wire.Ping}
	arrived, err := r.carry(r.a, r.b, ping)
	if err != nil {
		return blameMissing("WIRE-010", "a ping that is for another node, there", err)
	}
	pong := adversary.Message{Onward: arrived.Return, Return: adversary.Route{r.b.Own}, Type: wire.Pong}
	if _, err := r.carry(r.b, r.a, pong); err != nil {
		return blameMissing("WIRE-010", "the pong to a ping from another node, there", err)
	}
	return r.rest("WIRE-010", "a ping and its pong that passed by")
}

func malformedPong(err error) error {
	var malformed *adversary.MalformedError
	if errors.As(err, &malformed) {
		return adversary.Fail(malformed.Requirement, "a well-formed pong", malformed.Words)
	}
	return err
}
