package cases

import (
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// WIRE-015: "A node that forwards or answers writes addresses that it received in the form of WIRE-013; an address that has no such form
// drops the message. A name whose last label is digits, or 0x and hex digits, counts as an IP literal."
func hopsForms() []conformance.Case {
	return []conformance.Case{hop(conformance.Case{
		ID:           "wire/hop-canonical",
		Title:        "Addresses in other spellings leave the router in the one that encoders write.",
		Requirements: []string{"WIRE-015"},
		Run:          around(hopCanonical),
	}), hop(conformance.Case{
		ID:           "wire/hop-canonical-next",
		Title:        "A next hop written as IPv4-mapped IPv6 is the same next hop.",
		Requirements: []string{"WIRE-015", "WIRE-013"},
		Run:          around(hopCanonicalNext),
	}), hop(conformance.Case{
		ID:           "wire/hop-no-form",
		Title:        "A message with a name that no encoder may write is not forwarded.",
		Requirements: []string{"WIRE-015"},
		Run:          around(hopNoForm),
	}), hop(conformance.Case{
		ID:           "wire/hop-literal-name",
		Title:        "A name that is an IP address leaves the router as a numeric address, or the message is dropped.",
		Requirements: []string{"WIRE-015"},
		Run:          around(hopLiteralName),
	})}
}

// A spelling is an address in a form that receivers take, and the one in which it has to leave.
type spelling struct{ received, written adversary.Address }

func spellings() []spelling {
	return []spelling{
		{"\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xc0\x00\x02\x07\x34\x12", "\x01\x00\xc0\x00\x02\x07\x34\x12"},
		{"\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xc0\x00\x02\x07\x34\x12", "\x02\x00\xc0\x00\x02\x07\x34\x12"},
		{"\x01\x02\x0eNobody.INVALID\x34\x12", "\x01\x02\x0enobody.invalid\x34\x12"},
		{"\x02\x02\x0fnobody.invalid.\x34\x12", "\x02\x02\x0enobody.invalid\x34\x12"},
		{"\x01\x02\x0fNOBODY.invalid.\x34\x12", "\x01\x02\x0enobody.invalid\x34\x12"},
	}
}

func hopCanonical(r *ring) error {
	for _, s := range spellings() {
		m, err := r.message(r.a, r.b, s.received)
		if err != nil {
			return err
		}
		m.Return = append(m.Return, s.received, adversary.LocalAddress("end"))
		if err := r.carrySpelt(m, s); err != nil {
			return err
		}
	}
	return nil
}

// carrySpelt sends m to b, and requires it there with what s says in place of what was received.
func (r *ring) carrySpelt(m adversary.Message, s spelling) error {
	if err := r.a.Send(m); err != nil {
		return err
	}
	frame, err := r.b.Next(r.env.Patience())
	if err != nil {
		return blameMissing("WIRE-015", "a message with an address in another spelling, forwarded", r.missing(err))
	}
	return r.spelt(m, s, frame)
}

// spelt compares what arrived of m.
func (r *ring) spelt(m adversary.Message, s spelling, frame []byte) error {
	want := hopped(r.a, m)
	for _, route := range []*adversary.Route{&want.Onward, &want.Return} {
		*route = slices.Clone(*route)
		for i, a := range *route {
			if a == s.received {
				(*route)[i] = s.written
			}
		}
	}
	if _, err := forwarded(r.b, m, want, frame); err != nil {
		return blame("WIRE-015", "addresses in the form that encoders write", err)
	}
	return nil
}

func hopCanonicalNext(r *ring) error {
	s := spelling{mapped(r.b.Own), r.b.Own}
	m, err := r.message(r.a, r.b)
	if err != nil {
		return err
	}
	m.Onward[1] = s.received
	return r.carrySpelt(m, s)
}

// dnsName is an address with a name.
func dnsName(name string) adversary.Address {
	return adversary.Address([]byte{byte(wire.TCP), byte(wire.DNS), byte(len(name))}) + adversary.Address(name) + "\x34\x12"
}

func hopNoForm(r *ring) error {
	var all []drop
	for _, name := range unwritable() {
		for _, onward := range []bool{true, false} {
			m, err := r.message(r.a, r.b)
			if err != nil {
				return err
			}
			if onward {
				m.Onward = append(m.Onward, dnsName(name))
			} else {
				m.Return = append(m.Return, dnsName(name))
			}
			all = append(all, wellFormed("WIRE-015", "a message with a name that no encoder may write", m))
		}
	}
	return r.dropped(all...)
}

// hopLiteralName leaves open whether such a name has a form: it means an address that has one. A genuine message behind it shows that
// it was dropped.
func hopLiteralName(r *ring) error {
	s := spelling{dnsName("192.0.2.7"), "\x01\x00\xc0\x00\x02\x07\x34\x12"}
	m, err := r.message(r.a, r.b, s.received)
	if err != nil {
		return err
	}
	genuine, err := r.message(r.a, r.b)
	if err != nil {
		return err
	}
	for _, sent := range []adversary.Message{m, genuine} {
		if err := r.a.Send(sent); err != nil {
			return err
		}
	}
	frame, err := r.b.Next(r.env.Patience())
	switch {
	case err != nil:
		return blameMissing("WIRE-015", "after a name that is an IP address messages that pass as before", r.missing(err))
	case carries(frame, genuine):
		return r.rest("WIRE-015", "a message that was dropped")
	}
	if err := r.spelt(m, s, frame); err != nil {
		return err
	}
	_, err = r.arrives(r.a, r.b, genuine)
	return err
}
