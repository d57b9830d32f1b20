package cases

import (
	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// Forward returns the positive control of the role Router: what two ends of the kit's send each other through the router arrives, both ways.
func Forward() conformance.Case {
	c := hopsControl()[0]
	complete(&c)
	return c
}

// ROUT-004: "A node that sends over a transport leaves the destination first in the onward route, as a numeric address, and puts its own
// transport address in front of the return route ... a reply to a TCP source goes over the connection that it came from." ROUT-010: "A
// channel works end to end".
func hopsControl() []conformance.Case {
	return []conformance.Case{hop(conformance.Case{
		ID:    "rout/forward-and-back",
		Title: "A message passes the router from one end of the kit's to another, and its answer passes it back, both ways round.",
		Requirements: []string{"ROUT-010", "ROUT-002", "ROUT-003", "ROUT-004", "ROUT-005", "WIRE-001", "WIRE-002", "WIRE-005", "WIRE-007", "WIRE-011",
			"TRAN-001"},
		Run: around(forwardAndBack),
	})}
}

func forwardAndBack(r *ring) error {
	for _, way := range [][2]*adversary.EndPoint{{r.a, r.b}, {r.b, r.a}} {
		if err := r.both(way[0], way[1]); err != nil {
			return r.explained(err)
		}
	}
	return nil
}

// explained finds out about a router that does not forward to an end which has connected to it, whether it forwards to one that has not.
func (r *ring) explained(err error) error {
	if r.packets() || !isMissing(err) {
		return err
	}
	c, listenErr := r.next(conformance.End{})
	if listenErr != nil {
		return err
	}
	if _, passErr := r.pass(r.a, c); passErr != nil {
		return err
	}
	return adversary.Fail("ROUT-004", "a message for an end that has connected to the router, over that connection",
		"none; only ends to which the router connects itself get theirs")
}

// hop limits a case to routers, over every transport, in the profile that has all of section 8.
func hop(c conformance.Case) conformance.Case {
	c.Roles, c.Profiles = []conformance.Role{conformance.Router}, v1()
	if c.Transports == nil {
		c.Transports = []conformance.Transport{conformance.TCP, conformance.UDP, conformance.Mem}
	}
	return c
}

// hopStreams is hop for what only streams have.
func hopStreams(c conformance.Case) conformance.Case {
	c.Transports = []conformance.Transport{conformance.TCP, conformance.Mem}
	return hop(c)
}
