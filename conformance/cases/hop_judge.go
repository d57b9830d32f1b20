package cases

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// hopped is what a router makes of a message from an end of the kit's, but for the router's own address in front of the return route:
// without the leading address, which names the router, and with the source in front (ROUT-002, ROUT-003).
func hopped(from *adversary.EndPoint, m adversary.Message) adversary.Message {
	m.Onward = slices.Clone(m.Onward[1:])
	if len(m.Return) > 0 && m.Return[0].Type() == from.Kind() {
		m.Return = m.Return[1:]
	}
	m.Return = append(adversary.Route{from.Own}, m.Return...)
	return m
}

// forwarded compares what arrived at an end with what had to arrive there, and names the rule that the router broke. sent is what it was
// sent. The message is returned as the end takes it: without its own address, with the router in front of the return route.
func forwarded(to *adversary.EndPoint, sent, want adversary.Message, frame []byte) (adversary.Message, error) {
	got, err := adversary.ParseMessage(frame)
	var malformed *adversary.MalformedError
	if errors.As(err, &malformed) {
		return got, adversary.Fail(malformed.Requirement, "a well-formed message, forwarded", malformed.Words)
	}
	for _, err := range []error{sameBody(want, got), sameOnward(to, sent, want, got), sameReturn(to, sent, want, got)} {
		if err != nil {
			return got, err
		}
	}
	got.Onward = got.Onward[1:]
	got.Return = append(adversary.Route{to.Hop}, got.Return[1:]...)
	return got, nil
}

// sameBody wants type and body untouched.
func sameBody(want, got adversary.Message) error {
	switch {
	case got.Type != want.Type:
		return adversary.Fail("WIRE-011", fmt.Sprintf("a message of type %d, as it was sent", want.Type), fmt.Sprintf("type %d", got.Type))
	case len(got.Body) != len(want.Body):
		return adversary.Fail("WIRE-011", fmt.Sprintf("a body of %d bytes, as it was sent", len(want.Body)), fmt.Sprintf("%d bytes", len(got.Body)))
	case !bytes.Equal(got.Body, want.Body):
		return adversary.Fail("WIRE-011", fmt.Sprintf("the %d bytes of the body, as they were sent", len(want.Body)), "other bytes")
	}
	return nil
}

func sameOnward(to *adversary.EndPoint, sent, want, got adversary.Message) error {
	const words = "an onward route that begins with the next hop, one shorter than the one that the router was sent"
	switch {
	case slices.Equal(got.Onward, want.Onward):
		return nil
	case slices.Equal(got.Onward, sent.Onward):
		return adversary.Fail("ROUT-005", words, "the onward route as it was sent")
	case len(got.Onward) == 0 || got.Onward[0] != to.Own:
		return adversary.Fail("ROUT-004", words, "an onward route that does not begin with the address that the message arrived at")
	case len(got.Onward) < len(want.Onward):
		return adversary.Fail("ROUT-002", words, fmt.Sprintf("%d addresses of %d", len(got.Onward), len(want.Onward)))
	case len(got.Onward) > len(want.Onward):
		return adversary.Fail("ROUT-005", words, fmt.Sprintf("%d addresses instead of %d", len(got.Onward), len(want.Onward)))
	}
	return sameAddresses("onward", want.Onward, got.Onward)
}

// sameReturn wants the router's own address, which may be any of the transport's kind (ROUT-004), before the rest.
func sameReturn(to *adversary.EndPoint, sent, want, got adversary.Message) error {
	const words = "a return route of the router's address, the source's, and what followed in the message"
	switch {
	case slices.Equal(got.Return, want.Return), slices.Equal(got.Return, sent.Return):
		return adversary.Fail("ROUT-004", words, "no address of the router's in front")
	case len(got.Return) > 1 && got.Return[0] == want.Return[0] && got.Return[1] != want.Return[0]:
		return adversary.Fail("ROUT-004", words, "the source's address in front of the router's")
	case len(got.Return) == 0 || got.Return[0].Type() != to.Kind():
		return adversary.Fail("ROUT-004", words, "no address of the router's, of the transport over which it came, in front")
	}
	if what := turned(got.Return[0], to.Hop); what != "" {
		return adversary.Fail("WIRE-007", words, "the router's address with its "+what)
	}
	rest := got.Return[1:]
	switch {
	case slices.Equal(rest, want.Return):
		return nil
	case slices.Equal(rest, sent.Return):
		return adversary.Fail("ROUT-003", words, "the return route that the sender wrote, without its source in front")
	case len(rest) != len(want.Return):
		return adversary.Fail("ROUT-003", words, fmt.Sprintf("%d addresses instead of %d behind the router's", len(rest), len(want.Return)))
	case rest[0] != want.Return[0] && turned(rest[0], want.Return[0]) == "":
		return adversary.Fail("ROUT-003", words, "another address in place of the source's")
	}
	return sameAddresses("return", want.Return, rest)
}

// sameAddresses compares routes of one length address by address.
func sameAddresses(name string, want, got adversary.Route) error {
	for i := range want {
		if got[i] == want[i] {
			continue
		}
		expected := fmt.Sprintf("address %d of the %s route as it was sent", i, name)
		if what := turned(got[i], want[i]); what != "" {
			return adversary.Fail("WIRE-007", expected, "the address with its "+what)
		}
		if got[i].Type() != wire.Local && len(got[i]) > 1 && wire.HostType(want[i][1]) == wire.DNS && wire.HostType(got[i][1]) != wire.DNS {
			return adversary.Fail("WIRE-014", expected, "a numeric address in place of a name")
		}
		return adversary.Fail("WIRE-011", expected, "another address")
	}
	return nil
}
