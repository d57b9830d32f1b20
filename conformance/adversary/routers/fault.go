package routers

import (
	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// Broken returns the routers with one fault each.
func Broken() []adversary.Fault {
	var all []adversary.Fault
	for _, faults := range [][]fault{
		leadingFaults(), sourceFaults(), departureFaults(), connectionFaults(), segmentFaults(), loopFaults(), unknownFaults(),
		policyFaults(), furtherHopFaults(), limitFaults(), lengthFaults(), codecFaults(), formFaults(), nameFaults(), orderFaults(),
		pingFaults(), pongFaults(), bodyFaults(), typeChangeFaults(), streamFaults(), endFaults(), slowFaults(), crowdFaults(), wholeFaults(),
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
	transports         []conformance.Transport // nil: both
	breaks, entails    []string
	alter              change
}

func (f fault) peer() adversary.Fault {
	p := program(f.name, f.title, f.alter)
	if f.transports != nil {
		p.Transports = f.transports
	}
	return adversary.Fault{Program: p, Class: f.class, Breaks: f.breaks, Entails: f.entails}
}

func streams() []conformance.Transport    { return []conformance.Transport{conformance.Mem} }
func datagrams() []conformance.Transport  { return []conformance.Transport{conformance.UDP} }
func ids(requirements ...string) []string { return requirements }
