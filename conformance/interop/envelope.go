package interop

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A kind is what a message is.
type kind int

const (
	control kind = iota // a ping or a pong, for the node (CHAN-014)
	m1
	m2
	m3
	record
)

func (k kind) String() string {
	switch k {
	case control:
		return "ping or pong"
	case m1:
		return "m1"
	case m2:
		return "m2"
	case m3:
		return "m3"
	case record:
		return "record"
	}
	return "invalid kind"
}

// A message is what the relay makes of a frame or datagram.
type message struct {
	kind         kind
	body         []byte // Noise message or ciphertext
	onward, back adversary.Route
	bare         bool // without an envelope
}

// A known message is one that a side has sent before.
type known struct {
	kind kind
	body []byte
}

// parse reads a message as strictly as encoders are bound. next is what the side may send next in the handshake, and before what it has sent:
// where no type byte tells, they do.
func parse(p profile.Profile, b []byte, next kind, before []known) (message, *adversary.MalformedError) {
	m, err := enveloped(p, b)
	repeated := slices.IndexFunc(before, func(k known) bool { return bytes.Equal(k.body, m.body) })
	switch {
	case next == record && !p.TransportHeader && repeated < 0: // whatever it looks like
		m, err = message{kind: record, body: bytes.Clone(b), bare: true}, nil
	case err != nil || m.kind == control || p.HandshakeTypeByte:
	case repeated >= 0:
		m.kind = before[repeated].kind
	default:
		m.kind = next
	}
	return m, err
}

// enveloped reads a message with its envelope.
func enveloped(p profile.Profile, b []byte) (message, *adversary.MalformedError) {
	read := adversary.ParseMessage
	if !p.HandshakeTypeByte {
		read = adversary.ParseUntagged
	}
	w, err := read(b)
	if err != nil {
		malformed, ok := err.(*adversary.MalformedError) //nolint:errorlint // it says so
		if !ok {
			malformed = &adversary.MalformedError{Requirement: "WIRE-005", Words: "a message that does not parse"}
		}
		return message{}, malformed
	}
	m := message{body: w.Body, onward: w.Onward, back: w.Return}
	switch w.Type {
	case wire.Ping, wire.Pong:
		m.kind = control
	case wire.M1:
		m.kind = m1
	case wire.M2:
		m.kind = m2
	case wire.M3:
		m.kind = m3
	default:
		m.kind = record
	}
	if !p.Routes && len(w.Onward)+len(w.Return) > 0 {
		return m, &adversary.MalformedError{
			Requirement: "CHAN-001", Words: fmt.Sprintf("routes of %d and %d addresses, where the profile has none", len(w.Onward), len(w.Return)),
		}
	}
	return m, nil
}

// checkSize checks the length of a message's body.
func checkSize(p profile.Profile, m message) (requirement, expected, actual string) {
	switch m.kind {
	case m1, m2, m3:
		if want := p.Suite.MessageSizes()[m.kind-m1]; len(m.body) != want {
			return "NOISE-002", fmt.Sprintf("%s of %d bytes", m.kind, want), fmt.Sprintf("%d bytes", len(m.body))
		}
	case record:
		header := 4 // of the inner message
		if !p.InnerTypeByte {
			header--
		}
		if len(m.body) < header+adversary.TagSize {
			return "REC-006", "a record with room for an inner header and a tag", fmt.Sprintf("%d bytes", len(m.body))
		}
	case control:
	}
	return "", "", ""
}

// An end is what the relay knows of the addresses between it and one side.
type end struct {
	kind wire.AddressType
	own  adversary.Address // the relay's, where the side sends to
	peer adversary.Address // the side's
}

// newEnd is the end of a link; it knows no addresses where they are not IP:port.
func newEnd(link conformance.Link, transport conformance.Transport) end {
	e := end{kind: wire.TCP}
	if transport == conformance.UDP {
		e.kind = wire.UDP
	}
	e.own, _ = adversary.TransportAddress(e.kind, link.LocalAddress())
	e.peer, _ = adversary.TransportAddress(e.kind, link.RemoteAddress())
	if at, err := netip.ParseAddrPort(link.LocalAddress()); err != nil || !at.Addr().Unmap().Is4() {
		e.own = "" // profiles spell IPv6 differently
	}
	return e
}

// checkOnward tells whether a message has the onward route that leads along what was learnt (ROUT-004, ROUT-008): the relay itself, in place of
// the first address that the other side wrote of itself (ROUT-003), and what stands behind it. Where nothing stands behind, an empty route is
// good too.
func (e end) checkOnward(m message, learnt adversary.Route) (requirement, expected, actual string) {
	if len(learnt) > 0 && learnt[0].Type() == e.kind {
		learnt = learnt[1:]
	}
	if len(m.onward) == 0 && len(learnt) == 0 || e.own == "" {
		return "", "", ""
	}
	if len(m.onward) == 0 || m.onward[0] != e.own {
		return "ROUT-004", "an onward route that begins with where the message is sent", inHex(m.onward)
	}
	if !sameRoute(m.onward[1:], learnt) {
		return "ROUT-008", "the return route that was learnt, " + inHex(learnt) + ", behind the first address", inHex(m.onward[1:])
	}
	return "", "", ""
}

func sameRoute(a, b adversary.Route) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// inHex writes a route in hex.
func inHex(r adversary.Route) string {
	if len(r) == 0 {
		return "no address"
	}
	s := ""
	for i, a := range r {
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("%x", string(a))
	}
	return s
}
