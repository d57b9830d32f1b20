package channel

// A State is a state of the machine of section 6.
type State uint8

// The states. Closed and Failed are terminal (CHAN-004). A responder waits for m1 in Start.
const (
	Start State = iota
	SentM1
	SentM2
	Open
	Closed
	Failed
)

// String returns the state's name in the specification.
func (s State) String() string {
	switch s {
	case Start:
		return "start"
	case SentM1:
		return "sent m1"
	case SentM2:
		return "sent m2"
	case Open:
		return "open"
	case Closed:
		return "closed"
	case Failed:
		return "failed"
	}
	return "invalid state"
}
