package peers

import (
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// A Fault is the correct peer with one step done wrongly.
type Fault = adversary.Fault

// Broken returns the peers with one fault each.
func Broken() []Fault {
	var all []Fault
	for _, faults := range [][]fault{
		noiseFaults(), handshakeFaults(), channelFaults(), recordFaults(), echoFaults(), innerFaults(), streamFaults(), codecFaults(),
		nodeFaults(), neighbourFaults(), sharedFaults(), datagramFaults(), repeatFaults(), windowFaults(), ownAddressFaults(), rejectedFaults(), endPointFaults(),
		dialectFaults(), misplacedFaults(), ioFaults(), policyFaults(), kindFaults(), weakKeyFaults(), answerFaults(), resourceFaults(), forgottenFaults(),
	} {
		for _, f := range faults {
			p := f.peer()
			p.Program = inTunnels(p.Program)
			all = append(all, p)
		}
	}
	return slices.Concat(all, tunnelFaults(), insightFaults(), readingFaults())
}

// A fault is a row in a table of faults.
type fault struct {
	name, title, class string
	roles              []conformance.Role // nil: both
	profiles           []string           // nil: v1 and c09
	datagrams          []string           // profiles over UDP; nil: it is not run there
	onlyDatagrams      bool               // it is run over UDP alone; datagrams nil: in the first profile
	breaks, entails    []string
	pinned             bool // it was told the one static key that it has to accept
	alter              change
	build              builder // instead of alter, for what is wrong with the node as a whole
}

func (f fault) peer() Fault {
	build := f.build
	if build == nil {
		build = altered(f.alter)
	}
	p := program(f.name, f.title, build)
	if f.roles != nil {
		p.Roles = f.roles
	}
	if f.profiles != nil {
		p.Profiles = f.profiles
	}
	p.Datagrams, p.Pinned = f.datagrams, f.pinned
	switch {
	case f.onlyDatagrams:
		p.Transports = []conformance.Transport{conformance.UDP}
		if f.datagrams == nil {
			p.Datagrams = p.Profiles[:1]
		}
	case f.datagrams == nil: // what is no matter of the transport need not be shown twice
		p.Transports = []conformance.Transport{conformance.Mem}
	}
	return Fault{Program: p, Class: f.class, Breaks: f.breaks, Entails: f.entails}
}

func responder() []conformance.Role       { return []conformance.Role{conformance.Responder} }
func initiator() []conformance.Role       { return []conformance.Role{conformance.Initiator} }
func v1() []string                        { return []string{"v1"} }
func c09() []string                       { return []string{"c09"} }
func c010() []string                      { return []string{"c010"} }
func e09() []string                       { return []string{"e09"} }
func routedProfiles() []string            { return []string{"v1", "e09", "c010"} }
func ids(requirements ...string) []string { return requirements }
