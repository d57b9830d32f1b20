package cases

import (
	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// ROUT-007: "Forwarding to a transport, from a transport or a channel, is off unless configured and has an allow rule on source and next
// address, checked on the numeric address. An end point is no open relay; a message that names no further hop is never relayed." What
// the rule of the router contract lets pass is the kit's own address.
func hopsPolicy() []conformance.Case {
	return []conformance.Case{hop(conformance.Case{
		ID:           "rout/no-further-hop",
		Title:        "A message that names the router alone, or nobody, or somebody else where the router has to be named, is not relayed.",
		Requirements: []string{"ROUT-007", "ROUT-001"},
		Run:          around(noFurtherHop),
	}), hop(conformance.Case{
		ID:           "rout/next-not-allowed",
		Title:        "A message for a next hop that the allow rule does not know is not forwarded, whatever the spelling of its address.",
		Requirements: []string{"ROUT-007"},
		Run:          around(nextNotAllowed),
	}), hop(conformance.Case{
		ID:           "rout/source-not-allowed",
		Title:        "A message from a source that the allow rule does not know is not forwarded, whatever return route it comes with.",
		Requirements: []string{"ROUT-007"},
		Run:          around(sourceNotAllowed),
	})}
}

func noFurtherHop(r *ring) error {
	var all []drop
	for _, onward := range []adversary.Route{{r.a.Hop}, {}, {r.b.Own}, {mapped(r.b.Own)}, {localhost(r.b)}} {
		for _, kind := range []wire.Type{wire.Payload, wire.M1, wire.M2, wire.M3} {
			m, err := r.message(r.a, r.b)
			if err != nil {
				return err
			}
			m.Onward, m.Type = onward, kind
			all = append(all, refused("ROUT-007", "a message that names no further hop", m))
		}
	}
	return r.dropped(all...)
}

func nextNotAllowed(r *ring) error {
	c, err := r.next(conformance.End{Stranger: true})
	if err != nil {
		return err
	}
	var all []drop
	for _, onward := range []adversary.Route{{r.a.Hop, c.Own}, {r.a.Hop, mapped(c.Own)}, {r.a.Hop, c.Own, r.b.Own}} {
		m, err := r.message(r.a, c)
		if err != nil {
			return err
		}
		m.Onward = onward
		all = append(all, refused("ROUT-007", "a message for a next hop that is not allowed", m))
	}
	if err := r.dropped(all...); err != nil {
		return err
	}
	return r.rest("ROUT-007", "messages for a next hop that is not allowed", c)
}

func sourceNotAllowed(r *ring) error {
	var all []drop
	var strangers []*adversary.EndPoint
	for _, back := range []adversary.Route{nil, {r.a.Own}, {}} {
		c, err := r.open(conformance.End{Stranger: true})
		if err != nil {
			return err
		}
		m, err := r.message(c, r.b)
		if err != nil {
			return err
		}
		if back != nil {
			m.Return = back
		}
		x := refused("ROUT-007", "a message from a source that is not allowed", m)
		x.from = c
		all, strangers = append(all, x), append(strangers, c)
	}
	if err := r.dropped(all...); err != nil {
		return err
	}
	return r.rest("ROUT-007", "messages from a source that is not allowed", strangers...)
}
