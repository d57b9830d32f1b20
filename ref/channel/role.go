package channel

// A Role is the part that a channel plays.
type Role uint8

// The zero Role is Initiator.
const (
	Initiator Role = iota
	Responder
)

// String returns "initiator" or "responder".
func (r Role) String() string {
	switch r {
	case Initiator:
		return "initiator"
	case Responder:
		return "responder"
	}
	return "invalid role"
}
