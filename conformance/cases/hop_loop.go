package cases

import (
	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// ROUT-005: "No message causes more than one message from a hop, and none can circle for ever: a message whose next address is one that
// the node is bound to is dropped".
func hopsLoop() []conformance.Case {
	return []conformance.Case{hop(conformance.Case{
		ID:           "rout/next-is-itself",
		Title:        "A message whose next hop is the router's own address, in whatever spelling, is dropped.",
		Requirements: []string{"ROUT-005"},
		Run:          around(nextIsItself),
	}), hop(conformance.Case{
		ID:           "rout/next-is-itself-by-name",
		Title:        "A message whose next hop is a name of the router's own address is dropped.",
		Requirements: []string{"ROUT-005"},
		Run: around(func(r *ring) error {
			m, err := r.message(r.a, r.a)
			if err != nil {
				return err
			}
			name := adversary.Address([]byte{byte(r.a.Kind())}) + "\x02\x09localhost" + r.a.Hop[len(r.a.Hop)-2:]
			m.Onward = adversary.Route{r.a.Hop, name, r.b.Own}
			return r.dropped(wellFormed("ROUT-005", "a message whose next hop is the router itself by name", m))
		}),
	}), hop(conformance.Case{
		ID:           "rout/next-is-its-other-transport",
		Title:        "A message whose next hop is the router's own address on its other transport is dropped.",
		Requirements: []string{"ROUT-005"},
		Run:          around(nextIsItsOther),
	}), hop(conformance.Case{
		ID:           "rout/one-for-one",
		Title:        "A message reaches the end that it is for, once, and no other.",
		Requirements: []string{"ROUT-005"},
		Run:          around(oneForOne),
	})}
}

// itself are messages that go on to b behind another address of the router's.
func itself(r *ring, own ...adversary.Address) ([]drop, error) {
	var all []drop
	for _, address := range own {
		m, err := r.message(r.a, r.b)
		if err != nil {
			return nil, err
		}
		m.Onward = adversary.Route{r.a.Hop, address, r.b.Own}
		all = append(all, wellFormed("ROUT-005", "a message whose next hop is the router itself", m))
	}
	return all, nil
}

func nextIsItself(r *ring) error {
	all, err := itself(r, r.a.Hop, mapped(r.a.Hop))
	if err != nil {
		return err
	}
	return r.dropped(all...)
}

func nextIsItsOther(r *ring) error {
	c, err := r.open(conformance.End{Transport: r.other()})
	if err != nil {
		return err
	}
	all, err := itself(r, c.Hop)
	if err != nil {
		return err
	}
	return r.dropped(all...)
}

// mapped is a numeric IPv4 address as IPv4-mapped IPv6, which means the same and is written by nobody (WIRE-013).
func mapped(a adversary.Address) adversary.Address {
	if wire.HostType(a[1]) != wire.IPv4 {
		return a
	}
	return a[:1] + "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff" + a[2:]
}

func oneForOne(r *ring) error {
	var others []*adversary.EndPoint
	for range 3 {
		e, err := r.open(conformance.End{})
		if err != nil {
			return err
		}
		others = append(others, e)
	}
	for _, e := range append(others, r.b) {
		if err := r.both(r.a, e); err != nil {
			return err
		}
	}
	return r.rest("ROUT-005", "one message and one answer for each end", others...)
}
