package term

// A Trace is what one adversary does, step by step, with a peer in one role. Whoever uses it alone may change it; it is not safe for
// concurrent use while somebody does. The zero Trace has a responder as its peer, and does nothing.
type Trace struct {
	Peer  Role
	Steps []Step // at most MaxSteps
}

// A Role is that of the peer; the kit plays the other one.
type Role uint8

// Roles.
const (
	Responder Role = iota
	Initiator
)

func roleWords() []string { return []string{"responder", "initiator"} }

// String is the role's word in the text.
func (r Role) String() string { return wordOf(uint8(r), roleWords()) }

// Open begins a session: a link of its own to the peer. A session is opened once, before any other step names it. Text: open SESSION.
type Open struct {
	stepNode
	Session uint64
}

// Send evaluates a term and writes its bytes to a session's link, in one write or datagram, whichever session the term is of. Text: send
// SESSION TERM.
type Send struct {
	stepNode
	Session uint64
	Data    Term
}

// Make evaluates a term for what it does to its sessions, and sends nothing: afterwards the values of Chain are there. Text: make TERM.
type Make struct {
	stepNode
	Data Term
}

// Expect waits for something of a kind on a session. Text: expect SESSION KIND.
type Expect struct {
	stepNode
	Session uint64
	Kind    Kind
}

// Echo waits for a record that verifies under the next counter, and whose payload is these bytes. Text: echo SESSION TERM.
type Echo struct {
	stepNode
	Session uint64
	Payload Term
}

// Wait takes what comes on a session until nothing more does. It expects nothing. Text: wait SESSION.
type Wait struct {
	stepNode
	Session uint64
}

// Close ends the sending on a session's link, orderly. Text: close SESSION.
type Close struct {
	stepNode
	Session uint64
}

// Reset ends a session's link abruptly. Text: reset SESSION.
type Reset struct {
	stepNode
	Session uint64
}

// Same expects that two terms are the same bytes: of a route that the peer has learnt, of a message that it has repeated. Text: same TERM TERM.
type Same struct {
	stepNode
	A, B Term
}

// Differ expects that two terms are not the same bytes: of two ephemeral keys. Text: differ TERM TERM.
type Differ struct {
	stepNode
	A, B Term
}

// A Kind is what a peer does, seen from the kit. The first ten are the kinds of one message or of its absence; the others stand for
// several.
type Kind uint8

// Kinds.
const (
	NoKind     Kind = iota // nothing has been heard yet; nothing is ever of this kind
	IsM1                   // an m1
	IsM2                   // an m2 that verifies
	IsM3                   // an m3 that verifies
	IsRecord               // a record that verifies, well-formed
	IsPing                 //
	IsPong                 //
	IsJunk                 // any other message
	IsQuiet                // no message, and the link is as it was
	IsEnd                  // the peer has ended the link, orderly or not
	IsMessage              // any message
	IsRejected             // quiet or end
	IsAnything             // any of the above
)

func kindWords() []string {
	return []string{
		"none", "m1", "m2", "m3", "record", "ping", "pong", "junk", "quiet", "end", "message", "rejected", "anything",
	}
}

// String is the kind's word in the text.
func (k Kind) String() string { return wordOf(uint8(k), kindWords()) }

// Includes tells whether what has been seen is of this kind.
func (k Kind) Includes(seen Kind) bool {
	switch k {
	case NoKind:
		return false
	case IsMessage:
		return seen >= IsM1 && seen <= IsJunk
	case IsRejected:
		return seen == IsQuiet || seen == IsEnd
	case IsAnything:
		return true
	default:
		return k == seen
	}
}

func (*Open) symbol() string   { return "open" }
func (*Send) symbol() string   { return "send" }
func (*Make) symbol() string   { return "make" }
func (*Expect) symbol() string { return "expect" }
func (*Echo) symbol() string   { return "echo" }
func (*Wait) symbol() string   { return "wait" }
func (*Close) symbol() string  { return "close" }
func (*Reset) symbol() string  { return "reset" }
func (*Same) symbol() string   { return "same" }
func (*Differ) symbol() string { return "differ" }

func (s *Open) fields(v visitor) { v.number(&s.Session, MaxSession) }

func (s *Send) fields(v visitor) {
	v.number(&s.Session, MaxSession)
	v.term(&s.Data)
}

func (s *Make) fields(v visitor) { v.term(&s.Data) }

func (s *Expect) fields(v visitor) {
	v.number(&s.Session, MaxSession)
	v.word((*uint8)(&s.Kind), kindWords())
}

func (s *Echo) fields(v visitor) {
	v.number(&s.Session, MaxSession)
	v.term(&s.Payload)
}

func (s *Wait) fields(v visitor)  { v.number(&s.Session, MaxSession) }
func (s *Close) fields(v visitor) { v.number(&s.Session, MaxSession) }
func (s *Reset) fields(v visitor) { v.number(&s.Session, MaxSession) }

func (s *Same) fields(v visitor) {
	v.term(&s.A)
	v.term(&s.B)
}

func (s *Differ) fields(v visitor) {
	v.term(&s.A)
	v.term(&s.B)
}
