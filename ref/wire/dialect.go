package wire

// A Dialect tells how one kind of message is encoded, as data. The zero Dialect is version 1. A profile has three, which may
// differ: for handshake messages, for transport messages, and for the inner message (profile.Profile gives them as
// Envelopes, which convert: wire.Dialect(p.InnerEnvelope())).
type Dialect struct {
	// Bare: there is no header, the message is its body (transport messages of c09). Such messages are Untyped.
	Bare bool
	// Untagged: only ping and pong have a type byte, every other message is Untyped (e09). Bodies that a receiver would take
	// for a type byte do not travel: those that begin with 03, 04, or 05, and those that are 00 or 01.
	Untagged bool
	// IPv6LittleEndian: IPv6 addresses are eight little-endian 16-bit groups (e09).
	IPv6LittleEndian bool
	// MaxOnward and MaxReturn limit the addresses of the two routes, in both directions. 0 means MaxAddresses; NoAddresses
	// means that the count has to be 0.
	MaxOnward, MaxReturn int
}

// NoAddresses as a limit of a Dialect allows only empty routes.
const NoAddresses = -1

// limit is the greatest count that a limit of a Dialect allows.
func limit(max int) int {
	switch {
	case max < 0:
		return 0
	case max == 0 || max > MaxAddresses:
		return MaxAddresses
	}
	return max
}
