package cases

import (
	"fmt"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// ROUT-010: "A channel works end to end, over mixed transports, for every n for which n transport addresses and one local address fit the
// smallest route limit on the path". WIRE-011: "decode then encode gives the same bytes for every canonical message." The kit has a channel with itself: every message of it passes the router, which may change nothing but routes.
func hopsChannel() []conformance.Case {
	return []conformance.Case{hop(conformance.Case{
		ID:           "chan/through-hop",
		Title:        "A channel of the kit with itself opens through the router, and payloads pass both ways.",
		Requirements: []string{"ROUT-010", "WIRE-011"},
		Run:          around(func(r *ring) error { return throughHops(r, 0, conformance.End{}) }),
	}), hop(conformance.Case{
		ID:           "chan/through-hops",
		Title:        "A channel opens through a chain of three, then five hops, of which the router is every other one.",
		Requirements: []string{"ROUT-010"},
		Run: around(func(r *ring) error {
			for _, relays := range []int{1, 2} {
				if err := throughHops(r, relays, conformance.End{}); err != nil {
					return err
				}
			}
			return nil
		}),
	}), hop(conformance.Case{
		ID:           "chan/through-hops-mixed",
		Title:        "A channel opens through a chain of hops that changes its transport at each.",
		Requirements: []string{"ROUT-010"},
		Run:          around(func(r *ring) error { return throughHops(r, 1, conformance.End{Transport: r.other()}) }),
	})}
}

// A relay is a hop of the kit's own: a node with an end on either side, between two passages of the router.
type relay struct{ left, right *adversary.EndPoint }

// A path is the way of a channel's messages from a to b, and back: over the router, and the relays between its passages.
type path struct {
	r      *ring
	a, b   *adversary.EndPoint
	relays []relay
}

// newPath makes a path with relays whose right ends, and the last end, are as end says.
func newPath(r *ring, relays int, end conformance.End) (*path, error) {
	p := &path{r: r, a: r.a}
	for range relays {
		left, err := r.open(conformance.End{})
		if err != nil {
			return nil, err
		}
		right, err := r.open(end)
		if err != nil {
			return nil, err
		}
		p.relays = append(p.relays, relay{left, right})
	}
	var err error
	p.b, err = r.open(end)
	return p, err
}

// onward is the route from a to b.
func (p *path) onward() adversary.Route {
	route := adversary.Route{p.a.Hop}
	for _, relay := range p.relays {
		route = append(route, relay.left.Own, relay.right.Hop)
	}
	return append(route, p.b.Own)
}

// forth carries a message from a to b, back one from b to a. They return it as it arrives.
func (p *path) forth(m adversary.Message) (adversary.Message, error) {
	from := p.a
	for _, relay := range p.relays {
		var err error
		if m, err = p.r.carry(from, relay.left, m); err != nil {
			return m, err
		}
		from = relay.right
		m = leaving(from, m)
	}
	return p.r.carry(from, p.b, m)
}

func (p *path) back(m adversary.Message) (adversary.Message, error) {
	from := p.b
	for _, relay := range slices.Backward(p.relays) {
		var err error
		if m, err = p.r.carry(from, relay.right, m); err != nil {
			return m, err
		}
		from = relay.left
		m = leaving(from, m)
	}
	return p.r.carry(from, p.a, m)
}

// leaving is a message that arrived at a relay as it leaves from one of its ends (ROUT-004).
func leaving(from *adversary.EndPoint, m adversary.Message) adversary.Message {
	m.Return = append(adversary.Route{from.Own}, m.Return...)
	return m
}

// A party is one side of a channel of the kit with itself.
type party struct {
	noise  adversary.Handshake
	own    adversary.Address
	local  adversary.Address // CHAN-010
	onward adversary.Route   // where it sends to
	carry  func(adversary.Message) (adversary.Message, error)
	other  *party

	sending, receiving adversary.Direction
}

// throughHops opens a channel over a path and sends payloads both ways.
func throughHops(r *ring, relays int, end conformance.End) error {
	p, err := newPath(r, relays, end)
	if err != nil {
		return err
	}
	initiator, err := p.party(p.a, p.forth)
	if err != nil {
		return err
	}
	responder, err := p.party(p.b, p.back)
	if err != nil {
		return err
	}
	initiator.onward = p.onward()
	initiator.other, responder.other = responder, initiator
	// -> e
	// <- e, ee, s, es
	// -> s, se
	if err := initiator.shake(wire.M1, (*adversary.Handshake).WriteM1, (*adversary.Handshake).ReadM1); err != nil {
		return err
	}
	if err := responder.shake(wire.M2, (*adversary.Handshake).WriteM2, (*adversary.Handshake).ReadM2); err != nil {
		return err
	}
	if err := initiator.shake(wire.M3, (*adversary.Handshake).WriteM3, (*adversary.Handshake).ReadM3); err != nil {
		return err
	}
	k1, k2 := initiator.noise.Split()
	h := initiator.noise.H
	initiator.sending, initiator.receiving = adversary.Direction{Key: k2, AD: h[:]}, adversary.Direction{Key: k1, AD: h[:]}
	responder.sending, responder.receiving = initiator.receiving, initiator.sending
	for _, size := range []int{0, controlSize, 1000} {
		for _, from := range []*party{initiator, responder} {
			if err := from.say(r, size); err != nil {
				return err
			}
		}
	}
	return r.rest("ROUT-005", "a channel through hops", p.b)
}

func (p *path) party(at *adversary.EndPoint, carry func(adversary.Message) (adversary.Message, error)) (*party, error) {
	suite := p.r.env.Profile().Suite
	e, err := adversary.GenerateKeyPair(suite, p.r.env.Random())
	if err != nil {
		return nil, fmt.Errorf("cases: ephemeral key: %w", err)
	}
	local, err := p.r.random(4)
	return &party{
		noise: adversary.NewHandshake(suite, adversary.NewKeyPair(suite, p.r.env.StaticKey()), e),
		own:   at.Own, local: adversary.LocalAddress(string(local)), carry: carry,
	}, err
}

// shake sends a handshake message, which the other side reads and learns the way back from.
func (p *party) shake(t wire.Type, write func(*adversary.Handshake, []byte) []byte,
	read func(*adversary.Handshake, []byte) ([]byte, bool)) error {
	name := adversary.TypeName(t)
	m, err := p.carry(adversary.Message{
		Onward: p.onward, Return: adversary.Route{p.own, p.local}, Type: t, Body: write(&p.noise, nil),
	})
	if err != nil {
		return blameMissing("ROUT-010", "an "+name+" that arrives", err)
	}
	if _, ok := read(&p.other.noise, m.Body); !ok {
		return adversary.Fail("WIRE-011", "an "+name+" that verifies behind the hops", "one that does not")
	}
	p.other.onward = m.Return
	return nil
}

// say sends a payload, which the other side decrypts.
func (p *party) say(r *ring, size int) error {
	payload, err := r.random(size)
	if err != nil {
		return err
	}
	inner := adversary.Inner(payload)
	record := p.sending.Seal(inner)
	p.sending.N++
	m, err := p.carry(adversary.Message{Onward: p.onward, Return: adversary.Route{p.own}, Type: wire.Payload, Body: record})
	if err != nil {
		return err
	}
	got, ok := adversary.Open(p.other.receiving.Key, p.other.receiving.N, p.other.receiving.AD, m.Body)
	if !ok || string(got) != string(inner) {
		return adversary.Fail("WIRE-011", "a ciphertext that verifies behind the hops", "one that does not")
	}
	p.other.receiving.N++
	return nil
}
