package cases

import (
	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// ROUT-010: "A channel works end to end, over mixed transports". WIRE-014: "A DNS name is resolved only by the node that sends to it, never
// on receipt". WIRE-007: "Ports are little-endian; IP addresses are in network byte order." WIRE-011: "decode then encode gives the same
// bytes for every canonical message."
func hopsMixed() []conformance.Case {
	return []conformance.Case{hop(conformance.Case{
		ID:           "rout/mixed-transports",
		Title:        "Messages pass between an end over TCP and one over UDP, both ways round.",
		Requirements: []string{"ROUT-010", "ROUT-004"},
		Run:          around(mixedTransports),
	}), hop(conformance.Case{
		ID:           "wire/hop-addresses",
		Title:        "Addresses of every kind, behind the next hop and in the return route, pass the router byte for byte.",
		Requirements: []string{"WIRE-011", "WIRE-007"},
		Run:          around(hopAddresses),
	}), hop(conformance.Case{
		ID:           "wire/hop-names",
		Title:        "Names behind the next hop and in the return route are not resolved.",
		Requirements: []string{"WIRE-014"},
		Run:          around(hopNames),
	}), hop(conformance.Case{
		ID:           "wire/hop-bodies",
		Title:        "Bodies of every type and of many lengths pass the router byte for byte.",
		Requirements: []string{"WIRE-011"},
		Run:          around(hopBodies),
	})}
}

func mixedTransports(r *ring) error {
	c, err := r.open(conformance.End{Transport: r.other()})
	if err != nil {
		return err
	}
	for _, way := range [][2]*adversary.EndPoint{{r.a, c}, {c, r.b}} {
		if err := r.both(way[0], way[1]); err != nil {
			return err
		}
	}
	next, err := r.next(conformance.End{Transport: conformance.TCP})
	if err != nil {
		return err
	}
	if err := r.both(r.a, next); err != nil {
		return err
	}
	return r.rest("ROUT-005", "messages over mixed transports", c, next)
}

// passing are addresses that only pass by.
func passing() []adversary.Address {
	every := make([]byte, 255)
	for i := range every {
		every[i] = byte(i)
	}
	return []adversary.Address{
		adversary.LocalAddress("\x00"), adversary.LocalAddress("app"), adversary.LocalAddress(string(every)),
		"\x01\x00\xc0\x00\x02\x07\x34\x12", "\x02\x00\xc0\x00\x02\x07\x00\x01", "\x01\x00\x00\x00\x00\x00\x00\x00",
		"\x01\x01\x20\x01\x0d\xb8\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x34\x12",
		"\x02\x01\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x28\x23",
		"\x01\x02\x01a\xa0\x0f", "\x02\x02\x15under.example.invalid\xa0\x0f",
	}
}

func hopAddresses(r *ring) error {
	for _, a := range passing() {
		m, err := r.message(r.a, r.b, a)
		if err != nil {
			return err
		}
		m.Return = append(m.Return, a, adversary.LocalAddress("end"))
		if _, err := r.carry(r.a, r.b, m); err != nil {
			return blameMissing("WIRE-011", "a message whose routes have addresses of every kind", err)
		}
	}
	return nil
}

func hopNames(r *ring) error {
	m, err := r.message(r.a, r.b, localhost(r.a), localhost(r.b))
	if err != nil {
		return err
	}
	m.Return = append(m.Return, localhost(r.b), "\x01\x02\x0enobody.invalid\xa0\x0f")
	if _, err = r.carry(r.a, r.b, m); err != nil {
		return blameMissing("WIRE-014", "a message with names that are not for the router to resolve", err)
	}
	return nil
}

func hopBodies(r *ring) error {
	for _, kind := range []wire.Type{wire.Payload, wire.M1, wire.M2, wire.M3} {
		for _, size := range []int{0, 1, 2, 15, 16, 32, 64, 96, 127, 128, 255, 256, 257, 1024, 1460, 4096, 16384, 32768, 65000} {
			body, err := r.random(size)
			if err != nil {
				return err
			}
			if err := hopBody(r, kind, body); err != nil {
				return err
			}
		}
		for _, body := range [][]byte{make([]byte, 64), adversary.Inner([]byte("inner")), {1, 0, 0, 0}, {0, 0}} {
			if err := hopBody(r, kind, body); err != nil {
				return err
			}
		}
	}
	return r.rest("ROUT-005", "bodies of many lengths")
}

func hopBody(r *ring, kind wire.Type, body []byte) error {
	m := adversary.Message{Onward: adversary.Route{r.a.Hop, r.b.Own}, Return: adversary.Route{r.a.Own}, Type: kind, Body: body}
	_, err := r.carry(r.a, r.b, m)
	return blameMissing("WIRE-011", "a message whose body is none of the router's business", err)
}
