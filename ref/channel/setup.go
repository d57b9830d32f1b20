package channel

import (
	"slices"

	"ockamtest/ref/wire"
)

// A setup is a Config with its defaults filled in.
type setup struct {
	Config
	sendLimit, receiveLimit int  // bytes of a wire message (REC-010)
	stream                  bool // unless the peer's route shows otherwise (CHAN-011)
}

// newSetup keeps no slice of the caller's.
func newSetup(cfg Config) *setup {
	s := &setup{Config: cfg}
	s.receiveLimit = orLess(wire.MaxMessage, cfg.Profile.MessageLimit)
	s.sendLimit = orLess(s.receiveLimit, cfg.MessageLimit)
	if s.Deadline == 0 {
		s.Deadline = DefaultDeadline
	}
	if s.RepeatAfter == 0 {
		s.RepeatAfter = DefaultRepeatAfter
	}
	if s.Window == 0 {
		s.Window = DefaultWindow
	}
	s.stream = s.Stream && s.Address == wire.Address{} && len(s.Route) < 2
	if s.Route = slices.Clone(s.Route); len(s.Route) == 0 && s.routed(s.link()) {
		s.Route = wire.Route{s.Remote}
	}
	return s
}

// handshake, transport, and inner are the dialects of the profile: of handshake messages, pings, and pongs; of the outer and of the inner
// messages of the open channel.
func (s *setup) handshake() wire.Dialect { return wire.Dialect(s.Profile.HandshakeEnvelope()) }
func (s *setup) transport() wire.Dialect { return wire.Dialect(s.Profile.TransportEnvelope()) }
func (s *setup) inner() wire.Dialect     { return wire.Dialect(s.Profile.InnerEnvelope()) }

// link is the Config's.
func (s *setup) link() wire.Link { return wire.Link{Local: s.Local, Remote: s.Remote} }

// orLess is limit, or less if there is a lower one.
func orLess(limit, lower int) int {
	if lower > 0 {
		return min(limit, lower)
	}
	return limit
}

// limitOver is the longest wire message in bytes that is sent over a link (REC-010).
func (s *setup) limitOver(link wire.Link) int { return min(s.sendLimit, link.Remote.MaxMessage()) }

// routed reports whether outer routes are written over a link (ROUT-004).
func (s *setup) routed(link wire.Link) bool { return s.Profile.Routes && !link.IsZero() }

// forbidden reports whether a body cannot travel, for the profile has no type byte before it (section 11).
func (s *setup) forbidden(body []byte) bool {
	return len(body) > 0 && slices.Contains(s.Profile.ForbiddenBodies, body[0])
}

// untyped is what a message of type t is when it has been parsed: t where messages have a type byte, else wire.Untyped.
func untyped(t wire.Type, typeByte bool) wire.Type {
	if typeByte {
		return t
	}
	return wire.Untyped
}
