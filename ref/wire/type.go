package wire

import "strconv"

// A Type is the message type byte (specification section 4).
type Type uint8

// The message types of version 1.
const (
	Ping    Type = 0
	Pong    Type = 1
	Payload Type = 2
	M1      Type = 3 // request channel
	M2      Type = 4 // key agreement m2
	M3      Type = 5 // key agreement m3
)

// Untyped is the type of a message that has no type byte, in the dialects that know such: what it is follows from the state of
// the channel that receives it. It is never on the wire.
const Untyped Type = 0xff

// String names the type as the specification does.
func (t Type) String() string {
	switch t {
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	case Payload:
		return "payload"
	case M1:
		return "m1"
	case M2:
		return "m2"
	case M3:
		return "m3"
	case Untyped:
		return "untyped"
	}
	return "type " + strconv.Itoa(int(t))
}
