package channel

import (
	"slices"

	"ockamtest/ref/wire"
)

// A setup is a Config with its defaults filled in and the dialects of its profile.
type setup struct {
	Config
	handshake, transport, inner wire.Dialect
	sendLimit, receiveLimit     int // bytes of a wire message (REC-010)
}

// newSetup keeps no slice of the caller's.
func newSetup(cfg Config) *setup {
	s := &setup{
		Config:    cfg,
		handshake: wire.Dialect(cfg.Profile.HandshakeEnvelope()),
		transport: wire.Dialect(cfg.Profile.TransportEnvelope()),
		inner:     wire.Dialect(cfg.Profile.InnerEnvelope()),
	}
	s.receiveLimit = orLess(wire.MaxMessage, cfg.Profile.MessageLimit)
	s.sendLimit = orLess(s.receiveLimit, cfg.MessageLimit)
	if s.Deadline == 0 {
		s.Deadline = DefaultDeadline
	}
	if !s.Profile.Routes {
		s.Local, s.Remote = wire.Address{}, wire.Address{}
	}
	if s.Route = slices.Clone(s.Route); len(s.Route) == 0 && s.routed() {
		s.Route = wire.Route{s.Remote}
	}
	return s
}

// orLess is limit, or less if there is a lower one.
func orLess(limit, lower int) int {
	if lower > 0 {
		return min(limit, lower)
	}
	return limit
}

// routed reports whether outer routes are written (ROUT-004).
func (s *setup) routed() bool { return s.Remote != wire.Address{} }

// forbidden reports whether a body cannot travel without a type byte (section 11).
func (s *setup) forbidden(typeByte bool, body []byte) bool {
	return !typeByte && len(body) > 0 && slices.Contains(s.Profile.ForbiddenBodies, body[0])
}

// untyped is t where messages have a type byte, else wire.Untyped.
func untyped(t wire.Type, typeByte bool) wire.Type {
	if typeByte {
		return t
	}
	return wire.Untyped
}
