// Package peers has the in-process peers that the kit tests itself with: a correct one, broken ones with one fault each, lawful
// variants that use the latitude of the specification, and dead ones. They obey the echo contract over a byte stream and over datagrams,
// in every profile, in both roles (sections 3 to 7 of the specification; of section 8 only what an end point does).
//
// Peers are composed, never configured: the correct peer is a script of small steps, and a broken one is that script with one step
// replaced. There is no switch that makes a peer wrong. It shares no code with ref/noise, ref/key, and ref/channel.
//
// A Program may be started by many goroutines at once; what it starts is a conformance.Node, for one goroutine at a time.
package peers

import "ockamtest/conformance"

// Correct is the peer that every other one here is made of.
func Correct() conformance.Program {
	p := program("correct", "obeys every requirement that an end point has", altered(nil))
	p.Profiles, p.Insight, p.Reading = everyProfile(), insightOf(nil), true
	return AtDepths(p, conformance.MaxDepth)
}

func everyProfile() []string { return []string{"v1", "c09", "e09", "c010"} }

// A change replaces steps of the correct script, for one connection: what it closes over is the connection's own.
type change func(s *script)

// A builder makes a new node.
type builder func(need conformance.Need, seed uint64) conformance.Node

// altered builds nodes whose connections have steps replaced, each on its own.
func altered(alter change) builder {
	return func(need conformance.Need, seed uint64) conformance.Node { return newNode(need, seed, alter) }
}

// alteredTogether builds nodes whose connections have steps replaced by one change, so that what design closes over is the node's.
func alteredTogether(design func() change) builder {
	return func(need conformance.Need, seed uint64) conformance.Node { return newNode(need, seed, design()) }
}

func program(name, title string, build builder) conformance.Program {
	return conformance.Program{
		Name:              name,
		Title:             title,
		Roles:             []conformance.Role{conformance.Responder, conformance.Initiator},
		Profiles:          []string{"v1", "c09"},
		Transports:        []conformance.Transport{conformance.Mem, conformance.UDP},
		HandshakeDeadline: handshakeDeadline,
		Start:             build,
		StartInside:       build,
	}
}
