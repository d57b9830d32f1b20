package play

import (
	"errors"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/fuzz/term"
)

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
