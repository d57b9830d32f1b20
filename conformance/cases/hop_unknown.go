package cases

import (
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// ROUT-006: "A message for an unknown or unreachable address is dropped, counted, and harms nothing else: connecting to a next hop has a
// deadline and a bounded queue and delays no other message." ROUT-001: "A message is handed to the first address of its onward route: a
// local address that is a channel, a channel listener, or a worker opened to the network; any other is unknown." WIRE-013: "Port 0,
// link-local IPv6, the unspecified address, and multicast or broadcast addresses are never sent to."
func hopsUnknown() []conformance.Case {
	return []conformance.Case{hop(conformance.Case{
		ID:           "rout/unknown-local-address",
		Title:        "A message for a local address that the router does not have is dropped, also if a hop stands behind that.",
		Requirements: []string{"ROUT-006", "ROUT-001"},
		Run:          around(unknownLocal),
	}), hop(conformance.Case{
		ID:           "rout/next-hop-gone",
		Title:        "A message for a next hop where nobody is, or is any more, is dropped, and others pass.",
		Requirements: []string{"ROUT-006"},
		Run:          around(nextHopGone),
	}), hopStreams(conformance.Case{
		ID:           "rout/next-hop-silent",
		Title:        "Messages for next hops to which connecting takes for ever do not delay others.",
		Requirements: []string{"ROUT-006"},
		Run:          around(nextHopSilent),
	}), hop(conformance.Case{
		ID:           "rout/unknown-name",
		Title:        "Messages for names that nobody has do not delay others, and harm nothing.",
		Requirements: []string{"ROUT-006", "WIRE-014"},
		Run:          around(unknownName),
	}), hop(conformance.Case{
		ID:           "rout/unsendable-next-hop",
		Title:        "A message whose next hop has port 0, or an address that is nobody's alone, is dropped.",
		Requirements: []string{"WIRE-013"},
		Run:          around(unsendable),
	})}
}

func unknownLocal(r *ring) error {
	unknown := adversary.LocalAddress("\xde\xad\xbe\xef\x00\x01\x02\x03")
	var all []drop
	for _, onward := range []adversary.Route{
		{r.a.Hop, unknown}, {unknown}, {r.a.Hop, unknown, r.b.Own}, {unknown, r.b.Own}, {r.a.Hop, unknown, unknown},
	} {
		for _, kind := range []wire.Type{wire.Payload, wire.M1, wire.M2} {
			m, err := r.message(r.a, r.b)
			if err != nil {
				return err
			}
			m.Onward, m.Type = onward, kind
			all = append(all, drop{requirement: "ROUT-001", harm: "ROUT-006", words: "a message for a local address that nobody has", bytes: m.Bytes()})
		}
	}
	return r.dropped(all...)
}

// nextHopGone uses the address of a listener, or a socket, that was closed before the router knew it, and of one that it knew.
func nextHopGone(r *ring) error {
	unknown, err := r.next(conformance.End{})
	if err != nil {
		return err
	}
	known, err := r.next(conformance.End{})
	if err != nil {
		return err
	}
	linked, err := r.open(conformance.End{})
	if err != nil {
		return err
	}
	for _, e := range []*adversary.EndPoint{known, linked} {
		if err := r.both(r.a, e); err != nil {
			return err
		}
	}
	var all []drop
	for _, gone := range []*adversary.EndPoint{unknown, known, linked} {
		if err := gone.Shut(); err != nil {
			return err
		}
		for range 2 {
			m, err := r.message(r.a, gone)
			if err != nil {
				return err
			}
			all = append(all, wellFormed("ROUT-006", "a message for a next hop where nobody is", m))
		}
	}
	return r.dropped(all...)
}

// silentHops is how many next hops do not answer: a router that waits for each has no time left for others.
const silentHops = 8

func nextHopSilent(r *ring) error {
	for range silentHops {
		c, err := r.next(conformance.End{Deaf: true})
		if err != nil {
			return err
		}
		m, err := r.message(r.a, c)
		if err != nil {
			return err
		}
		if err := r.a.Send(m); err != nil {
			return err
		}
	}
	return r.undelayed("ROUT-006", "messages for next hops that do not answer")
}

// undelayed requires that messages pass in time, from the source that sent the others and from another one.
func (r *ring) undelayed(requirement, after string) error {
	began := time.Now()
	if err := r.harmless(requirement, after); err != nil {
		return err
	}
	if took := time.Since(began); took > r.env.Patience() {
		return adversary.Fail(requirement, "after "+after+" no delay of others", took.Round(time.Millisecond).String())
	}
	return r.rest(requirement, after)
}

func unknownName(r *ring) error {
	for _, name := range []adversary.Address{"\x02\x0enobody.invalid", "\x02\x11nobody.at.invalid"} {
		m, err := r.message(r.a, r.b)
		if err != nil {
			return err
		}
		m.Onward = adversary.Route{r.a.Hop, adversary.Address([]byte{byte(r.a.Kind())}) + name + "\xa0\x0f", r.b.Own}
		if err := r.a.Send(m); err != nil {
			return err
		}
	}
	return r.undelayed("ROUT-006", "messages for names that nobody has")
}

func unsendable(r *ring) error {
	kind := adversary.Address([]byte{byte(r.a.Kind())})
	var all []drop
	for _, next := range []adversary.Address{
		r.b.Own[:len(r.b.Own)-2] + "\x00\x00",
		kind + "\x00\x00\x00\x00\x00" + r.b.Own[len(r.b.Own)-2:],
		kind + "\x00\xe0\x00\x00\x01" + r.b.Own[len(r.b.Own)-2:],
		kind + "\x01\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\xa0\x0f",
	} {
		m, err := r.message(r.a, r.b)
		if err != nil {
			return err
		}
		m.Onward = adversary.Route{r.a.Hop, next, r.b.Own}
		all = append(all, refused("WIRE-013", "a message whose next hop cannot be sent to", m))
	}
	return r.dropped(all...)
}
