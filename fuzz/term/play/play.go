// Package play plays traces of fuzz/term against a peer: it opens links, sends what the terms say, and compares what comes with what the trace
// expects (sections 3 to 7 of the specification, as the trace has it). It judges nothing else: what a difference means is for whoever wrote the
// trace. The cryptography is that of conformance/adversary, so that the kit has it once.
//
// A run is for one goroutine, as the conformance.Env that it is given; it waits as that says, and starts no goroutine.
package play

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/fuzz/term"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A MismatchError is the error of Run when a peer does not do what the trace expects of it.
type MismatchError struct {
	Step    int    // counted from 1
	Session uint64 // of the step
	Want    term.Kind
	Got     term.Kind
	// Compared says that two terms were to be the same, or were not to be, and the other is the case.
	Compared bool
	// Payload says that a record came as it should, with other bytes inside.
	Payload bool
	// WantBytes and GotBytes are the numbers of bytes that were compared.
	WantBytes, GotBytes int
}

// Error is the difference in one line, without the peer's bytes.
func (m *MismatchError) Error() string {
	if m.Compared {
		return fmt.Sprintf("play: step %d: terms of %d and %d bytes are the same where they have to differ, or differ where they have to be the same",
			m.Step, m.WantBytes, m.GotBytes)
	}
	if m.Payload {
		return fmt.Sprintf("play: step %d, session %d: an echo of %d bytes was expected, other %d bytes came", m.Step, m.Session,
			m.WantBytes, m.GotBytes)
	}
	return fmt.Sprintf("play: step %d, session %d: %v was expected, %v came", m.Step, m.Session, m.Want, m.Got)
}

// An Observation is one thing that the kit has seen of the peer.
type Observation struct {
	Step    int // counted from 1
	Session uint64
	Kind    term.Kind // one of a message, IsQuiet, or IsEnd
	Size    int       // of a message, in bytes, without a frame's length
}

// Run plays a valid trace against the peer of env, in a new Evaluator whose seed is the next 32 bytes of env.Random. It returns what it has seen,
// also with an error: a *MismatchError if the peer differs from the trace, then nothing more was played; else what env, the link, or the evaluation
// of a term (a *term.EvalError) said. All links are closed. The trace has to be for the role that the peer of env has, and env for one channel.
func Run(ctx context.Context, env conformance.Env, t term.Trace) ([]Observation, error) {
	if err := term.Valid(t); err != nil {
		return nil, err
	}
	if role := roleOf(env.Role()); role != t.Peer || env.Depth() > 1 {
		return nil, fmt.Errorf("%w: the trace is for a peer that is %v, on the transport", term.ErrInvalid, t.Peer)
	}
	p, err := newPlayer(env)
	if err != nil {
		return nil, err
	}
	defer p.closeAll()
	for i, s := range t.Steps {
		p.number = i + 1
		p.say(s)
		if err := p.step(ctx, s); err != nil {
			return p.seen, err
		}
	}
	return p.seen, nil
}

// say puts a step into the transcript.
func (p *player) say(s term.Step) {
	const shown = 200
	text := term.FormatStep(s)
	if len(text) > shown {
		text = text[:shown] + "…"
	}
	p.env.Note(fmt.Sprintf("step %d: %s", p.number, text))
}

func roleOf(r conformance.Role) term.Role {
	if r == conformance.Initiator {
		return term.Initiator
	}
	return term.Responder
}

// A player is one run.
type player struct {
	env     conformance.Env
	eval    *term.Evaluator
	streams map[uint64]*stream
	number  int // of the step
	seen    []Observation
}

// A stream is the link of a session.
type stream struct {
	adversary.Stream
	handshake map[string]term.Kind // the peer's handshake messages, which it may repeat on datagrams
}

func newPlayer(env conformance.Env) (*player, error) {
	cfg := term.Config{
		Crypto:    NewCrypto(env.Profile().Suite),
		Profile:   env.Profile(),
		Peer:      roleOf(env.Role()),
		Datagrams: env.Transport() == conformance.UDP,
		Static:    env.StaticKey(),
	}
	if _, err := io.ReadFull(env.Random(), cfg.Seed[:]); err != nil {
		return nil, fmt.Errorf("play: random: %w", err)
	}
	if cfg.Profile.InnerOnwardNeeded {
		cfg.Service, cfg.Application = wire.Route{env.Service()}, wire.Route{wire.LocalAddress([]byte("kit"))}
	}
	eval, err := term.New(cfg)
	if err != nil {
		return nil, err
	}
	return &player{env: env, eval: eval, streams: map[uint64]*stream{}}, nil
}

func (p *player) closeAll() {
	for _, s := range p.streams {
		_ = s.Link.Close() // the run is over
	}
}

func (p *player) step(ctx context.Context, s term.Step) error {
	switch s := s.(type) {
	case *term.Open:
		return p.open(ctx, s.Session)
	case *term.Send:
		return p.send(s)
	case *term.Make:
		_, err := p.eval.Eval(s.Data)
		return p.trouble(err)
	case *term.Expect:
		return p.expect(s.Session, s.Kind)
	case *term.Echo:
		return p.echo(s)
	case *term.Wait:
		return p.settle(s.Session)
	case *term.Same:
		return p.compare(s.A, s.B, true)
	case *term.Differ:
		return p.compare(s.A, s.B, false)
	case *term.Close:
		return p.end(s.Session, conformance.Link.CloseWrite)
	case *term.Reset:
		return p.end(s.Session, conformance.Link.Reset)
	}
	return term.ErrInvalid
}

// trouble says in which step something went wrong that is not the peer's.
func (p *player) trouble(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("play: step %d: %w", p.number, err)
}

func (p *player) stream(session uint64) (*stream, error) {
	s, ok := p.streams[session]
	if !ok {
		return nil, p.trouble(fmt.Errorf("%w: %d", term.ErrSession, session))
	}
	return s, nil
}

func (p *player) open(ctx context.Context, session uint64) error {
	if _, there := p.streams[session]; there {
		return p.trouble(fmt.Errorf("%w: %d is open", term.ErrSession, session))
	}
	link, err := p.env.Open(ctx)
	if err != nil {
		return p.trouble(err)
	}
	packets := p.env.Transport() == conformance.UDP
	p.streams[session] = &stream{Stream: adversary.Stream{Link: link, Packets: packets}, handshake: map[string]term.Kind{}}
	at, err := p.surroundings(link)
	if err != nil {
		return p.trouble(err)
	}
	return p.trouble(p.eval.Open(session, at))
}

// surroundings are the addresses of a link, and the kit's local address where it has to give one (CHAN-010).
func (p *player) surroundings(link conformance.Link) (at term.Link, err error) {
	if at.Own, err = p.address(link.LocalAddress()); err != nil {
		return at, err
	}
	if at.Peer, err = p.address(link.RemoteAddress()); err != nil {
		return at, err
	}
	at.Listener = p.env.Route()
	listener := p.env.Profile().Listener
	if p.env.Transport() == conformance.UDP &&
		(listener == profile.ResponderOnly || listener == profile.NodeOrLocal && p.env.Role() == conformance.Initiator) {
		value := make([]byte, 4)
		if _, err := io.ReadFull(p.env.Random(), value); err != nil {
			return at, err
		}
		at.Local = wire.LocalAddress(value)
	}
	return at, nil
}

// address is "IP:port" as an address of the transport's kind.
func (p *player) address(socket string) (wire.Address, error) {
	ap, err := netip.ParseAddrPort(socket)
	if err != nil {
		return wire.Address{}, err
	}
	ip := ap.Addr().Unmap()
	switch udp := p.env.Transport() == conformance.UDP; {
	case udp && ip.Is4():
		return wire.UDPAddress4(ip.As4(), ap.Port()), nil
	case udp:
		return wire.UDPAddress6(ip.As16(), ap.Port()), nil
	case ip.Is4():
		return wire.TCPAddress4(ip.As4(), ap.Port()), nil
	default:
		return wire.TCPAddress6(ip.As16(), ap.Port()), nil
	}
}

func (p *player) send(s *term.Send) error {
	stream, err := p.stream(s.Session)
	if err != nil {
		return err
	}
	out, err := p.eval.Send(s.Session, s.Data)
	if err != nil {
		return p.trouble(err)
	}
	return p.trouble(stream.SendRaw(out))
}

func (p *player) end(session uint64, how func(conformance.Link) error) error {
	s, err := p.stream(session)
	if err != nil {
		return err
	}
	return p.trouble(how(s.Link))
}

// next is what comes next on a session. A repeat of a handshake message on datagrams (TRAN-014) is passed over, unless it is wanted.
func (p *player) next(session uint64, want term.Kind, wait time.Duration) (term.Heard, error) {
	s, err := p.stream(session)
	if err != nil {
		return term.Heard{}, err
	}
	for range maxRepeats {
		message, err := s.ReceiveFrame(wait)
		switch {
		case errors.Is(err, conformance.ErrQuiet):
			return p.note(session, term.Heard{Kind: term.IsQuiet}, 0), nil
		case adversary.Absent(err):
			return p.note(session, term.Heard{Kind: term.IsEnd}, 0), nil
		case err != nil:
			return term.Heard{}, p.trouble(err)
		}
		first, repeated := s.handshake[string(message)]
		if repeated && s.Packets && first != want {
			continue
		}
		heard, err := p.eval.Take(session, message)
		if err != nil {
			return heard, p.trouble(err)
		}
		if repeated && s.Packets {
			heard.Kind = first
		}
		if heard.Kind <= term.IsM3 {
			s.handshake[string(message)] = heard.Kind
		}
		return p.note(session, heard, len(message)), nil
	}
	return p.note(session, term.Heard{Kind: term.IsJunk}, 0), nil
}

// maxRepeats is how many repeats are passed over while something else is waited for: then they count as junk.
const maxRepeats = 64

func (p *player) note(session uint64, heard term.Heard, size int) term.Heard {
	p.seen = append(p.seen, Observation{Step: p.number, Session: session, Kind: heard.Kind, Size: size})
	return heard
}

// patience is how long a step waits: for silence as long as env says, for a message too, for the end of a link until a handshake's deadline has
// passed (NOISE-013).
func (p *player) patience(kind term.Kind) time.Duration {
	switch kind {
	case term.IsQuiet, term.IsRejected, term.IsAnything, term.NoKind:
		return p.env.Quiet()
	case term.IsEnd:
		const longest = 30 * time.Second // NOISE-013
		deadline := p.env.HandshakeDeadline()
		if deadline == 0 {
			deadline = longest
		}
		return deadline + p.env.Patience()
	default:
		return p.env.Patience()
	}
}

func (p *player) expect(session uint64, want term.Kind) error {
	heard, err := p.next(session, want, p.patience(want))
	if err != nil {
		return err
	}
	if !want.Includes(heard.Kind) {
		return &MismatchError{Step: p.number, Session: session, Want: want, Got: heard.Kind}
	}
	return nil
}

func (p *player) echo(s *term.Echo) error {
	want, err := p.eval.Eval(s.Payload)
	if err != nil {
		return p.trouble(err)
	}
	heard, err := p.next(s.Session, term.IsRecord, p.patience(term.IsRecord))
	switch {
	case err != nil:
		return err
	case heard.Kind != term.IsRecord:
		return &MismatchError{Step: p.number, Session: s.Session, Want: term.IsRecord, Got: heard.Kind}
	case string(heard.Payload) != string(want):
		return &MismatchError{
			Step: p.number, Session: s.Session, Want: term.IsRecord, Got: term.IsRecord, Payload: true, WantBytes: len(want),
			GotBytes: len(heard.Payload),
		}
	}
	return nil
}

// compare evaluates two terms.
func (p *player) compare(a, b term.Term, same bool) error {
	x, err := p.eval.Eval(a)
	if err != nil {
		return p.trouble(err)
	}
	y, err := p.eval.Eval(b)
	if err != nil {
		return p.trouble(err)
	}
	if (string(x) == string(y)) != same {
		return &MismatchError{Step: p.number, Compared: true, WantBytes: len(x), GotBytes: len(y)}
	}
	return nil
}

// maxSettled is how many messages Wait takes at most: a peer that never falls silent does not hold it for ever.
const maxSettled = 256

func (p *player) settle(session uint64) error {
	for range maxSettled {
		heard, err := p.next(session, term.IsAnything, p.env.Quiet())
		if err != nil || heard.Kind == term.IsQuiet || heard.Kind == term.IsEnd {
			return err
		}
	}
	return nil
}
