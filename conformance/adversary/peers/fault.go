package peers

import (
	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// A Fault is the correct peer with one step done wrongly.
type Fault = adversary.Fault

// Broken returns the peers with one fault each.
func Broken() []Fault {
	var all []Fault
	for _, faults := range [][]fault{
		noiseFaults(), handshakeFaults(), channelFaults(), recordFaults(), echoFaults(), innerFaults(), streamFaults(), codecFaults(), nodeFaults(), sharedFaults(),
	} {
		for _, f := range faults {
			all = append(all, f.peer())
		}
	}
	return all
}

// A fault is a row in a table of faults.
type fault struct {
	name, title, class string
	roles              []conformance.Role // nil: both
	profiles           []string           // nil: both
	breaks, entails    []string
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
	return Fault{Program: p, Class: f.class, Breaks: f.breaks, Entails: f.entails}
}

func responder() []conformance.Role       { return []conformance.Role{conformance.Responder} }
func initiator() []conformance.Role       { return []conformance.Role{conformance.Initiator} }
func v1() []string                        { return []string{"v1"} }
func c09() []string                       { return []string{"c09"} }
func ids(requirements ...string) []string { return requirements }
