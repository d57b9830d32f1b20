package channel

import (
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// addressed tells for whom a message is by its onward route: for the channel by its own address, for the node of the connection, or
// for neither (ROUT-001).
func (s *setup) addressed(onward wire.Route) (channel, node bool) {
	if len(onward) > 0 && s.leads(onward[0]) {
		onward = onward[1:] // ROUT-002: it names the receiver; no second one is removed
	}
	switch {
	case len(onward) == 0:
		return false, true
	case s.Address != wire.Address{} && onward[0].Equal(s.Address):
		return true, false
	}
	return false, false
}

// leads reports whether a receiver removes a first onward address.
func (s *setup) leads(a wire.Address) bool {
	switch s.Profile.LeadingAddress {
	case profile.RemoveTransport:
		return a.IsTransport()
	case profile.RemoveBind:
		return a.Equal(s.Local)
	case profile.IgnoreLeading:
		return true
	case profile.NoRoutes:
	}
	return false
}

// replyRoute is the return route of a received message with the source in front (ROUT-003): in place of a first address of the
// transport's kind, whatever it says, else before it. Over an IO without addresses nothing is routed and it is empty (ROUT-004).
func (s *setup) replyRoute(returned wire.Route) wire.Route {
	if !s.routed() {
		return nil
	}
	if len(returned) > 0 && returned[0].IsTransport() && returned[0].Type() == s.Remote.Type() {
		returned = returned[1:]
	}
	route := append(wire.Route{s.Remote}, returned...)
	for i, a := range route {
		route[i] = a.Canonical() // WIRE-013: whatever form the sender wrote, this is what encoders write
	}
	return route
}

// returnRoute is what this side writes as return route: its transport address (ROUT-004), and in handshake messages, last, its own
// local address (CHAN-010).
func (s *setup) returnRoute(handshake bool) wire.Route {
	var r wire.Route
	if s.routed() {
		r = append(r, s.Local)
	}
	if handshake && s.Address != (wire.Address{}) {
		r = append(r, s.Address)
	}
	return r
}
