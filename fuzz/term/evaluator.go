package term

import (
	"errors"
	"fmt"
	"maps"

	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// What callers branch on. Every error of Eval, Send, and Open wraps one of them, or ErrInvalid.
var (
	// ErrKey says: a private key that is none, or a special point in a suite that has no such point.
	ErrKey = errors.New("term: no such key")
	// ErrSession: a session that has not been opened, or was opened twice.
	ErrSession = errors.New("term: no such session")
	// ErrAbsent: something that has not been received, sent, or computed, such as an m2 before an m1.
	ErrAbsent = errors.New("term: not there yet")
	// ErrPart: a message that has no such part.
	ErrPart = errors.New("term: no such part")
	// ErrTooLong: more bytes than MaxOutput, MaxWork, or a frame's 65,535.
	ErrTooLong = errors.New("term: too long")
)

// An EvalError is the error of Eval and Send: what is wrong, and where.
type EvalError struct {
	// Place is the way to the term that could not be evaluated: names, and numbers of arguments from 1 with terms, keys, and the parts of
	// lists counted alone: "frame/1 message/1 m3".
	Place string
	// Err wraps one of the errors above.
	Err error
}

// Error is the place and the fault in one line.
func (e *EvalError) Error() string { return fmt.Sprintf("%v, at %s", e.Err, e.Place) }

// Unwrap is Err.
func (e *EvalError) Unwrap() error { return e.Err }

// A Config makes an Evaluator. Crypto and Profile are required.
type Config struct {
	Crypto  Crypto
	Profile profile.Profile
	// Peer is the peer's role.
	Peer Role
	// Datagrams says that sessions are on datagrams: messages have no frames.
	Datagrams bool
	// Static is the kit's static private key, 32 bytes. Nil is one that Seed determines.
	Static []byte
	// Seed determines Ephemeral, Stranger, and Random.
	Seed [32]byte
	// Service and Application are the inner routes, onward and return, of Inner: empty unless the profile needs them.
	Service, Application wire.Route
}

// A Link is the surroundings of a session. In a profile without routes all of it is ignored.
type Link struct {
	// Own and Peer are the transport addresses of the two ends.
	Own, Peer wire.Address
	// Listener is the rest of the way to the peer's channel listener, Local the kit's own local address; both may be empty.
	Listener wire.Route
	Local    wire.Address
}

// An Evaluator turns terms into bytes. It knows what was sent and received, and the handshake and the counters of each session.
//
// A call that fails changes nothing.
type Evaluator struct {
	config   Config
	sessions map[uint64]*session
}

// New makes an Evaluator without sessions. It keeps copies of what cfg has. It fails with ErrInvalid if something is missing, with ErrKey if
// the static key is none.
func New(cfg Config) (*Evaluator, error) {
	if cfg.Crypto == nil || cfg.Profile.Suite.KeySize == 0 {
		return nil, fmt.Errorf("%w: an evaluator needs cryptography and a profile", ErrInvalid)
	}
	e := &Evaluator{config: cfg, sessions: map[uint64]*session{}}
	v := &evaluation{Evaluator: e}
	if cfg.Static == nil {
		e.config.Static = v.derived("static", 0)
	}
	e.config.Static = append([]byte(nil), e.config.Static...)
	if _, err := v.pairOf(e.config.Static); err != nil {
		return nil, err
	}
	return e, nil
}

// Open begins a session. It fails with ErrSession if there is one of that number, with ErrInvalid if an address cannot be written.
func (e *Evaluator) Open(number uint64, link Link) error {
	if _, there := e.sessions[number]; there || number > MaxSession {
		return fmt.Errorf("%w: %d cannot be opened", ErrSession, number)
	}
	s := &session{plain: map[int][]byte{}}
	if err := s.setRoutes(e.config.Profile, link); err != nil {
		return fmt.Errorf("%w: session %d: %w", ErrInvalid, number, err)
	}
	s.begin(e.startOf())
	e.sessions[number] = s
	return nil
}

// Eval returns the bytes of a term, which are the caller's: at most MaxOutput. M1, M2, M3, and Record in it change their sessions, in the
// order of the text. The error is an *EvalError.
func (e *Evaluator) Eval(t Term) ([]byte, error) {
	v := &evaluation{Evaluator: e, changed: map[uint64]*session{}, work: MaxWork}
	out, err := v.eval(t)
	if err != nil {
		return nil, err
	}
	maps.Copy(e.sessions, v.changed)
	return append([]byte(nil), out...), nil
}

// Send is Eval, and remembers that the session has sent it.
func (e *Evaluator) Send(number uint64, t Term) ([]byte, error) {
	if _, there := e.sessions[number]; !there {
		return nil, &EvalError{Place: "send", Err: fmt.Errorf("%w: %d", ErrSession, number)}
	}
	out, err := e.Eval(t)
	if err != nil {
		return nil, err
	}
	s := e.sessions[number]
	if len(s.sent) <= MaxMessage {
		s.sent = append(s.sent, append([]byte(nil), out...))
	}
	return out, nil
}

// An evaluation is one call to Eval. It works on copies of sessions.
type evaluation struct {
	*Evaluator
	changed map[uint64]*session
	work    int // bytes left
}

// session is a session to be read.
func (v *evaluation) session(number uint64) (*session, error) {
	if s, ok := v.changed[number]; ok {
		return s, nil
	}
	if s, ok := v.sessions[number]; ok {
		return s, nil
	}
	return nil, fmt.Errorf("%w: %d", ErrSession, number)
}

// change is a session to be changed.
func (v *evaluation) change(number uint64) (*session, error) {
	s, err := v.session(number)
	if err != nil {
		return nil, err
	}
	if v.changed[number] == nil {
		next := *s
		v.changed[number] = &next
	}
	return v.changed[number], nil
}

// placed makes an error of a node one with its place.
func placed(err error, name string) *EvalError {
	var e *EvalError
	if !errors.As(err, &e) {
		return &EvalError{Place: name, Err: err}
	}
	return &EvalError{Place: name + e.Place, Err: e.Err}
}

// argument says in which argument the place of an error is, counted from 1.
func argument(err error, i int) *EvalError {
	e := placed(err, "")
	return &EvalError{Place: fmt.Sprintf("/%d %s", i, e.Place), Err: e.Err}
}
