package cases

import (
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// REC-010: "An outer message is at most 65,535 bytes, over UDP 65,507 (IPv4) or 65,527 (IPv6); a v1 receiver accepts that much. ... A hop
// drops a message that its own address makes too long, or that would need a 256th return address." ROUT-011: "A relay refuses a message with
// more than 16 addresses in both routes together." WIRE-008: "A receiver supports at least 8".
func hopsLimits() []conformance.Case {
	return []conformance.Case{hop(conformance.Case{
		ID:           "rout/seven-addresses-each",
		Title:        "A message with seven addresses in either route is forwarded.",
		Requirements: []string{"ROUT-010", "WIRE-008"},
		Run:          around(sevenEach),
	}), hop(conformance.Case{
		ID:           "rout/many-addresses",
		Title:        "A message with forty addresses in both routes together is refused.",
		Requirements: []string{"ROUT-011"},
		Run: around(func(r *ring) error {
			m, err := r.filled(20, 20)
			if err != nil {
				return err
			}
			return r.dropped(refused("ROUT-011", "a message with forty addresses", m))
		}),
	}), hop(conformance.Case{
		ID:           "rout/return-route-full",
		Title:        "A message whose return route has 255 addresses is dropped: with the router's it would have 256.",
		Requirements: []string{"REC-010"},
		Run: around(func(r *ring) error {
			m, err := r.filled(2, wire.MaxAddresses)
			if err != nil {
				return err
			}
			return r.dropped(refused("REC-010", "a message whose return route has 255 addresses", m))
		}),
	}), hop(conformance.Case{
		ID:           "rout/longest-message",
		Title:        "A message that is as long as a transport carries is forwarded; one that the router's address makes longer is dropped.",
		Requirements: []string{"REC-010"},
		Run:          around(longestMessage),
	}), hopStreams(conformance.Case{
		ID:           "rout/too-long-for-datagram",
		Title:        "A message over TCP that is too long for a datagram is not forwarded over UDP.",
		Requirements: []string{"REC-010"},
		Run:          around(tooLongForDatagram),
	})}
}

// filled is a message to b with so many addresses in its routes, all behind b and a.
func (r *ring) filled(onward, back int) (adversary.Message, error) {
	m, err := r.message(r.a, r.b)
	for i := len(m.Onward); i < onward; i++ {
		m.Onward = append(m.Onward, behind(i))
	}
	for i := len(m.Return); i < back; i++ {
		m.Return = append(m.Return, behind(i))
	}
	return m, err
}

// behind is an address of a network for documentation.
func behind(i int) adversary.Address {
	return adversary.Address([]byte{byte(wire.TCP), byte(wire.IPv4), 192, 0, 2, byte(i), 0xa0, 0x0f})
}

func sevenEach(r *ring) error {
	m, err := r.filled(7, 7)
	if err != nil {
		return err
	}
	_, err = r.carry(r.a, r.b, m)
	if err := blameMissing("WIRE-008", "a message with seven addresses in either route", err); err != nil {
		return err
	}
	return r.rest("ROUT-005", "a message with seven addresses in either route")
}

// longest is the longest message that a transport carries to an end.
func longest(to *adversary.EndPoint) int {
	switch {
	case to.Kind() != wire.UDP:
		return wire.MaxMessage
	case wire.HostType(to.Own[1]) == wire.IPv6:
		return 65527
	}
	return 65507
}

func longestMessage(r *ring) error {
	m, err := r.message(r.a, r.b)
	if err != nil {
		return err
	}
	if err := r.a.Send(m); err != nil {
		return err
	}
	frame, err := r.b.Next(r.env.Patience())
	if err != nil {
		return r.missing(err)
	}
	growth := len(frame) - len(m.Bytes()) // the router's address may be longer or shorter than the one that it removes
	limit := longest(r.b)
	for _, size := range []int{limit - 1, limit} {
		if err := r.pad(&m, size-max(growth, 0)); err != nil {
			return err
		}
		if _, err := r.carry(r.a, r.b, m); err != nil {
			return blame("REC-010", fmt.Sprintf("a message of %d bytes forwarded", size), err)
		}
	}
	m.Return = nil // the source takes no other address's place
	if err := r.pad(&m, limit); err != nil {
		return err
	}
	if growth+len(r.a.Own) <= 0 {
		return nil
	}
	return r.dropped(wellFormed("REC-010", "a message that the router's address makes too long", m))
}

// pad makes the message so many bytes long.
func (r *ring) pad(m *adversary.Message, size int) (err error) {
	m.Body, err = r.random(size - len(m.Header()))
	return err
}

func tooLongForDatagram(r *ring) error {
	c, err := r.open(conformance.End{Transport: conformance.UDP})
	if err != nil {
		return err
	}
	if err := r.both(r.a, c); err != nil {
		return err
	}
	m, err := r.message(r.a, c)
	if err != nil {
		return err
	}
	if err := r.pad(&m, longest(c)+len(c.Own)); err != nil {
		return err
	}
	if err := r.dropped(wellFormed("REC-010", "a message that is too long for a datagram", m)); err != nil {
		return err
	}
	return r.rest("REC-010", "a message that is too long for a datagram", c)
}
