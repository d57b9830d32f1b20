package channel

import (
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A destination is for whom a message is by its onward route (ROUT-001).
type destination uint8

const (
	elsewhere  destination = iota // for another address
	toNode                        // no address is left
	toChannel                     // the channel's own address
	toListener                    // the address of the listener for which a responder stands
)

// destinationOf reads the onward route of a message that came over a link.
func (s *setup) destinationOf(link wire.Link, onward wire.Route) destination {
	if len(onward) > 0 && s.leads(link, onward[0]) {
		onward = onward[1:] // ROUT-002: it names the receiver; no second one is removed
	}
	zero := wire.Address{}
	switch {
	case len(onward) == 0:
		return toNode
	case s.Address != zero && onward[0].Equal(s.Address):
		return toChannel
	case s.Listener != zero && onward[0].Equal(s.Listener):
		return toListener
	}
	return elsewhere
}

// leads reports whether a receiver removes a first onward address.
func (s *setup) leads(link wire.Link, a wire.Address) bool {
	switch s.Profile.LeadingAddress {
	case profile.RemoveTransport:
		return a.IsTransport()
	case profile.RemoveBind:
		return a.Equal(link.Local)
	case profile.IgnoreLeading:
		return !a.Equal(s.Address) // whatever it is, unless it is what follows the leading one
	case profile.NoRoutes:
	}
	return false
}

// reaches reports whether a message that is no ping or pong reaches the channel (ROUT-001). m1 is for a listener, and the channel stands
// for it; what else is for the node belongs to the one channel of the connection that gave no local address.
func (s *setup) reaches(to destination, t wire.Type) bool {
	switch to {
	case toChannel:
		return true
	case toNode:
		return t == wire.M1 || s.Address == wire.Address{}
	case toListener:
		return t == wire.M1
	case elsewhere:
	}
	return false
}

// answerable refuses messages that come from where nothing is ever sent to, such as port 0 (WIRE-013): they cannot be answered, and nothing
// can follow by their route.
func answerable(link wire.Link, step Step) *Error {
	if link.IsZero() || link.Remote.Sendable() {
		return nil
	}
	return &Error{Step: step, Requirement: "WIRE-013", Err: ErrUnsendable}
}

// replyRoute is the return route of a message that came over a link, with the source in front (ROUT-003): in place of a first address of
// the transport's kind, whatever it says, else before it. Over an IO without addresses nothing is routed and it is empty (ROUT-004).
func (s *setup) replyRoute(link wire.Link, returned wire.Route) wire.Route {
	if !s.routed(link) {
		return nil
	}
	if len(returned) > 0 && returned[0].Type() == link.Remote.Type() {
		returned = returned[1:]
	}
	route := append(wire.Route{link.Remote}, returned...)
	for i, a := range route {
		route[i] = a.Canonical() // WIRE-013: whatever form the sender wrote, this is what encoders write
	}
	return route
}

// returnRoute is what this side writes as return route: its transport address (ROUT-004), and in handshake messages, last, its own
// local address (CHAN-010).
func (s *setup) returnRoute(link wire.Link, handshake bool) wire.Route {
	var r wire.Route
	if s.routed(link) {
		r = append(r, link.Local)
	}
	if handshake && s.Address != (wire.Address{}) {
		r = append(r, s.Address)
	}
	return r
}
